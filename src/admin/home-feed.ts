import type { AuditRecord } from '../audit/record.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import type { RichValue } from '../web/rich.ts'
import { detailPlaces } from './audit-sentence.ts'

/** One event as a sentence with marked-up places. */
export interface FeedLine {
  readonly id: string
  readonly at: Moment
  readonly tone: 'good' | 'care' | 'stop' | 'plain'
  readonly sentence: string
  readonly values: Readonly<Record<string, RichValue>>
}

/** Looks names up; each may be gone. */
export interface FeedNames {
  readonly account: (id: string) => Promise<string | undefined>
  readonly client: (id: string) => Promise<string | undefined>
  readonly server: (identifier: string) => string | undefined
}

const grave = /^(?:refresh\.reused|code\.replayed)$/
const refused = /(?:_refused|\.refused|\.denied|\.blocked|\.revoked)$/
const welcome = /^(?:consent\.granted|token\.issued|resource\.created|client\.registered|session\.signed_in)$/

/** Tells events as sentences, in the reader's language. */
export async function feedLines(
  messages: Messages,
  format: Format,
  events: readonly AuditRecord[],
  names: FeedNames,
  now: Date,
): Promise<readonly FeedLine[]> {
  const words = messages.adminHome.feed
  const sentences: Readonly<Record<string, string>> = messages.adminAudit.sentences
  return Promise.all(
    events.map(async (event) => {
      const { type } = event
      const [who, person, client] = await Promise.all([
        whoOf(words, event, names),
        personOf(words, event.accountId, names),
        clientOf(messages, event, names),
      ])
      return {
        id: event.id,
        at: format.relative(event.at, now),
        tone: grave.test(type) ? 'stop' : refused.test(type) ? 'care' : welcome.test(type) ? 'good' : 'plain',
        // An event of a version to come is shown by its name rather than left out.
        sentence: sentences[type] ?? words.other,
        values: {
          ...{ who, person, client, server: serverOf(words, event, names), type },
          ...detailPlaces(messages.adminAudit, event.detail),
        },
      } satisfies FeedLine
    }),
  )
}

async function whoOf(
  words: Messages['adminHome']['feed'],
  { actor, accountId }: AuditRecord,
  names: FeedNames,
): Promise<RichValue> {
  if (actor === 'operator') return words.operator
  const id = actor.startsWith('account:') ? actor.slice('account:'.length) : accountId
  return actor === 'system' && (id === undefined || id === '') ? words.system : personOf(words, id, names)
}

async function personOf(
  words: Messages['adminHome']['feed'],
  id: string | undefined,
  names: FeedNames,
): Promise<RichValue> {
  return id === undefined || id === '' ? words.nobody : { tag: 'bdi', text: (await names.account(id)) ?? words.gone }
}

async function clientOf(messages: Messages, { clientId, detail }: AuditRecord, names: FeedNames): Promise<RichValue> {
  const claimed = clientId === undefined ? undefined : await names.client(clientId)
  const name = claimed ?? (typeof detail.clientName === 'string' ? detail.clientName : undefined)
  // What a client calls itself is a claim, and stands in quotes.
  if (name !== undefined) return { tag: 'bdi', text: messages.common.quote.replace('{text}', () => name) }
  return messages.adminHome.feed.anyClient
}

function serverOf(
  words: Messages['adminHome']['feed'],
  { resource, detail }: AuditRecord,
  names: FeedNames,
): RichValue {
  if (resource === undefined) return words.anyServer
  const name = names.server(resource) ?? (typeof detail.name === 'string' ? detail.name : resource)
  return { tag: 'b', text: name }
}
