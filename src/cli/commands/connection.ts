import { connectionDesk } from '../../connection-desk.ts'
import { narrowMine, pauseMine, resumeMine } from '../../me/change.ts'
import { lastTokenDiesAt } from '../../me/connection.ts'
import { tokenLifetimes } from '../../me/page.ts'
import { type RevocationTarget, revokeMine } from '../../me/revoke.ts'
import type { Rooms } from '../../rooms.ts'
import { AppError } from '../../runtime/app-error.ts'
import { type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { list, say, shortTime } from '../terminal.ts'
import { findAccount } from './user.ts'

const operator = { actor: 'operator' } as const
const personOption = { flags: '--person <email>', doc: 'whose connections' }
const idOption = { flags: '--id <id>', doc: 'this connection' }

/** What acts as a person: the acts of their own page. */
export const connectionCommands: readonly Command[] = [
  {
    name: 'connection list',
    doc: 'list what acts as a person, newest first',
    options: [personOption, jsonOption],
    example: 'sallyport connection list --person ada@example.com',
    run: listConnections,
  },
  {
    name: 'connection pause',
    doc: 'give a connection no new token until it is resumed',
    options: [personOption, idOption],
    run: (call) => change(call, 'paused', (desk, accountId, id) => pauseMine(desk, accountId, id, operator)),
  },
  {
    name: 'connection resume',
    doc: 'let a paused connection go on',
    options: [personOption, idOption],
    run: (call) => change(call, 'resumed', (desk, accountId, id) => resumeMine(desk, accountId, id, operator)),
  },
  {
    name: 'connection narrow',
    doc: 'take scopes away from a connection',
    options: [personOption, idOption, { flags: '--keep <scope…>', doc: 'a scope that stays; repeat it' }],
    example: 'sallyport connection narrow --person ada@example.com --id <id> --keep notes:read',
    run: narrowConnection,
  },
  {
    name: 'connection revoke',
    doc: 'end connections of a person at once',
    options: [
      personOption,
      idOption,
      { flags: '--client <id>', doc: 'all through this client' },
      { flags: '--all', doc: 'all of this person' },
    ],
    run: revokeConnections,
  },
]

type Desk = ReturnType<typeof connectionDesk>

async function listConnections(call: Call): Promise<undefined> {
  const { rooms, accountId } = await personOf(call)
  const found = await connectionDesk(rooms).connections.list(accountId, rooms.clock.now())
  list(call.terminal, found, {
    json: call.options.flag('json'),
    columns: [
      { title: 'ID', of: ({ grantId }) => grantId },
      { title: 'CLIENT', of: ({ clientId }) => clientId },
      { title: 'MCP SERVER', of: ({ resource }) => resource },
      { title: 'SCOPES', of: ({ scopes }) => scopes.join(' ') },
      { title: 'SINCE', of: ({ since }) => shortTime(since) },
      { title: 'LAST USED', of: ({ usedAt }) => shortTime(usedAt) },
      { title: 'FROM', of: ({ address }) => address },
      { title: 'ENDS', of: ({ endsAt }) => shortTime(endsAt) },
      { title: 'PAUSED', of: ({ pausedAt }) => shortTime(pausedAt) },
    ],
    nothing: 'nothing acts as this person',
  })
}

async function change(
  call: Call,
  done: string,
  act: (desk: Desk, accountId: string, id: string) => Promise<{ readonly resource: string | undefined }>,
): Promise<undefined> {
  const id = idOf(call)
  const { rooms, accountId } = await personOf(call)
  const { resource } = await inWords(act(connectionDesk(rooms), accountId, id))
  const until = done === 'resumed' ? '' : `; ${await tokenWords(rooms, [resource])}`
  say(call.terminal, `${done} ${id}${until}`)
}

async function narrowConnection(call: Call): Promise<undefined> {
  const kept = call.options.all('keep')
  if (kept.length === 0)
    throw new UsageFault('say what stays', 'add --keep <scope>, or use sallyport connection revoke')
  await change(call, 'narrowed', (desk, accountId, id) => narrowMine(desk, accountId, id, kept, operator))
}

async function revokeConnections(call: Call): Promise<undefined> {
  const target = targetOf(call)
  const { rooms, accountId } = await personOf(call)
  const servers = await inWords(revokeMine(connectionDesk(rooms), accountId, target, operator))
  say(call.terminal, `ended; ${await tokenWords(rooms, servers)}`)
}

function targetOf({ options }: Call): RevocationTarget {
  const [grantId, clientId] = [options.text('id'), options.text('client')]
  const given = [grantId, clientId, options.flag('all') || undefined].filter((one) => one !== undefined)
  if (given.length !== 1) throw new UsageFault('say which connections', 'add --id <id>, --client <id> or --all')
  if (grantId !== undefined) return { kind: 'connection', grantId }
  return clientId === undefined ? { kind: 'everything' } : { kind: 'client', clientId }
}

async function tokenWords(rooms: Rooms, servers: readonly (string | undefined)[]): Promise<string> {
  const until = lastTokenDiesAt(tokenLifetimes(servers, await rooms.registry.all()), rooms.clock.now())
  return `a token that is out can work until ${until.toISOString().slice(0, 19)}Z`
}

async function personOf(call: Call): Promise<{ readonly rooms: Rooms; readonly accountId: string }> {
  const email = call.options.text('person')
  if (email === undefined) throw new UsageFault('say whose connections', 'add --person <email>')
  const rooms = await call.rooms()
  return { rooms, accountId: (await findAccount(rooms, email)).id }
}

function idOf({ options }: Call): string {
  const id = options.text('id')
  if (id === undefined)
    throw new UsageFault('say which connection', 'add --id <id>; sallyport connection list shows them')
  return id
}

async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') {
      throw new CommandFault('this person has no such connection', 'sallyport connection list shows them')
    }
    throw error
  }
}
