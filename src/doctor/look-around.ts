import { randomSecret } from '../crypto/random.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import { type JsonDocument, readJsonDocument } from '../resources/json-document.ts'
import { metadataUrls } from '../resources/protection.ts'
import { challengeOf } from './challenge.ts'
import { browserOrigin, type DocumentPlace, type MetadataSpelling } from './clients.ts'
import { type IssuerSeen, membersOf, type PlacedDocument, type ServerSeen, type SpelledDocument } from './walk.ts'
import { type Ask, form, type Heard, json, preflight, textOf, textsOf } from './wire.ts'

const acceptOfMcp = 'application/json, text/event-stream'

/** The first message of an MCP client. */
export const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'sallyport doctor', version: '1' } },
} as const

/** Asks an MCP server as a client does that has no token, and reads its documents wherever they may lie. */
export async function lookAtServer(ask: Ask, guardedFetch: GuardedFetch, address: string): Promise<ServerSeen> {
  const call = (headers: Readonly<Record<string, string>>) =>
    ask(address, json(initialize, { accept: acceptOfMcp, ...headers }))
  const bare = await call({})
  const challenge = challengeOf(bare)
  // A host that does not answer at all is not asked six times more.
  const isSilent = 'fault' in bare && !['timeout', 'too_large'].includes(bare.fault)
  if (isSilent) return { address, bare, challenge, forged: bare, fromPage: bare, preflight: bare, documents: [] }
  const [forged, fromPage, asked] = await Promise.all([
    call({ authorization: `Bearer ${randomSecret()}` }),
    call({ origin: browserOrigin }),
    ask(address, preflight(browserOrigin, 'authorization, content-type, mcp-protocol-version')),
  ])
  const [own, root] = metadataUrls(address)
  const pointer = challenge.parameters?.get('resource_metadata')
  const addresses: readonly (readonly [DocumentPlace, string | undefined])[] = [
    ['pointer', pointer],
    ['path', own],
    ['root', root],
  ]
  const read = new Map<string, Promise<JsonDocument>>()
  const documents = await Promise.all(
    addresses.flatMap(([place, url]) => {
      if (url === undefined) return []
      const document = read.get(url) ?? readJsonDocument(guardedFetch, url, fromBrowser)
      read.set(url, document)
      return [document.then((one): PlacedDocument => ({ place, document: one }))]
    }),
  )
  return { address, bare, challenge, forged, fromPage, preflight: asked, documents }
}

const fromBrowser = { origin: browserOrigin, 'mcp-protocol-version': '2025-11-25' }

/** The issuer that clients go to: the first of the document, or, as in 2025-03-26, the MCP server's own origin. */
export function issuerOf({ address, documents }: ServerSeen): string | undefined {
  for (const { document } of documents) {
    const [first] = textsOf(membersOf(document), 'authorization_servers') ?? []
    if (first !== undefined) return URL.canParse(first) ? first : undefined
  }
  return new URL(address).origin
}

/** The addresses of an issuer's metadata, every spelling. */
export function spellingsOf(issuer: string): readonly (readonly [MetadataSpelling, string])[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    ['oauth', `${origin}/.well-known/oauth-authorization-server${path}`],
    ['openid', `${origin}/.well-known/openid-configuration${path}`],
    ...(path === '' ? [] : [['openid_appended', `${origin}${path}/.well-known/openid-configuration`] as const]),
  ]
}

/** Reads an authorization server's metadata in every spelling. */
export async function readMetadata(guardedFetch: GuardedFetch, issuer: string): Promise<readonly SpelledDocument[]> {
  return Promise.all(
    spellingsOf(issuer).map(async ([spelling, url]) => ({
      spelling,
      document: await readJsonDocument(guardedFetch, url, fromBrowser),
    })),
  )
}

/**
 * Asks the endpoints of an authorization server what can be asked without a person.
 *
 * @param known a client that the server has taken; undefined when it took none
 */
export async function lookAtIssuer(
  ask: Ask,
  issuer: string,
  metadata: readonly SpelledDocument[],
  known: { readonly clientId: string; readonly redirectUri: string } | undefined,
): Promise<IssuerSeen> {
  const members = firstMembers(metadata)
  const [token, registration] = [endpointOf(members, 'token_endpoint'), endpointOf(members, 'registration_endpoint')]
  const forged = {
    grant_type: 'authorization_code',
    code: randomSecret(),
    redirect_uri: known?.redirectUri ?? 'http://127.0.0.1/callback',
    client_id: known?.clientId ?? 'sallyport-doctor',
    code_verifier: `${randomSecret()}${randomSecret()}`,
  }
  const optional = async (url: string | undefined, request: Parameters<Ask>[1]): Promise<Heard | undefined> =>
    url === undefined ? undefined : ask(url, request)
  const [registrationPreflight, forgedCode, forgedCodeFromPage] = await Promise.all([
    optional(registration, preflight(browserOrigin, 'content-type')),
    optional(token, form(forged)),
    optional(token, form({ ...forged, code: randomSecret() }, browserOrigin)),
  ])
  return { issuer, metadata, registrationPreflight, forgedCode, knowsForger: known !== undefined, forgedCodeFromPage }
}

/** The members of the first metadata that can be read. */
export function firstMembers(metadata: readonly SpelledDocument[]): Readonly<Record<string, unknown>> | null {
  for (const { document } of metadata) {
    const members = membersOf(document)
    if (members !== null) return members
  }
  return null
}

/** An endpoint that can be asked. */
export function endpointOf(members: Readonly<Record<string, unknown>> | null, name: string): string | undefined {
  const text = textOf(members, name)
  return text !== undefined && URL.canParse(text) ? text : undefined
}
