import { allowForEveryone, allowForPerson, rejectClient } from '../../clients/approvals/decide.ts'
import type { WaitingClient } from '../../clients/approvals/store.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault } from '../faults.ts'
import { list, say, shortTime } from '../terminal.ts'

const operator = { actor: 'operator' } as const
const reason = 'command_line'
const pageSize = 50
const mostPeople = 500

/** Clients that wait until somebody lets them in. */
export const approvalCommands: readonly Command[] = [
  {
    name: 'client approvals',
    doc: 'list who waits for which client, who waited longest first',
    options: [jsonOption],
    run: listApprovals,
  },
  {
    name: 'client approve',
    args: ['id'],
    doc: 'let a waiting client in, for everyone or for one person',
    options: [{ flags: '--for <email>', doc: 'for this person alone; it waits on for all others' }],
    example: 'sallyport client approve cm1x2y3 --for ada@example.com',
    run: approve,
  },
  {
    name: 'client reject',
    args: ['id'],
    doc: 'never let a waiting client in: it is blocked',
    async run(call) {
      const { clientDesk } = await call.rooms()
      const id = argument(call, 'id')
      await rejectClient(clientDesk, id, operator, reason)
      say(call.terminal, `rejected ${id}`)
      return undefined
    },
  },
]

async function listApprovals(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const waiting = await allWaiting(rooms)
  const people = await peopleOf(rooms, waiting)
  const rows = await Promise.all(
    waiting.map(async ({ clientId, since }) => {
      const client = await rooms.clients.find(clientId)
      return {
        clientId,
        claimedName: client?.claimedName ?? '',
        provenHost: client?.provenHost ?? null,
        redirectUris: client?.redirectUris ?? [],
        since,
        people: people
          .filter((person) => person.clientId === clientId)
          .map(({ accountId, email, askedAt }) => ({ accountId, email, askedAt })),
      }
    }),
  )
  list(call.terminal, rows, {
    json: call.options.flag('json'),
    columns: [
      { title: 'CLIENT ID', of: ({ clientId }) => clientId },
      { title: 'NAME (CLAIMED)', of: ({ claimedName }) => claimedName },
      { title: 'PROVEN HOST', of: ({ provenHost }) => provenHost ?? undefined },
      { title: 'ASKED BY', of: (row) => row.people.map(({ email }) => email).join(' ') },
      { title: 'SINCE', of: ({ since }) => shortTime(since) },
    ],
    nothing: 'nobody waits',
  })
}

async function allWaiting({ approvals }: Rooms): Promise<readonly WaitingClient[]> {
  const found: WaitingClient[] = []
  for (;;) {
    const page = await approvals.list({ limit: pageSize, after: found.at(-1) })
    found.push(...page)
    if (page.length < pageSize) return found
  }
}

async function peopleOf({ approvals }: Rooms, waiting: readonly WaitingClient[]) {
  const pages: (readonly string[])[] = []
  for (let at = 0; at < waiting.length; at += pageSize) {
    pages.push(waiting.slice(at, at + pageSize).map(({ clientId }) => clientId))
  }
  return (await Promise.all(pages.map((ids) => approvals.people(ids, mostPeople)))).flat()
}

async function approve(call: Call): Promise<undefined> {
  const { clientDesk, accounts } = await call.rooms()
  const id = argument(call, 'id')
  const email = call.options.text('for')
  if (email === undefined) {
    await allowForEveryone(clientDesk, id, operator, reason)
    say(call.terminal, `approved ${id} for everyone`)
    return
  }
  const account = await accounts.store.findByEmail(email)
  if (account === null) throw new CommandFault(`there is no account ${email}`, 'sallyport user list shows all people')
  await allowForPerson(clientDesk, id, account.id, operator, reason)
  say(call.terminal, `approved ${id} for ${email}`)
}
