import type { Actor } from '../../audit/events.ts'
import { blockClient, type ClientAuthor, removeClient, unblockClient } from '../../clients/change.ts'
import { cleanUp, previewCleanUp } from '../../clients/clean-up/clean-up.ts'
import type { Client, ClientOrigin, ClientState } from '../../clients/client.ts'
import type { ClientDirectory, DirectoryFilter, Usage } from '../../clients/directory/directory.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { list, say, shortTime, writeJson } from '../terminal.ts'
import { addClient } from './client-add.ts'
import { shown } from './client-shown.ts'

const operator = { actor: 'operator' } as const satisfies { actor: Actor }
const listHint = 'sallyport client list shows all clients'

/** Programs that ask for tokens. */
export const clientCommands: readonly Command[] = [
  {
    name: 'client add',
    args: ['name'],
    doc: 'create a client; its secret is shown once',
    options: [
      { flags: '--id <id>', doc: 'client_id; a random one when absent' },
      { flags: '--redirect-uri <uri…>', doc: 'where answers go; may be repeated' },
      { flags: '--grant-type <type…>', doc: 'authorization_code, refresh_token, client_credentials; may be repeated' },
      { flags: '--auth-method <method>', doc: 'none, client_secret_basic, client_secret_post, private_key_jwt' },
      { flags: '--jwks-file <path>', doc: 'public keys of a private_key_jwt client' },
      { flags: '--ceiling <resource=scopes…>', doc: 'at most these scopes at this MCP server; may be repeated' },
      { flags: '--introspects <resource…>', doc: 'an MCP server whose tokens it may ask about; may be repeated' },
      jsonOption,
    ],
    example:
      'sallyport client add "Nightly report" --grant-type client_credentials --ceiling "https://mcp.example/mcp=notes:read"',
    run: addClient,
  },
  {
    name: 'client list',
    doc: 'list the clients, newest first',
    options: [
      { flags: '--all', doc: 'removed ones, too' },
      { flags: '--origin <origin>', doc: 'document, registered or operator' },
      { flags: '--state <state>', doc: 'active, pending, blocked or removed' },
      { flags: '--text <text>', doc: 'part of the name, the id or a host' },
      { flags: '--unused', doc: 'only those that nobody has ever allowed anything' },
      { flags: '--alike', doc: 'one line for all registrations of one program' },
      jsonOption,
    ],
    run: listClients,
  },
  {
    name: 'client show',
    args: ['id'],
    doc: 'show one client as JSON',
    run: async (call) => writeJson(call.terminal, shown(await findClient(await call.rooms(), argument(call, 'id')))),
  },
  {
    name: 'client block',
    args: ['id'],
    doc: 'refuse the client, withdraw its consents and end its connections',
    run: (call) => act(call, 'blocked', blockClient),
  },
  {
    name: 'client unblock',
    args: ['id'],
    doc: 'let a blocked client ask again',
    run: (call) =>
      act(call, 'unblocked', async (...given) => {
        if ((await unblockClient(...given)) === 'pending') say(call.terminal, 'it waits for an administrator again')
        return 0
      }),
  },
  {
    name: 'client remove',
    args: ['id'],
    doc: 'remove the client, withdraw its consents and end its connections',
    run: (call) => act(call, 'removed', removeClient),
  },
  {
    name: 'client clean-up',
    doc: 'remove clients that nobody uses; without --yes it only says which',
    options: [
      { flags: '--unused-hours <hours>', doc: 'never used, and older than this' },
      { flags: '--idle-days <days>', doc: 'used once, without a live connection, and idle for this long' },
      { flags: '--yes', doc: 'remove them' },
      jsonOption,
    ],
    example: 'sallyport client clean-up --unused-hours 24 --idle-days 90',
    run: cleanUpClients,
  },
]

const origins: readonly ClientOrigin[] = ['document', 'registered', 'operator']
const states: readonly ClientState[] = ['active', 'pending', 'blocked', 'removed']
const pageSize = 50

