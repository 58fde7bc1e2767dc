import type { AuditRecord } from '../audit/record.ts'
import type { AskingClient } from '../consent/client-card.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { coarseAddress } from '../net/coarse-address.ts'
import type { Resource } from '../resources/resource.ts'
import { describeScopes } from '../resources/scope-catalog.ts'
import type { IconName } from '../web/icons.ts'
import type { PageLocals } from '../web/render.ts'
import type { RichValue } from '../web/rich.ts'
import { type HistoryEntry, type HistoryPart, isAlarm } from './history.ts'
import { clientWords, networkWords, serverWords } from './words.ts'

/** One sentence of the history. */
export interface HistoryLine {
  readonly id: string
  readonly type: string
  readonly at: Moment
  /** Hours and minutes of it, as the day stands above. */
  readonly time: string
  readonly text: string
  /** What goes to the places of the text. */
  readonly values: Readonly<Record<string, RichValue>>
  readonly icon: IconName
  readonly alarm: boolean
  /** From where, and by whom when it was not the person. */
  readonly aside: string
}

/** The page `/account/history`. */
export interface HistoryPage extends PageLocals {
  readonly days: readonly { readonly day: Moment; readonly lines: readonly HistoryLine[] }[]
  readonly next: string | undefined
  readonly isFirst: boolean
}

/** Where names come from. */
export interface HistoryNames {
  readonly clients: ReadonlyMap<string, AskingClient>
  readonly resources: readonly Resource[]
}

/** Makes a page of one person's history. */
export function historyPage(
  messages: Messages,
  format: Format,
  input: HistoryNames & { readonly part: HistoryPart; readonly before: string | undefined },
): HistoryPage {
  const { part, before } = input
  const byDay = Map.groupBy(part.entries, ({ event }) => event.at.toISOString().slice(0, 10))
  return {
    title: messages.me.history.heading,
    page: 'history',
    area: 'account',
    here: before === undefined ? undefined : `/account/history?before=${before}`,
    days: [...byDay.values()].flatMap((entries) => {
      const [first] = entries
      if (first === undefined) return []
      return [
        { day: format.date(first.event.at), lines: entries.map((entry) => lineOf(messages, format, entry, input)) },
      ]
    }),
    next: part.next,
    isFirst: before === undefined,
  }
}

function lineOf(messages: Messages, format: Format, { event, count }: HistoryEntry, names: HistoryNames): HistoryLine {
  const client = event.clientId === undefined ? undefined : names.clients.get(event.clientId)
  const clientName =
    event.clientId === undefined ? messages.me.deletedClient : clientWords(messages, event.clientId, client).name
  return {
    id: event.id,
    type: event.type,
    at: format.dateTime(event.at),
    time: event.at.toISOString().slice(11, 16),
    text: sentence(messages, event, count),
    values: {
      client: { tag: 'bdi', class: 'strong', text: clientName },
      server: { tag: 'bdi', class: 'strong', text: serverWords(messages, event.resource, names.resources) },
      scopes: scopeWords(format, event, event.detail.scopes, names.resources),
      removed: scopeWords(format, event, event.detail.removed, names.resources),
      type: event.type,
    },
    icon: iconOf(event),
    alarm: isAlarm(event),
    aside: [actorWords(messages, event), networkWords(messages, coarseAddress(event.address))]
      .filter((words) => words !== undefined)
      .join(' · '),
  }
}

function sentence({ me }: Messages, event: AuditRecord, count: number): string {
  const { history } = me
  const { type, detail } = event
  if (type === 'token.refreshed' || type === 'token.refresh_grace') return history.refreshed(count)
  if (type === 'code.issued') return history.let_in
  if (type === 'token.refused' && detail.reason === 'paused') return history.refused_paused
  if (type === 'code.replayed' && detail.revoked === false) return history.replayed_refused
  if (type === 'consent.granted' && Array.isArray(detail.scopes) && detail.scopes.length > 0)
    return history.granted_with
  const known: Readonly<Record<string, string>> = history.events
  const name = type.replaceAll('.', '_')
  // A type that came into the book after these words is told by its name rather than left out.
  return Object.hasOwn(known, name) ? (known[name] ?? history.other) : history.other
}

function scopeWords(
  format: Format,
  { resource }: AuditRecord,
  scopes: unknown,
  resources: readonly Resource[],
): string {
  if (!Array.isArray(scopes)) return ''
  const names = scopes.map(String)
  const server = resources.find(({ identifier }) => identifier === resource)
  const known = server === undefined ? [] : describeScopes(server, names)
  return format.list(names.map((name) => known.find((one) => one.name === name)?.description ?? name))
}

function actorWords({ me }: Messages, { actor, accountId }: AuditRecord): string | undefined {
  const { by } = me.history
  if (actor === 'operator') return by.operator
  if (actor === 'system') return by.system
  return actor.startsWith('account:') && actor !== `account:${accountId}` ? by.administrator : undefined
}

const icons: readonly (readonly [prefix: string, icon: IconName])[] = [
  ['session.sign_in_refused', 'alert'],
  ['session.sign_in_slowed', 'alert'],
  ['session.signed_in', 'user'],
  ['session.first_factor', 'key'],
  ['session.second_factor', 'key'],
  ['account.authenticator', 'key'],
  ['account.passkey', 'key'],
  ['account.recovery', 'key'],
  ['account.second_factors_reset', 'alert'],
  ['identity.linked', 'user'],
  ['identity.unlinked', 'x'],
  ['session.', 'log-out'],
  ['account.password', 'lock'],
  ['account.exported', 'download'],
  ['account.', 'user'],
  ['consent.granted', 'check'],
  ['consent.', 'x'],
  ['connection.paused', 'pause'],
  ['connection.resumed', 'play'],
  ['connection.narrowed', 'pencil'],
  ['token.refused', 'ban'],
  ['token.refresh', 'refresh'],
  ['token.', 'plug'],
  ['code.', 'plug'],
  ['grant.', 'x'],
  ['authorization.', 'ban'],
]

function iconOf(event: AuditRecord): IconName {
  if (isAlarm(event)) return 'alert'
  return icons.find(([prefix]) => event.type.startsWith(prefix))?.[1] ?? 'info'
}
