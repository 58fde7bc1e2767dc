// Room: clients. Who may ask for tokens: what a client says of itself (one normaliser for every way in), what we know of it, its row,
// its tombstone. Serves no path: the protocol side asks `store.ts` and `metadata-document.ts`, console and command line change clients
// through the store. Left to others: what people allowed a client (consent/), the endpoints of registration (provider/).
import { isLoopbackRedirect, redirectHost } from '../oauth/redirect-uri.ts'
import { type ClientMetadata, type GrantType, metadataDigest, type TokenEndpointAuthMethod } from './metadata.ts'
import { digestSecret, hasSecretMark } from './secret.ts'

/** How a client came: by its metadata document, by registering itself, by an operator. */
export type ClientOrigin = 'document' | 'registered' | 'operator'

/** `removed` is a tombstone: name and origin are kept, so that pages can say what was removed. */
export type ClientState = 'active' | 'pending' | 'blocked' | 'removed'

/** How far we can say who a client is: its host is proven, an operator vouches, nobody does, or not even the program can be told. */
export type ClientTrust = 'document' | 'operator' | 'registered' | 'local'

/** Canonical resource identifier → the scopes a client may have there at most. */
export type ResourceCeiling = Readonly<Record<string, readonly string[]>>

/** A client: `metadata` and `claimedName` are its own words, the rest is what we know. */
export interface Client {
  /** `client_id`; an https URL when the origin is a document, never one otherwise. */
  readonly id: string
  readonly origin: ClientOrigin
  readonly state: ClientState
  readonly claimedName: string
  /** Host of the metadata document, punycode; null for other origins. */
  readonly provenHost: string | null
  readonly trust: ClientTrust
  /** In the form that is compared byte for byte. */
  readonly redirectUris: readonly string[]
  readonly grantTypes: readonly GrantType[]
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod
  readonly softwareId: string | null
  readonly metadata: ClientMetadata
  /** Digest of what a consent was given to. */
  readonly metadataDigest: string
  /** `sha256:` and 43 characters; null for clients without a secret. */
  readonly secretDigest: string | null
  /** Only operators' clients may have one; null: no ceiling. */
  readonly resourceCeiling: ResourceCeiling | null
  /** MCP servers whose tokens it may ask about (RFC 7662): canonical identifiers. Only operators' clients have any. */
  readonly introspects: readonly string[]
  readonly setByFile: boolean
  /** What it said before it last said something else that people rely on; null when it never did. */
  readonly previousMetadata: ClientMetadata | null
  /** When it did. */
  readonly changedAt: Date | null
  /** When an administrator let it in for everyone; null when nobody had to. */
  readonly allowedAt: Date | null
  /** Id of the initial access token that it registered with; null without one. */
  readonly invitedBy: string | null
  /** The last code that it was given; null when it never got one. */
  readonly lastUsedAt: Date | null
  /** First seen, for documents. */
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly removedAt: Date | null
}

/** What a new client differs in; everything else follows from its metadata. */
export interface NewClient {
  readonly id: string
  readonly origin: ClientOrigin
  readonly metadata: ClientMetadata
  readonly now: Date
  readonly state?: ClientState
  readonly secretDigest?: string | null
  readonly resourceCeiling?: ResourceCeiling | null
  readonly introspects?: readonly string[]
  readonly setByFile?: boolean
  readonly invitedBy?: string | null
}

/** Makes a client of what is known at its first sight. */
export function makeClient(input: NewClient): Client {
  const { id, origin, metadata, now } = input
  const provenHost = origin === 'document' ? (URL.parse(id)?.host ?? null) : null
  return {
    id,
    origin,
    state: input.state ?? 'active',
    claimedName: metadata.client_name ?? metadata.software_id ?? provenHost ?? 'Unnamed client',
    provenHost,
    metadataDigest: metadataDigest(metadata),
    ...membersOf(origin, metadata),
    secretDigest: input.secretDigest ?? null,
    resourceCeiling: input.resourceCeiling ?? null,
    introspects: input.introspects ?? [],
    setByFile: input.setByFile ?? false,
    previousMetadata: null,
    changedAt: null,
    allowedAt: null,
    invitedBy: input.invitedBy ?? null,
    lastUsedAt: null,
    createdAt: now,
    updatedAt: now,
    removedAt: null,
  }
}

/** What follows from the metadata alone; stores use it to read a client back. */
export function membersOf(origin: ClientOrigin, metadata: ClientMetadata) {
  return {
    trust: trustOf({ origin, metadata }),
    redirectUris: metadata.redirect_uris,
    grantTypes: metadata.grant_types,
    tokenEndpointAuthMethod: metadata.token_endpoint_auth_method,
    softwareId: metadata.software_id ?? null,
    metadata,
  }
}

/**
 * Makes a self-registered client of the payload that the protocol library hands its storage (`client.metadata()`).
 * The secret in it is digested, unless it is the stored digest coming back with an update.
 */
export function clientFromPayload(
  id: string,
  payload: Readonly<Record<string, unknown>>,
  metadata: ClientMetadata,
  now: Date,
  { state = 'active', invitedBy = null }: { state?: ClientState; invitedBy?: string | null } = {},
): Client {
  const secret = typeof payload.client_secret === 'string' ? payload.client_secret : null
  const secretDigest = secret === null || hasSecretMark(secret) ? secret : digestSecret(secret)
  return makeClient({ id, origin: 'registered', metadata, now, secretDigest, state, invitedBy })
}

/**
 * The client as the protocol library reads it. `client_secret` is the digest with its mark: the library never sees a secret, and
 * the comparison that it is given knows digests (`secretMatches`).
 */
export function payloadOf(client: Client): Record<string, unknown> {
  return {
    ...client.metadata,
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    ...(client.secretDigest === null ? undefined : { client_secret: client.secretDigest, client_secret_expires_at: 0 }),
  }
}

/** Every place answers can go, as a consent remembers it: sorted, each once. */
export function redirectHosts(metadata: Pick<ClientMetadata, 'redirect_uris'>): string[] {
  return [...new Set(metadata.redirect_uris.map(redirectHost))].sort()
}

/** Whether every answer goes to this computer, through a port that any program here could have opened. */
export function isLoopbackOnly(metadata: Pick<ClientMetadata, 'redirect_uris'>): boolean {
  return metadata.redirect_uris.length > 0 && metadata.redirect_uris.every(isLoopbackRedirect)
}

/** How far we can say who a client is. A document proves a host, but not which program listens here (RFC 8252 §8.6). */
export function trustOf(client: Pick<Client, 'origin' | 'metadata'>): ClientTrust {
  if (client.origin !== 'registered') return client.origin
  return isLoopbackOnly(client.metadata) ? 'local' : 'registered'
}