async function listClients(call: Call): Promise<undefined> {
  const { options } = call
  const { clientDirectory } = await call.rooms()
  const filter = {
    origin: oneOf('origin', options.text('origin'), origins),
    state: oneOf('state', options.text('state'), states),
    text: options.text('text'),
    unused: options.flag('unused'),
  }
  const folds = options.flag('alike')
  const found = await allOf(clientDirectory, filter, folds)
  if (options.flag('all') && filter.state === undefined) {
    found.push(...(await allOf(clientDirectory, { ...filter, state: 'removed' }, folds)))
  }
  const rows = found.map(({ client, usage, count }) => ({
    ...shown(client),
    ...usage,
    ...(folds ? { alike: count } : {}),
  }))
  list(call.terminal, rows, {
    json: options.flag('json'),
    columns: [
      { title: 'CLIENT ID', of: ({ id }) => id },
      { title: 'NAME (CLAIMED)', of: ({ claimedName }) => claimedName },
      { title: 'ORIGIN', of: ({ origin }) => origin },
      { title: 'STATE', of: ({ state }) => state },
      { title: 'PEOPLE', of: ({ people }) => String(people) },
      { title: 'LAST USED', of: ({ lastUsedAt }) => shortTime(lastUsedAt) },
      { title: 'FIRST SEEN', of: ({ createdAt }) => shortTime(createdAt) },
      ...(folds ? [{ title: 'ALIKE', of: ({ alike }: { alike?: number }) => String(alike ?? 1) }] : []),
    ],
    nothing: 'there is no such client: clients register themselves when people connect them',
  })
}

interface Found {
  readonly client: Client
  readonly usage: Usage
  readonly count: number
}

/** Groups page by page; unless they stay folded, each with its members, newest first. */
async function allOf(directory: ClientDirectory, filter: DirectoryFilter, folds: boolean): Promise<Found[]> {
  const found: Found[] = []
  for (let after: string | undefined; ; ) {
    const { groups, next } = await directory.groups(filter, { limit: pageSize, after, isWhole: true })
    for (const group of groups) {
      if (folds || group.count === 1) found.push(group)
      else found.push(...(await membersOf(directory, group.client, filter)))
    }
    after = next
    if (after === undefined) break
  }
  return folds ? found : found.sort((a, b) => b.client.createdAt.getTime() - a.client.createdAt.getTime())
}

async function membersOf(directory: ClientDirectory, client: Client, filter: DirectoryFilter): Promise<Found[]> {
  const found: Found[] = []
  for (;;) {
    const page = await directory.members(client, filter, { limit: pageSize, after: found.at(-1)?.client })
    found.push(...page.map((entry) => ({ ...entry, count: 1 })))
    if (page.length < pageSize) return found
  }
}

function oneOf<Value extends string>(name: string, text: string | undefined, values: readonly Value[]) {
  if (text === undefined) return undefined
  const value = values.find((one) => one === text)
  if (value !== undefined) return value
  throw new UsageFault(`--${name} is not ${JSON.stringify(text)}`, `write one of ${values.join(', ')}`)
}

async function act(
  call: Call,
  done: string,
  change: (desk: Rooms['clientDesk'], id: string, author: ClientAuthor, reason: string) => Promise<number>,
): Promise<undefined> {
  const { clientDesk } = await call.rooms()
  const id = argument(call, 'id')
  const count = await change(clientDesk, id, operator, 'command_line')
  say(call.terminal, `${done} ${id}${count > 0 ? `, ${count} consents withdrawn` : ''}`)
}

async function cleanUpClients(call: Call): Promise<undefined> {
  const { options, terminal } = call
  const { clientDesk } = await call.rooms()
  const rule = { unusedHours: options.wholeNumber('unusedHours'), idleDays: options.wholeNumber('idleDays') }
  const preview = await previewCleanUp(clientDesk, rule)
  const { unused, idle, count, samples } = preview
  const removes = options.flag('yes') && count > 0
  const removed = removes ? await cleanUp(clientDesk, rule, preview, operator) : 0
  if (options.flag('json')) return writeJson(terminal, { unused, idle, count, removed, samples: samples.map(shown) })
  if (removes) {
    say(terminal, `removed ${removed} clients`)
    return undefined
  }
  say(terminal, `never used  ${unused}`)
  say(terminal, `idle        ${idle}`)
  for (const { id, claimedName } of samples) say(terminal, `  ${id}  ${claimedName}`)
  if (count > 0) say(terminal, `nothing is removed yet: add --yes to remove ${count}`)
}

async function findClient({ clients }: Rooms, id: string): Promise<Client> {
  const client = await clients.find(id)
  if (client === null) throw new CommandFault(`there is no client ${JSON.stringify(id)}`, listHint)
  return client
}
