import type { ProgramFacts } from '../clients/program.ts'
import type { AskingClient } from '../consent/client-card.ts'
import type { ConsentEntry } from '../consent/store.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { Resource } from '../resources/resource.ts'
import { describeScopes } from '../resources/scope-catalog.ts'
import type { IconName } from '../web/icons.ts'
import type { PageLocals } from '../web/render.ts'
import { type Connection, groupByProgram } from './connection.ts'
import { type ClientWords, clientWords, networkWords, placeWords, serverWords } from './words.ts'

// Ours: an MCP server that is gone had tokens of an hour at most.
const longestTokenSeconds = 3600
// Ours: more rows of one program than these say less than their number.
const mostShown = 3
const shownOfMany = 2

/** What a client may do, in the words of the MCP server. */
export interface PermissionWords {
  readonly scope: string
  readonly words: string
  readonly icon: IconName
  readonly tone: 'plain' | 'stop'
}

/** One installation, or a permission that is remembered without one. */
export interface ConnectionRow {
  readonly clientId: string
  /** Field and value that name the row to the forms. */
  readonly field: 'grant' | 'consent'
  readonly id: string
  readonly server: string
  readonly address: string
  readonly permissions: readonly PermissionWords[]
  readonly place: string
  readonly since: Moment
  readonly lastUsed: Moment | undefined
  readonly lastUsedWords: string
  readonly network: string | undefined
  readonly staysConnected: boolean
  readonly ends: (Moment & { readonly left: string }) | undefined
  readonly idleEnds: Moment | undefined
  readonly tokenLife: string
  readonly paused: Moment | undefined
  /** There is something that can be taken away, and something that stays. */
  readonly canNarrow: boolean
}

/** A program with a person's connections through it. */
export interface ConnectionGroup {
  readonly client: ClientWords
  readonly clientId: string
  readonly clientIds: readonly string[]
  /** Shown as they are: all of a few, the newest of many. */
  readonly rows: readonly ConnectionRow[]
  readonly folded: readonly ConnectionRow[]
  readonly foldedWords: string
  readonly count: number
}

/** A credential that came back after it had been used up. */
export interface ReuseAlarm {
  readonly client: string
  readonly at: Moment
}

/** What was done just now. */
export type Done = 'ended' | 'paused' | 'narrowed' | 'resumed'

/** The page `/account/connections`. */
export interface ConnectionsPage extends PageLocals {
  readonly groups: readonly ConnectionGroup[]
  readonly summary: string
  readonly alarms: readonly ReuseAlarm[]
  /** After an act: what was done, and until when a token that is out can still work. */
  readonly done: { readonly act: Done; readonly words: string; readonly until: Moment | undefined } | undefined
}

/** What the page is made from. */
export interface ConnectionsInput {
  readonly connections: readonly Connection[]
  /** Consents that stand; those without a connection are listed as remembered. */
  readonly consents: readonly ConsentEntry[]
  readonly clients: ReadonlyMap<string, AskingClient & ProgramFacts>
  readonly resources: readonly Resource[]
  readonly alarms: readonly { readonly clientId: string | undefined; readonly at: Date }[]
  readonly done: { readonly act: Done; readonly until: Date | undefined } | undefined
  readonly now: Date
}

/** Makes the connections page of one person. */
export function connectionsPage(messages: Messages, format: Format, input: ConnectionsInput): ConnectionsPage {
  const { connections: words } = messages.me
  const { clients, resources, now } = input
  const connected = new Set(input.connections.map((connection) => connection.consentId))
  const remembered = input.consents.filter(({ id }) => !connected.has(id))
  const rows = [
    ...input.connections.map((connection) => connectionRow(messages, format, connection, resources, now)),
    ...remembered.map((consent) => rememberedRow(messages, format, consent, resources, now)),
  ]
  const nameOf = (id: string) => clientWords(messages, id, clients.get(id))
  const holders = groupByProgram(input.connections, clients).length
  const longest = Math.max(
    0,
    ...tokenLifetimes(
      input.connections.map(({ resource }) => resource),
      resources,
    ),
  )
  return {
    title: words.heading,
    page: 'connections',
    area: 'account',
    groups: groupByProgram(rows, clients).map((group) => {
      const isLong = group.rows.length > mostShown
      const folded = isLong ? group.rows.slice(shownOfMany) : []
      return {
        ...group,
        client: nameOf(group.clientId),
        rows: isLong ? group.rows.slice(0, shownOfMany) : group.rows,
        folded,
        foldedWords: words.earlier(format.number(folded.length)),
        count: group.rows.length,
      }
    }),
    summary: holders === 0 ? '' : `${words.holds(holders)} ${fill(words.bite, { life: format.duration(longest) })}`,
    alarms: input.alarms.map(({ clientId, at }) => ({
      client: clientId === undefined ? messages.me.deletedClient : nameOf(clientId).name,
      at: format.dateTime(at),
    })),
    done: input.done && {
      act: input.done.act,
      words: words.done[input.done.act],
      until: input.done.until && format.dateTime(input.done.until),
    },
  }
}

