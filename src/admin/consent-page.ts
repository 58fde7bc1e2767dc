import type { Client } from '../clients/client.ts'
import { type ConsentPage as ConsentList, type ConsentPlace, countLimit } from '../consent/directory/store.ts'
import type { ConsentEntry } from '../consent/store.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { Resource } from '../resources/resource.ts'
import { describeScopes } from '../resources/scope-catalog.ts'
import type { PageLocals } from '../web/render.ts'

/** The filter as it was asked for. */
export interface ConsentQuery {
  /** An e-mail address, or the id of an account. */
  readonly account: string
  readonly client: string
  /** Id of an MCP server. */
  readonly server: string
  readonly scope: string
  readonly withRevoked: boolean
  readonly after: ConsentPlace | undefined
}

/** A consent as a row. */
export interface ConsentRow extends ConsentEntry {
  readonly person: string
  readonly since: Moment
  readonly ends: Moment | undefined
  readonly revoked: string | undefined
}

/** What the list shows. */
export interface ConsentsPage extends PageLocals {
  readonly consents: readonly ConsentRow[]
  readonly count: string
  readonly query: ConsentQuery
  readonly isFiltered: boolean
  readonly servers: readonly { readonly id: string; readonly name: string; readonly selected: boolean }[]
  readonly scopes: readonly string[]
  readonly message: string | undefined
  readonly done: string | undefined
  readonly next: string | undefined
  readonly isFirst: boolean
  readonly isCut: boolean
}

/** Reads the filter from a query; what is not one is left out. */
export function readConsentQuery(params: URLSearchParams): ConsentQuery {
  // PostgreSQL takes no NUL in a text, and no id or address holds a control character.
  const text = (name: string) =>
    (params.get(name) ?? '')
      .replaceAll(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 2048)
  const place = /^(\d{1,15})\.([\w-]{1,64})$/.exec(text('after'))
  return {
    account: text('account'),
    client: text('client'),
    server: text('server'),
    scope: text('scope'),
    withRevoked: text('revoked') === 'yes',
    after: place === null ? undefined : { grantedAt: Number(place[1]), id: place[2] ?? '' },
  }
}

/** The address of a list with this filter. */
export function consentsHref(query: Partial<ConsentQuery>): string {
  const { account, client, server, scope, withRevoked, after } = query
  const params = new URLSearchParams({
    ...(account && { account }),
    ...(client && { client }),
    ...(server && { server }),
    ...(scope && { scope }),
    ...(withRevoked && { revoked: 'yes' }),
    ...(after && { after: `${after.grantedAt}.${after.id}` }),
  })
  return params.size === 0 ? '/admin/consents' : `/admin/consents?${params}`
}

/** Facts of the list. */
export function consentsPage(
  messages: Messages,
  format: Format,
  facts: {
    readonly query: ConsentQuery
    readonly found: ConsentList
    readonly count: number
    readonly resources: readonly Resource[]
    readonly noPerson: boolean
    readonly done: 'revoked' | 'revoked-before' | undefined
  },
): ConsentsPage {
  const { adminConsents: words } = messages
  const { query, found, count, resources } = facts
  const isMore = count > countLimit
  const doneWords = { revoked: words.revoke.done, 'revoked-before': words.revoke.doneBefore }
  return {
    title: words.heading,
    page: 'consents',
    area: 'admin',
    here: consentsHref(query),
    consents: found.consents.map((consent) => consentRow(messages, format, consent)),
    count: isMore ? fill(words.countMore, { limit: format.number(countLimit) }) : words.count(count),
    query,
    isFiltered: consentsHref({ ...query, after: undefined }) !== '/admin/consents',
    servers: resources.map(({ id, name }) => ({ id, name, selected: id === query.server })),
    scopes: [...new Set(resources.flatMap(({ scopes }) => scopes.map(({ name }) => name)))].sort(),
    message: facts.noPerson ? words.filter.noPerson : undefined,
    done: facts.done && doneWords[facts.done],
    next: found.next && consentsHref({ ...query, after: found.next }),
    isFirst: query.after === undefined,
    isCut: found.isCut,
  }
}

function consentRow({ adminConsents: words }: Messages, format: Format, consent: ConsentEntry): ConsentRow {
  return {
    ...consent,
    person: consent.email ?? words.removedAccount,
    since: format.date(consent.grantedAt),
    ends: consent.expiresAt && format.date(consent.expiresAt),
    revoked: consent.revokedAt && fill(words.revokedOn, { date: format.date(consent.revokedAt).words }),
  }
}

/** What the page of one consent shows. */
export interface ConsentDetailPage extends PageLocals {
  readonly consent: ConsentRow
  readonly clientName: string
  readonly provenHost: string | undefined
  readonly place: string
  readonly granted: Moment
  readonly endsAt: Moment | undefined
  readonly revokedAt: Moment | undefined
  readonly permissions: readonly { readonly name: string; readonly words: string | undefined }[]
  readonly connections: string
  /** Ended once and for all: there is nothing left to revoke. */
  readonly isOver: boolean
}

/** Facts of one consent. */
export function consentDetailPage(
  messages: Messages,
  format: Format,
  facts: {
    readonly consent: ConsentEntry
    readonly client: Client | null
    readonly resource: Resource | undefined
    readonly connections: number
  },
): ConsentDetailPage {
  const { adminConsents: words } = messages
  const { consent, client, resource, connections } = facts
  const row = consentRow(messages, format, consent)
  const known = resource === undefined ? [] : describeScopes(resource, consent.scopes)
  return {
    title: fill(words.detail.heading, { person: row.person }),
    page: 'consent-detail',
    area: 'admin',
    consent: row,
    clientName: client?.claimedName ?? consent.clientId,
    provenHost: client?.provenHost ?? undefined,
    place: placeWords(messages, consent.redirectHost),
    granted: format.dateTime(consent.grantedAt),
    endsAt: consent.expiresAt && format.dateTime(consent.expiresAt),
    revokedAt: consent.revokedAt && format.dateTime(consent.revokedAt),
    permissions: consent.scopes.map((name) => ({ name, words: known.find((one) => one.name === name)?.description })),
    connections: connections === 0 ? words.detail.noConnections : words.detail.connectionCount(connections),
    isOver: consent.revokedAt !== undefined && connections === 0,
  }
}

function placeWords({ adminConsents: words }: Messages, host: string): string {
  if (host === 'loopback') return words.detail.places.loopback
  return host.endsWith(':') ? fill(words.detail.places.app, { scheme: host }) : host
}
