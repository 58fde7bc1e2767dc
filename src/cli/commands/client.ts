import { readFileSync } from 'node:fs'
import type { Actor, AuditEvent } from '../../audit/events.ts'
import { type Client, redirectHosts } from '../../clients/client.ts'
import { makeOperatorClient } from '../../clients/operator-client.ts'
import { revokeAllOfClient } from '../../consent/revoke.ts'
import { randomId } from '../../crypto/random.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { list, say, shortTime, writeJson } from '../terminal.ts'

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
      jsonOption,
    ],
    example:
      'sallyport client add "Nightly report" --grant-type client_credentials --ceiling "https://mcp.example/mcp=notes:read"',
    run: addClient,
  },
  {
    name: 'client list',
    doc: 'list the clients, newest first',
    options: [{ flags: '--all', doc: 'removed ones, too' }, jsonOption],
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
    doc: 'refuse the client and withdraw its consents',
    run: (call) => change(call, 'client.blocked', 'blocked', 'is not active', true, (store) => store.block),
  },
  {
    name: 'client unblock',
    args: ['id'],
    doc: 'let a blocked client ask again',
    run: (call) => change(call, 'client.unblocked', 'unblocked', 'is not blocked', false, (store) => store.unblock),
  },
  {
    name: 'client remove',
    args: ['id'],
    doc: 'remove the client and withdraw its consents',
    run: (call) => change(call, 'client.removed', 'removed', 'was removed before', true, (store) => store.remove),
  },
]

async function addClient(call: Call): Promise<undefined> {
  const { options, terminal } = call
  const grantTypes = options.all('grantType')
  const redirectUris = options.all('redirectUri')
  const draft = {
    clientId: options.text('id') ?? randomId(),
    clientName: argument(call, 'name'),
    redirectUris: redirectUris.length === 0 ? undefined : redirectUris,
    grantTypes: grantTypes.length === 0 ? undefined : grantTypes,
    tokenEndpointAuthMethod: options.text('authMethod'),
    jwks: readJwks(options.text('jwksFile')),
    resources: readCeiling(options.all('ceiling')),
  }
  const rooms = await call.rooms()
  const { client, madeSecret } = makeOperatorClient(draft, rooms.clock.now())
  if ((await rooms.clients.find(client.id)) !== null) {
    throw new CommandFault(
      `the client_id ${client.id} is or was in use`,
      'choose another --id; ids of removed clients stay taken',
    )
  }
  const event: AuditEvent = {
    ...operator,
    type: 'client.registered',
    clientId: client.id,
    detail: { origin: client.origin, clientName: client.claimedName, redirectHosts: redirectHosts(client.metadata) },
  }
  if (!(await rooms.clients.save(client, [rooms.audit.statement(event)]))) {
    throw new CommandFault(`the client_id ${client.id} was taken meanwhile`, 'choose another --id')
  }
  if (options.flag('json')) return writeJson(terminal, { ...shown(client), client_secret: madeSecret })
  say(terminal, `client_id      ${client.id}`)
  if (madeSecret !== undefined) say(terminal, `client_secret  ${madeSecret}   (shown once)`)
}

async function listClients(call: Call): Promise<undefined> {
  const { clients } = await call.rooms()
  const found: Client[] = []
  for (;;) {
    const page = await clients.list({ limit: 200, after: found.at(-1) })
    found.push(...page)
    if (page.length < 200) break
  }
  if (call.options.flag('all')) found.push(...(await clients.list({ state: 'removed', limit: 200 })))
  list(call.terminal, found.map(shown), {
    json: call.options.flag('json'),
    columns: [
      { title: 'CLIENT ID', of: ({ id }) => id },
      { title: 'NAME (CLAIMED)', of: ({ claimedName }) => claimedName },
      { title: 'ORIGIN', of: ({ origin }) => origin },
      { title: 'STATE', of: ({ state }) => state },
      { title: 'FIRST SEEN', of: ({ createdAt }) => shortTime(createdAt) },
    ],
    nothing: 'there is no client yet: clients register themselves when people connect them',
  })
}

async function change(
  call: Call,
  type: 'client.blocked' | 'client.unblocked' | 'client.removed',
  done: string,
  whyNot: string,
  endsEverything: boolean,
  act: (store: Rooms['clients']) => Rooms['clients']['block'],
): Promise<undefined> {
  const rooms = await call.rooms()
  const client = await findClient(rooms, argument(call, 'id'))
  if (client.setByFile) {
    throw new CommandFault(`${client.id} is set by the configuration file`, 'edit the file and start the server again')
  }
  const event = rooms.audit.statement({ ...operator, type, clientId: client.id, detail: { reason: 'command_line' } })
  if (!(await act(rooms.clients)(client.id, [event]))) throw new CommandFault(`${client.id} ${whyNot}`, listHint)
  const count = endsEverything ? await revokeAllOfClient(rooms.consents, client.id, operator) : 0
  // Grants of a client that acts for itself have no consent behind them.
  if (endsEverything) await rooms.endClient(client.id)
  say(call.terminal, `${done} ${client.id}${count > 0 ? `, ${count} consents withdrawn` : ''}`)
}

async function findClient({ clients }: Rooms, id: string): Promise<Client> {
  const client = await clients.find(id)
  if (client === null) throw new CommandFault(`there is no client ${JSON.stringify(id)}`, listHint)
  return client
}

// The digest of a secret is no secret, but nothing good comes of carrying it about.
function shown({ secretDigest, ...client }: Client) {
  return { ...client, hasSecret: secretDigest !== null }
}

function readJwks(path: string | undefined): unknown {
  if (path === undefined) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandFault(`${path} cannot be read as JSON (${reason})`, 'name a file that holds {"keys": […]}')
  }
}

function readCeiling(lines: readonly string[]): ReadonlyMap<string, readonly string[]> | undefined {
  if (lines.length === 0) return undefined
  return new Map(
    lines.map((line) => {
      // Identifiers may have a query; scopes have no slash here, so the last equals sign parts the two.
      const [, resource, scopes] = /^(.+)=([^=]*)$/.exec(line) ?? []
      if (resource === undefined || scopes === undefined) {
        throw new UsageFault(
          `--ceiling ${JSON.stringify(line)} has no =`,
          'write --ceiling "https://mcp.example/mcp=notes:read notes:write"',
        )
      }
      return [resource, scopes.split(/[ ,]+/).filter((scope) => scope !== '')] as const
    }),
  )
}
