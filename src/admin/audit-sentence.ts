import { type AuditEventType, type DetailValue, isAuditEventType } from '../audit/events.ts'
import type { AuditRecord } from '../audit/record.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { Resource } from '../resources/resource.ts'
import type { RichValue } from '../web/rich.ts'
import type { NameStore, Names } from './names/store.ts'

/** Where the names in sentences come from. */
export interface AuditNames extends Names {
  readonly resources: readonly Resource[]
}

/** An event as a sentence with marked-up places. */
export interface AuditSentence {
  readonly text: string
  readonly values: Readonly<Record<string, RichValue>>
  readonly tone: 'plain' | 'care' | 'stop'
}

const alarms: ReadonlySet<string> = new Set(['refresh.reused', 'code.replayed', 'mail.failed'])

/** Tells an event in the reader's language. */
export function sentenceOf(
  { adminAudit: words, common }: Messages,
  event: AuditRecord,
  names: AuditNames,
): AuditSentence {
  const { type, actor, accountId, clientId, resource, detail } = event
  const sentences: Readonly<Record<AuditEventType, string>> = words.sentences
  const client = clientWords(common.quote, clientId, detail.clientName, names, words.anyClient)
  const who = actor.startsWith('account:')
    ? personWords(actor.slice('account:'.length), names, words)
    : actor.startsWith('client:')
      ? clientWords(common.quote, actor.slice('client:'.length), detail.clientName, names, words.anyClient)
      : actor === 'operator'
        ? words.operator
        : words.system
  // A type that came into the book after these words is told by its name rather than left out.
  const text = isAuditEventType(type) ? sentences[type] : words.other
  return {
    text,
    values: beginning(text, {
      who,
      person: accountId === undefined ? words.somebody : personWords(accountId, names, words),
      client,
      server: serverWords(resource, detail.name, names, words.anyServer),
      ...detailPlaces(words, detail),
      type,
    }),
    tone: alarms.has(type) ? 'stop' : /refused$|denied$|rejected$/.test(type) ? 'care' : 'plain',
  }
}

/** Words that stand for a name begin with a capital at the beginning of the sentence. */
function beginning(text: string, values: Readonly<Record<string, RichValue>>): AuditSentence['values'] {
  const name = /^\{(\w+)\}/.exec(text)?.[1] ?? ''
  const first = values[name]
  return typeof first === 'string' ? { ...values, [name]: first.charAt(0).toUpperCase() + first.slice(1) } : values
}

/** The same as plain text, for a terminal and for files. */
export function plainSentence(messages: Messages, event: AuditRecord, names: AuditNames): string {
  const { text, values } = sentenceOf(messages, event, names)
  const plain = Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value.text : value])
  return fill(text, Object.fromEntries(plain))
}

/** Looks up every name that a page of events needs. */
export async function namesOf(
  store: NameStore,
  events: readonly AuditRecord[],
  resources: readonly Resource[],
): Promise<AuditNames> {
  const people = events.flatMap(({ accountId, actor }) => [accountId ?? '', after(actor, 'account:')])
  const clients = events.flatMap(({ clientId, actor }) => [clientId ?? '', after(actor, 'client:')])
  const isNamed = (id: string) => id !== ''
  return { ...(await store.of(people.filter(isNamed), clients.filter(isNamed))), resources }
}

function after(actor: string, kind: string): string {
  return actor.startsWith(kind) ? actor.slice(kind.length) : ''
}

/** The places of a sentence that come from the detail alone; wherever sentences are told, these are filled. */
export function detailPlaces(
  { anyUpstream }: Messages['adminAudit'],
  detail: AuditRecord['detail'],
): Readonly<Record<'upstream' | 'limit' | 'host', RichValue>> {
  return {
    upstream: upstreamWords(detail.name ?? detail.upstream, anyUpstream),
    limit: typeof detail.limit === 'string' ? detail.limit : '',
    host: typeof detail.host === 'string' ? detail.host : '',
  }
}

function upstreamWords(name: DetailValue | undefined, unnamed: string): RichValue {
  return typeof name === 'string' ? { tag: 'bdi', class: 'strong', text: name } : unnamed
}

function personWords(id: string, { people }: AuditNames, words: Messages['adminAudit']): RichValue {
  const email = people.get(id)
  return email === undefined ? words.gone : { tag: 'bdi', class: 'strong', text: email }
}

function clientWords(
  quote: string,
  id: string | undefined,
  said: unknown,
  { clients }: AuditNames,
  otherwise: string,
): RichValue {
  const name = (id === undefined ? undefined : clients.get(id)) ?? (typeof said === 'string' ? said : undefined)
  // What a client calls itself is a claim, and stands in quotes.
  if (name !== undefined) return { tag: 'bdi', class: 'strong', text: fill(quote, { text: name }) }
  return id === undefined ? otherwise : { tag: 'code', text: id }
}

function serverWords(
  identifier: string | undefined,
  said: unknown,
  { resources }: AuditNames,
  otherwise: string,
): RichValue {
  if (identifier === undefined) return otherwise
  const known = resources.find((resource) => resource.identifier === identifier)?.name
  return { tag: 'bdi', class: 'strong', text: known ?? (typeof said === 'string' ? said : identifier) }
}
