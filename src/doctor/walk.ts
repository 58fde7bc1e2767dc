import type { JsonDocument } from '../resources/json-document.ts'
import type { Challenge } from './challenge.ts'
import type { ClientName, ClientProfile, DocumentPlace, MetadataSpelling } from './clients.ts'
import { asObject, type Heard } from './wire.ts'

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
  readonly leftBehind: readonly string[]
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
  readonly probes: Probes | undefined
  readonly token: TokenSeen | undefined
  /** Why there is no token although somebody was to sign in. */
  readonly loginFault: string | undefined
  /** Seconds since 1970. */
  readonly nowSeconds: number
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
