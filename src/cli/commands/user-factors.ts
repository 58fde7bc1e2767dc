import { resetFactors } from '../../credentials/factors/reset.ts'
import { resetDesk } from '../../sign-in-rooms.ts'
import { argument, type Call, type Command } from '../command.ts'
import { say } from '../terminal.ts'
import { findAccount } from './find-account.ts'

/** Whoever has lost phone, passkeys and recovery codes. */
export const userFactorCommands: readonly Command[] = [
  {
    name: 'user reset-factors',
    args: ['email'],
    doc: 'take authenticator app, passkeys and recovery codes away, and end all sessions',
    run: reset,
  },
]

async function reset(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const { id, email } = await findAccount(rooms, argument(call, 'email'))
  const isDone = await resetFactors(resetDesk(rooms), id, { actor: 'operator' }, 'command_line')
  say(call.terminal, isDone ? `reset the second factors of ${email}; sessions ended` : `${email} has no second factor`)
}
