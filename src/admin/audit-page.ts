import { detailNames } from '../audit/events.ts'
import type { AuditPage as AuditPart, AuditRecord, Verdict } from '../audit/record.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { Resource } from '../resources/resource.ts'
import type { PageLocals } from '../web/render.ts'
import { type AuditQuery, auditHref } from './audit-query.ts'
import { type AuditNames, type AuditSentence, sentenceOf } from './audit-sentence.ts'

/** Ours: how many events a file from the console holds at most; the command line has no limit. */
export const exportLimit = 100_000

/** Ours: how far and how long the console walks the chain. */
export const verifyLimits = { newest: 50_000, milliseconds: 3_000 } as const

const verifyCommand = 'sallyport audit verify'
const exportCommand = 'sallyport audit export'

/** An event in the list. */
export interface AuditLine extends AuditSentence {
  readonly id: string
  readonly type: string
  readonly at: Moment
  readonly address: string | undefined
  readonly facts: string
}

/** What the list shows. */
export interface AuditListPage extends PageLocals {
  readonly events: readonly AuditLine[]
  readonly query: AuditQuery
  readonly types: readonly { readonly noun: string; readonly types: readonly string[] }[]
  readonly servers: readonly { readonly identifier: string; readonly name: string; readonly selected: boolean }[]
  readonly isFiltered: boolean
  readonly message: string | undefined
  readonly verdict: { readonly ok: boolean; readonly words: string } | undefined
  readonly next: string | undefined
  readonly isFirst: boolean
  readonly isCut: boolean
  readonly exportText: string
  readonly verifyText: string
  readonly exports: { readonly jsonl: string; readonly csv: string }
}

/** Facts of the list. */
export function auditListPage(
  messages: Messages,
  format: Format,
  facts: AuditNames & {
    readonly query: AuditQuery
    readonly found: AuditPart
    readonly fault: 'noPerson' | 'wrongDay' | undefined
    readonly verdict: Verdict | undefined
    readonly resources: readonly Resource[]
  },
): AuditListPage {
  const { adminAudit: words } = messages
  const { query, found, verdict } = facts
  const all = { ...query, before: '' }
  return {
    title: words.heading,
    page: 'audit',
    area: 'admin',
    here: auditHref('/admin/audit', query),
    events: found.events.map((event) => lineOf(messages, format, event, facts)),
    query,
    types: typesByNoun,
    servers: facts.resources.map(({ identifier, name }) => ({
      identifier,
      name,
      selected: identifier === query.server,
    })),
    isFiltered: auditHref('', all) !== '',
    message: facts.fault && words.filter[facts.fault],
    verdict: verdict && { ok: verdict.ok, words: verdictWords(messages, format, verdict) },
    next: found.next && auditHref('/admin/audit', { ...query, before: found.next }),
    isFirst: query.before === '',
    isCut: found.isCut,
    exportText: fill(words.export.text, { most: format.number(exportLimit), command: exportCommand }),
    verifyText: fill(words.verify.text, { newest: format.number(verifyLimits.newest), command: verifyCommand }),
    exports: {
      jsonl: auditHref('/admin/audit/export', all, { format: 'jsonl' }),
      csv: auditHref('/admin/audit/export', all, { format: 'csv' }),
    },
  }
}

const typesByNoun = [...Map.groupBy(Object.keys(detailNames), (type) => type.split('.', 1)[0] ?? '')].map(
  ([noun, types]) => ({ noun, types }),
)

function lineOf(messages: Messages, format: Format, event: AuditRecord, names: AuditNames): AuditLine {
  return {
    ...sentenceOf(messages, event, names),
    id: event.id,
    type: event.type,
    at: format.dateTime(event.at),
    address: event.address,
    facts: factsOf(event)
      .map(({ name, value }) => `${name}: ${value}`)
      .join(' · '),
  }
}

/** The details of an event, each as text. */
export function factsOf({ detail }: Pick<AuditRecord, 'detail'>): readonly { name: string; value: string }[] {
  return Object.entries(detail).map(([name, value]) => ({
    name,
    value: Array.isArray(value) ? value.join(' ') : String(value),
  }))
}

const reasons: Readonly<Record<string, keyof Messages['adminAudit']['verify']['reasons']>> = {
  'the note of the last place was edited': 'head',
  'the end of the chain is missing': 'end',
  'an event is missing': 'missing',
  'the event does not follow the one before it': 'order',
  'the event was edited': 'edited',
  'the last event is not the one that was noted': 'last',
  'an event has a place that was never given': 'place',
}

/** The outcome of a walk along the chain as a sentence. */
export function verdictWords({ adminAudit: words }: Messages, format: Format, verdict: Verdict): string {
  const { verify } = words
  if (!verdict.ok) {
    const reason = reasons[verdict.reason]
    return fill(verify.broken, {
      position: format.number(verdict.position),
      reason: reason === undefined ? verdict.reason : verify.reasons[reason],
    })
  }
  const text = verdict.until < verdict.end ? verify.cut : verdict.from > 1 ? verify.part : verify.whole
  return fill(text, {
    count: format.number(verdict.count),
    from: format.number(verdict.from),
    until: format.number(verdict.until),
    end: format.number(verdict.end),
    command: verifyCommand,
  })
}

/** What the page of one event shows. */
export interface AuditEventPage extends PageLocals {
  readonly event: AuditRecord
  readonly line: AuditSentence
  readonly at: Moment
  readonly facts: readonly { readonly name: string; readonly value: string }[]
  readonly person: string | undefined
  readonly clientName: string | undefined
  readonly serverName: string | undefined
  readonly place: string
}

/** Facts of one event. */
export function auditEventPage(
  messages: Messages,
  format: Format,
  event: AuditRecord,
  names: AuditNames,
): AuditEventPage {
  const { adminAudit: words } = messages
  const { accountId, clientId, resource } = event
  return {
    title: words.heading,
    page: 'audit-event',
    area: 'admin',
    event,
    line: sentenceOf(messages, event, names),
    at: format.dateTime(event.at),
    facts: factsOf(event),
    person: accountId && (names.people.get(accountId) ?? words.gone),
    clientName: clientId && names.clients.get(clientId),
    serverName: resource && names.resources.find(({ identifier }) => identifier === resource)?.name,
    place: event.position === undefined ? words.detail.noPlace : format.number(event.position),
  }
}
