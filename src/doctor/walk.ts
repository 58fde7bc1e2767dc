import type { JsonDocument } from '../resources/json-document.ts'
import type { Challenge } from './challenge.ts'
import type { ClientName, ClientProfile, DocumentPlace, MetadataSpelling } from './clients.ts'
import { asObject, type Heard, objectOf, parse } from './wire.ts'

/** A document of the MCP server, and where it was looked for. */
export interface PlacedDocument {
  readonly place: DocumentPlace
  readonly document: JsonDocument
}

/** A document of the authorization server, and where it was looked for. */
export interface SpelledDocument {
  readonly spelling: MetadataSpelling
  readonly document: JsonDocument
}

/** What was asked of the MCP server without a good token. */
export interface ServerSeen {
  /** The address as it was given. */
  readonly address: string
  readonly bare: Heard
  readonly challenge: Challenge
  /** The same with a token that nobody has issued. */
  readonly forged: Heard
  /** The same from a page of a browser. */
  readonly fromPage: Heard
  readonly preflight: Heard
  readonly documents: readonly PlacedDocument[]
}

/** What was asked of the authorization server. */
export interface IssuerSeen {
  /** The first that the document names; the origin of the MCP server when there is no document. */
  readonly issuer: string
  readonly metadata: readonly SpelledDocument[]
  readonly registrationPreflight: Heard | undefined
  /** The token endpoint, with a code that nobody has issued. */
  readonly forgedCode: Heard | undefined
  /** It came from a client that the server had taken, so that a refused client says something. */
  readonly knowsForger: boolean
  /** The same from a page of a browser. */
  readonly forgedCodeFromPage: Heard | undefined
}

/** How one client made itself known, and how its authorization request was answered. */
export interface ClientTrial {
  readonly way: 'document' | 'registration' | 'given' | 'untried' | 'none'
  readonly clientId: string | undefined
  readonly registered: Heard | undefined
  readonly authorized: Heard | undefined
  /** With the loopback port of another day. */
  readonly authorizedLater: Heard | undefined
}

/** Requests that have to be refused, made as a client that was let in. */
export interface Probes {
  readonly redirectUri: string
  readonly unknownRedirect: Heard
  readonly unknownResource: Heard
  readonly withoutPkce: Heard
}

/** What was seen of registrations as a whole. */
export interface RegistrationSeen {
  /** False: nobody said that clients may be left behind, and the server does not look as if they could be removed. */
  readonly isTried: boolean
  /** A registration whose redirect would run a script. */
  readonly dangerous: Heard | undefined
  /** Clients that could not be taken away: of the walk, and of the sign-in. */
  readonly leftBehind: readonly string[]
}

/** What was tried in place of a document that cannot be had: one of its kin, and a registration with the same redirect URIs. */
export interface StandIn {
  /** Another client whose document lies on the same host. */
  readonly kin: { readonly documentUrl: string; readonly redirectUri: string }
  /** The answer to its authorization request. */
  readonly ofKin: Heard
  /** Undefined: nothing could be registered. */
  readonly registered: Heard | undefined
  /** The answer to the authorization request of that registration. */
  readonly authorized: Heard | undefined
}

/** What was seen with a token. */
export interface TokenSeen {
  readonly accessToken: string
  /** The answer of the token endpoint, when the token comes from a sign-in. */
  readonly answer: Heard | undefined
  /** The member names and values of a JWT; null when it is none. */
  readonly claims: Readonly<Record<string, unknown>> | null
  readonly call: Heard
  readonly tools: number | undefined
}

/** Everything that was seen on one walk. What it means is said by the judges, which ask nobody. */
export interface Walk {
  readonly server: ServerSeen
  readonly issuer: IssuerSeen | undefined
  readonly registration: RegistrationSeen
  readonly trials: ReadonlyMap<ClientName, ClientTrial>
  readonly standIns: ReadonlyMap<ClientName, StandIn>
  readonly probes: Probes | undefined
  readonly token: TokenSeen | undefined
  /** Why there is no token although somebody was to sign in. */
  readonly loginFault: string | undefined
  /** Seconds since 1970. */
  readonly nowSeconds: number
}

/** Is this what an MCP endpoint says to a message: JSON-RPC, plain or as an event? */
export function isMcpAnswer(heard: Heard): boolean {
  if ('fault' in heard) return false
  if (objectOf(heard)?.jsonrpc !== undefined) return true
  const isStream = /^text\/event-stream\b/i.test(heard.headers.get('content-type') ?? '')
  return isStream && eventsOf(heard.text).some((text) => asObject(parse(text))?.jsonrpc !== undefined)
}

/** The data of the events in a stream, a line each. */
export function eventsOf(text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []))
}

/**
 * Whether there is a way to walk: somebody asked for a token, or a document says where to go. Otherwise every further step would
 * only say again that nothing is there.
 */
export function leadsOn({ bare, documents }: ServerSeen): boolean {
  if (documents.some(({ document }) => membersOf(document) !== null)) return true
  return !('fault' in bare) && bare.status >= 400 && bare.status < 500 && ![404, 405, 410].includes(bare.status)
}

/** The document that a client takes; undefined when it finds none. A pointer is followed and nothing else, where there is one. */
export function documentOf(profile: ClientProfile, { challenge, documents }: ServerSeen): PlacedDocument | undefined {
  const hasPointer = challenge.parameters?.has('resource_metadata') === true
  const order = hasPointer ? profile.documentPlaces.slice(0, 1) : profile.documentPlaces
  const seen = order.flatMap((place) => documents.find((one) => one.place === place) ?? [])
  return seen.find(({ document }) => !('fault' in document)) ?? seen.find(({ document }) => isThere(document))
}

/** The metadata that a client takes. It goes on from what is not there, and gives up where a server fails. */
export function metadataOf(profile: ClientProfile, { metadata }: IssuerSeen): SpelledDocument | undefined {
  for (const spelling of profile.metadataSpellings) {
    const seen = metadata.find((one) => one.spelling === spelling)
    if (seen === undefined) continue
    if (!('fault' in seen.document) || !isMissing(seen.document)) return seen
  }
  return undefined
}

/** RFC 9207 §3: whether the server says that it names itself in each answer. */
export function promisesIss(profile: ClientProfile, issuer: IssuerSeen): boolean {
  const members = membersOf(metadataOf(profile, issuer)?.document)
  return members?.authorization_response_iss_parameter_supported === true
}

/** The members of a document; null when there is none. */
export function membersOf(document: JsonDocument | undefined): Readonly<Record<string, unknown>> | null {
  return document === undefined || 'fault' in document ? null : asObject(document.value)
}

/** Something is there that is no document. */
function isThere(document: JsonDocument): boolean {
  return 'fault' in document && document.fault === 'not_json'
}

function isMissing(document: JsonDocument): boolean {
  return 'fault' in document && document.fault === 'status' && (document.status ?? 500) < 500
}