function connectionRow(
  messages: Messages,
  format: Format,
  connection: Connection,
  resources: readonly Resource[],
  now: Date,
): ConnectionRow {
  const resource = resources.find(({ identifier }) => identifier === connection.resource)
  const { usedAt, idleEndsAt, endsAt } = connection
  const permissions = permissionWords(resource, connection.scopes)
  const lastUsed = usedAt && format.relative(usedAt, now)
  return {
    clientId: connection.clientId,
    field: 'grant',
    id: connection.grantId,
    server: serverWords(messages, connection.resource, resources),
    address: shortAddress(connection.resource),
    permissions,
    place: placeWords(messages, connection.redirectHost),
    since: format.date(connection.since),
    lastUsed,
    lastUsedWords: lastUsed?.words ?? messages.me.connections.neverUsed,
    network: networkWords(messages, connection.address),
    staysConnected: connection.staysConnected,
    ends: { ...format.date(endsAt), left: leftWords(messages, format, endsAt, now) },
    // Said only where it makes a difference of a day.
    idleEnds: idleEndsAt && endsAt.getTime() - idleEndsAt.getTime() > 86_400_000 ? format.date(idleEndsAt) : undefined,
    tokenLife: lifeWords(format, resource),
    paused: connection.pausedAt && format.dateTime(connection.pausedAt),
    canNarrow: permissions.length > 1,
  }
}

function rememberedRow(
  messages: Messages,
  format: Format,
  consent: ConsentEntry,
  resources: readonly Resource[],
  now: Date,
): ConnectionRow {
  const resource = resources.find(({ id }) => id === consent.resourceId)
  const { expiresAt } = consent
  return {
    clientId: consent.clientId,
    field: 'consent',
    id: consent.id,
    server: resource?.name ?? messages.me.removedServer,
    address: shortAddress(consent.resourceIdentifier),
    permissions: permissionWords(resource, consent.scopes),
    place: placeWords(messages, consent.redirectHost),
    since: format.date(consent.grantedAt),
    lastUsed: undefined,
    lastUsedWords: messages.me.connections.neverUsed,
    network: undefined,
    staysConnected: false,
    ends: expiresAt && { ...format.date(expiresAt), left: leftWords(messages, format, expiresAt, now) },
    idleEnds: undefined,
    tokenLife: lifeWords(format, resource),
    paused: undefined,
    canNarrow: false,
  }
}

const riskIcons = { read: 'eye', write: 'pencil', destructive: 'trash' } as const

function permissionWords(resource: Resource | undefined, scopes: readonly string[]): readonly PermissionWords[] {
  const known = resource === undefined ? [] : describeScopes(resource, scopes)
  // A scope that the server dropped since is shown by its name rather than hidden.
  const unknown = scopes.filter((scope) => !known.some(({ name }) => name === scope))
  return [
    ...known.map(({ name, description, risk }) => ({
      scope: name,
      words: description,
      icon: riskIcons[risk],
      tone: risk === 'destructive' ? ('stop' as const) : ('plain' as const),
    })),
    ...unknown.map((scope) => ({ scope, words: scope, icon: 'info' as const, tone: 'plain' as const })),
  ]
}

function lifeWords(format: Format, resource: Resource | undefined): string {
  return format.duration(resource?.tokenLifetimeSeconds ?? longestTokenSeconds)
}

// Days rather than months: a month is as long as one likes.
function leftWords({ me }: Messages, format: Format, at: Date, now: Date): string {
  const seconds = Math.max(60, (at.getTime() - now.getTime()) / 1000)
  const unit = seconds >= 2 * 86_400 ? 86_400 : seconds >= 2 * 3600 ? 3600 : 60
  return fill(me.connections.left, { span: format.duration(Math.round(seconds / unit) * unit) })
}

function shortAddress(identifier: string | undefined): string {
  return (identifier ?? '').replace(/^https?:\/\//, '')
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
