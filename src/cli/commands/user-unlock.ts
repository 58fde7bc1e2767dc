import { unlockAccount } from '../../credentials/throttle/unlock.ts'
import { argument, type Call, type Command } from '../command.ts'
import { say } from '../terminal.ts'
import { findAccount } from './find-account.ts'

/** Whoever has to wait after failed sign-ins. */
export const userUnlockCommands: readonly Command[] = [
  {
    name: 'user unlock',
    args: ['email'],
    doc: 'forget the failed sign-ins of an account, so that it need not wait any more',
    run: unlock,
  },
]

async function unlock(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const { id, email } = await findAccount(rooms, argument(call, 'email'))
  const desk = { guard: rooms.guard, auditStatement: rooms.audit.statement }
  const isUnlocked = await unlockAccount(desk, { id, email }, { actor: 'operator' }, 'command_line')
  say(call.terminal, isUnlocked ? `unlocked ${email}` : `${email}: no failed sign-ins are counted`)
}
