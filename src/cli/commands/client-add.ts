import { readFileSync } from 'node:fs'
import { addClient as addOperatorClient } from '../../clients/change.ts'
import { randomId } from '../../crypto/random.ts'
import { argument, type Call } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { say, writeJson } from '../terminal.ts'
import { noteStrangers, serversOf } from './client-set.ts'
import { shown } from './client-shown.ts'

/** `client add`: creates an operator's client and shows its secret once. */
export async function addClient(call: Call): Promise<undefined> {
  const { options, terminal } = call
  const grantTypes = options.all('grantType')
  const redirectUris = options.all('redirectUri')
  const asks = options.all('introspects')
  const draft = {
    clientId: options.text('id') ?? randomId(),
    clientName: argument(call, 'name'),
    redirectUris: redirectUris.length === 0 ? undefined : redirectUris,
    grantTypes: grantTypes.length > 0 ? grantTypes : asks.length > 0 ? ['client_credentials'] : undefined,
    tokenEndpointAuthMethod: options.text('authMethod'),
    jwks: readJwks(options.text('jwksFile')),
    resources: readCeiling(options.all('ceiling')),
  }
  const rooms = await call.rooms()
  const servers = await serversOf(rooms, asks)
  const author = { actor: 'operator' } as const
  const { client, madeSecret } = await addOperatorClient(
    rooms.clientDesk,
    { ...draft, introspects: servers.identifiers },
    author,
  )
  noteStrangers(terminal, servers)
  if (options.flag('json')) return writeJson(terminal, { ...shown(client), client_secret: madeSecret })
  say(terminal, `client_id      ${client.id}`)
  if (madeSecret !== undefined) say(terminal, `client_secret  ${madeSecret}   (shown once)`)
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
