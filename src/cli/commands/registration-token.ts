import { makeToken, revokeToken, stateOfToken } from '../../clients/initial-access-tokens/initial-access-token.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { UsageFault } from '../faults.ts'
import { list, say, shortTime, writeJson } from '../terminal.ts'

const operator = { actor: 'operator' } as const
const mostTokens = 10_000

/** Tokens with which clients may register while SALLYPORT_REGISTRATION is token. */
export const registrationTokenCommands: readonly Command[] = [
  {
    name: 'registration-token add',
    args: ['note'],
    doc: 'make a token with which clients may register; it is shown once',
    options: [
      { flags: '--uses <number>', doc: 'how many clients; 1 when absent' },
      { flags: '--unlimited', doc: 'as many clients as one likes' },
      { flags: '--days <days>', doc: 'until it ends; 7 when absent' },
      jsonOption,
    ],
    example: 'sallyport registration-token add "Build machines" --uses 20 --days 30',
    run: add,
  },
  {
    name: 'registration-token list',
    doc: 'list the tokens, newest first',
    options: [jsonOption],
    run: listTokens,
  },
  {
    name: 'registration-token revoke',
    args: ['id'],
    doc: 'let nobody register with it any more; clients that did stay',
    async run(call) {
      const id = argument(call, 'id')
      await revokeToken(deskOf(await call.rooms()), id, operator)
      say(call.terminal, `revoked ${id}`)
      return undefined
    },
  },
]

async function add(call: Call): Promise<undefined> {
  const { options, terminal } = call
  const uses = options.wholeNumber('uses')
  if (uses !== undefined && options.flag('unlimited')) {
    throw new UsageFault('--uses and --unlimited exclude each other', 'leave one of them out')
  }
  const draft = {
    note: argument(call, 'note'),
    uses: options.flag('unlimited') ? null : (uses ?? 1),
    days: options.wholeNumber('days') ?? 7,
  }
  const { row, token } = await makeToken(deskOf(await call.rooms()), draft, operator)
  if (options.flag('json')) return writeJson(terminal, { ...row, token })
  say(terminal, token)
  terminal.stderr.write(`it is shown this once, and good until ${shortTime(row.expiresAt)}; its id is ${row.id}\n`)
}

async function listTokens(call: Call): Promise<undefined> {
  const { clock, initialAccessTokens } = await call.rooms()
  const now = clock.now()
  const rows = (await initialAccessTokens.list(mostTokens)).map((row) => ({ ...row, state: stateOfToken(row, now) }))
  list(call.terminal, rows, {
    json: call.options.flag('json'),
    columns: [
      { title: 'ID', of: ({ id }) => id },
      { title: 'FOR', of: ({ note }) => note },
      { title: 'STATE', of: ({ state }) => state },
      { title: 'USED', of: ({ used }) => String(used) },
      { title: 'LEFT', of: ({ usesLeft }) => (usesLeft === null ? 'unlimited' : String(usesLeft)) },
      { title: 'GOOD UNTIL', of: ({ expiresAt }) => shortTime(expiresAt) },
      { title: 'MADE BY', of: ({ createdBy }) => createdBy },
    ],
    nothing: 'there is no registration token',
  })
}

function deskOf({ initialAccessTokens, audit, clock }: Rooms) {
  return { tokens: initialAccessTokens, auditStatement: audit.statement, clock }
}
