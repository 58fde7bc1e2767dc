import { type AskingClient, type ClientCard, clientCard } from '../consent/client-card.ts'
import type { ConsentEntry } from '../consent/store.ts'
import { dayWords, type Moment, momentWords, spanWords } from '../consent/words.ts'
import type { Resource } from '../resources/resource.ts'
import { describeScopes } from '../resources/scope-catalog.ts'
import type { SessionSummary } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { type Connection, groupByClient, placeWords } from './connection.ts'

// Ours: an MCP server that is gone had tokens of an hour at most.
const longestTokenSeconds = 3600

/** One installation, or a permission that is remembered without one. */
export interface ConnectionRow {
  readonly clientId: string
  /** Field and value that name the row to the revoke form. */
  readonly field: 'grant' | 'consent'
  readonly id: string
  readonly server: string
  readonly address: string
  readonly permissions: readonly string[]
  readonly place: string
  readonly since: Moment
  readonly lastUsed: Moment | undefined
  readonly staysConnected: boolean
  readonly ends: Moment | undefined
  readonly tokenLife: string
}

/** A client with a person's connections through it. */
export interface ConnectionGroup {
  readonly client: ClientCard
  readonly clientId: string
  readonly rows: readonly ConnectionRow[]
}

/** The page `/account/connections`. */
export interface ConnectionsPage extends PageLocals {
  readonly groups: readonly ConnectionGroup[]
  /** After an end: until when a token that is out can still work. */
  readonly endedUntil: Moment | undefined
}

/** What the page is made from. */
export interface ConnectionsInput {
  readonly connections: readonly Connection[]
  /** Consents that stand; those without a connection are listed as remembered. */
  readonly consents: readonly ConsentEntry[]
  readonly clients: ReadonlyMap<string, AskingClient>
  readonly resources: readonly Resource[]
  readonly endedUntil: Date | undefined
}

/** Makes the connections page of one person. */
export function connectionsPage(input: ConnectionsInput): ConnectionsPage {
  const connected = new Set(input.connections.map((connection) => connection.consentId))
  const rows = [
    ...input.connections.map((connection) => connectionRow(connection, input.resources)),
    ...input.consents.filter(({ id }) => !connected.has(id)).map((consent) => rememberedRow(consent, input.resources)),
  ]
  return {
    title: 'Connections',
    page: 'connections',
    area: 'account',
    groups: groupByClient(rows).map(({ clientId, rows: ofClient }) => ({
      clientId,
      client: cardOf(clientId, input.clients),
      rows: ofClient,
    })),
    endedUntil: input.endedUntil === undefined ? undefined : momentWords(input.endedUntil),
  }
}

function cardOf(clientId: string, clients: ReadonlyMap<string, AskingClient>): ClientCard {
  const client = clients.get(clientId)
  if (client !== undefined) return clientCard(client, 'https')
  return {
    identity: 'unverified',
    claimedName: clientId,
    provenHost: undefined,
    badge: { tone: 'plain', mark: '', text: 'removed' },
    explanation: 'This client is not registered here any more.',
  }
}

function connectionRow(connection: Connection, resources: readonly Resource[]): ConnectionRow {
  const resource = resources.find(({ identifier }) => identifier === connection.resource)
  return {
    clientId: connection.clientId,
    field: 'grant',
    id: connection.grantId,
    ...serverWords(resource, connection.resource, connection.scopes),
    place: placeWords(connection.redirectHost),
    since: dayWords(connection.since),
    lastUsed: connection.usedAt === undefined ? undefined : momentWords(connection.usedAt),
    staysConnected: connection.staysConnected,
    ends: dayWords(connection.endsAt),
  }
}

function rememberedRow(consent: ConsentEntry, resources: readonly Resource[]): ConnectionRow {
  const resource = resources.find(({ id }) => id === consent.resourceId)
  return {
    clientId: consent.clientId,
    field: 'consent',
    id: consent.id,
    ...serverWords(resource, consent.resourceIdentifier, consent.scopes),
    place: placeWords(consent.redirectHost),
    since: dayWords(consent.grantedAt),
    lastUsed: undefined,
    staysConnected: false,
    ends: consent.expiresAt === undefined ? undefined : dayWords(consent.expiresAt),
  }
}

function serverWords(
  resource: Resource | undefined,
  identifier: string | undefined,
  scopes: readonly string[],
): Pick<ConnectionRow, 'server' | 'address' | 'permissions' | 'tokenLife'> {
  const words = resource === undefined ? [] : describeScopes(resource, scopes)
  // A scope that the server dropped since is shown by its name rather than hidden.
  const unknown = scopes.filter((scope) => !words.some(({ name }) => name === scope))
  return {
    server: resource?.name ?? 'a removed MCP server',
    address: (identifier ?? '').replace(/^https?:\/\//, ''),
    permissions: [...words.map(({ description }) => description), ...unknown],
    tokenLife: spanWords(resource?.tokenLifetimeSeconds ?? longestTokenSeconds),
  }
}

/** Lifetimes of the tokens of some MCP servers, in seconds; of an unknown one the longest. */
export function tokenLifetimes(
  identifiers: readonly (string | undefined)[],
  resources: readonly Resource[],
): readonly number[] {
  return identifiers.map(
    (wanted) => resources.find(({ identifier }) => identifier === wanted)?.tokenLifetimeSeconds ?? longestTokenSeconds,
  )
}

/** The page `/account/sessions`. */
export interface SessionsPage extends PageLocals {
  readonly sessions: readonly {
    readonly current: boolean
    readonly since: Moment
    readonly used: Moment
    readonly ends: Moment
  }[]
}

/** Makes the list of a person's sessions. */
export function sessionsPage(sessions: readonly SessionSummary[], currentUid: string): SessionsPage {
  return {
    title: 'Sessions',
    page: 'sessions',
    area: 'account',
    sessions: sessions.map((session) => ({
      current: session.uid === currentUid,
      since: momentWords(session.createdAt),
      used: momentWords(session.usedAt),
      ends: momentWords(session.expiresAt),
    })),
  }
}
