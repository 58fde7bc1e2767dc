import { expect, it } from 'vitest'
import { plainSentence } from '../../src/admin/audit-sentence.ts'
import { feedLines } from '../../src/admin/home-feed.ts'
import { detailNames, isAuditEventType } from '../../src/audit/events.ts'
import { formatFor } from '../../src/messages/format.ts'
import { locales, messagesFor } from '../../src/messages/messages.ts'
import { fill } from '../../src/messages/places.ts'

const at = new Date('2026-03-01T12:00:00Z')
const types = Object.keys(detailNames).filter(isAuditEventType)

it.each(locales)(
  'every event can be told in %s, in the book and on the first page, also without any detail',
  async (locale) => {
    const messages = messagesFor(locale)
    const blank = { id: 'e', at, actor: 'system', accountId: undefined, clientId: undefined, resource: undefined }
    const events = types.map((type) => ({
      ...{ ...blank, grantId: undefined, address: undefined, requestId: undefined, position: undefined },
      ...{ type, detail: {} },
    }))
    const names = { people: new Map(), clients: new Map(), resources: [] }
    for (const event of events) expect(plainSentence(messages, event, names), event.type).toMatch(/\p{L}/u)
    const nobody = { account: async () => undefined, client: async () => undefined, server: () => undefined }
    const lines = await feedLines(messages, formatFor(locale), events, nobody, at)
    for (const { sentence, values } of lines) {
      const texts = Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'object' ? value.text : value,
      ])
      expect(fill(sentence, Object.fromEntries(texts))).toMatch(/\p{L}/u)
    }
  },
)
