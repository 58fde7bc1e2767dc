import { describe, expect, it } from 'vitest'
import { type Chosen, consentPage } from '../../src/consent/page.ts'
import { formatFor } from '../../src/messages/format.ts'
import { messagesFor } from '../../src/messages/messages.ts'
import { asking, earlier, type Facts, now, proven } from './question.ts'
import { ada, notes, registered } from './room.ts'

const messages = messagesFor('en')
const nobody = { people: 0, logo: undefined }
const admin = { ...ada, role: 'admin' as const }

async function pageOf(facts: Facts = {}, over: { people?: number; longestSeconds?: number; chosen?: Chosen } = {}) {
  const tools = { messages, format: formatFor('en'), basePath: '/auth', now, longestSeconds: over.longestSeconds }
  return consentPage(await asking(facts), { ...nobody, people: over.people ?? 0 }, tools, over.chosen)
}

const chosen: Chosen = { ticked: [], stayConnected: false, duration: 'hour', fault: undefined }

describe('the consent page', () => {
  it.each([
    ['https://notes.example/mcp', 'notes.example/mcp'],
    ['http://localhost:9728/mcp', 'localhost:9728/mcp'],
    ['https://notes.example/?of=https://other.example', 'notes.example/?of=https://other.example'],
  ])('names %s without its scheme', async (identifier, address) => {
    expect((await pageOf({ resource: { ...notes, identifier } })).server.address).toBe(address)
  })

  it('offers what is done for everyone to administrators alone, and once', async () => {
    expect(await pageOf()).toMatchObject({ isAdmin: false, vouchAction: undefined })
    expect(await pageOf({ account: admin })).toMatchObject({
      isAdmin: true,
      vouchAction: '/auth/interaction/uid-1/vouch',
    })
    const allowed = { ...registered, allowedAt: now }
    expect(await pageOf({ account: admin, client: allowed })).toMatchObject({ isAdmin: true, vouchAction: undefined })
  })

  it('says why it is there again, and nothing the first time', async () => {
    expect(await pageOf()).toMatchObject({ reason: 'new-client', reasonText: undefined })
    const known = { consents: [earlier], authorization: { scopes: ['notes:read'] } }
    expect(await pageOf(known)).toMatchObject({ reason: undefined, reasonText: undefined })
    const elsewhere = { ...known, authorization: { scopes: ['notes:read'], startedCrossSite: true } }
    expect((await pageOf(elsewhere)).reasonText).toContain('Another website sent you here')
  })

  it('compares with what was allowed; a list that would be empty is not written (E11)', async () => {
    expect((await pageOf()).diff).toBeUndefined()
    const consents = [earlier]
    const both = await pageOf({ consents, authorization: { scopes: ['notes:read', 'notes:write'] } })
    expect(both.diff).toEqual({ known: 'Already allowed: Read your notes.', fresh: 'New: Change your notes.' })
    const nothingNew = await pageOf({ consents, authorization: { scopes: ['notes:read'] } })
    expect(nothingNew.diff).toEqual({ known: 'Already allowed: Read your notes.', fresh: undefined })
  })

  it('stays connected unless the person said otherwise', async () => {
    expect((await pageOf()).stayConnected).toBe(true)
    expect((await pageOf({}, { chosen })).stayConnected).toBe(false)
    expect((await pageOf({}, { chosen: { ...chosen, stayConnected: true } })).stayConnected).toBe(true)
  })

  it('says what is missing only when something is (D10)', async () => {
    expect((await pageOf()).message).toBeUndefined()
    expect((await pageOf({}, { chosen })).message).toBeUndefined()
    const missing = await pageOf({}, { chosen: { ...chosen, fault: 'acknowledge' } })
    expect(missing.message).toBe('Nothing was allowed yet. Tick that you know app.example, or choose Deny.')
  })

  it('tells of a look-alike under the name of the known one, also once the stop was passed (D11)', async () => {
    const lookAlike = { id: 'known', claimedName: 'Claude', provenHost: 'claude.ai' }
    expect(await pageOf()).toMatchObject({ lookAlikeNote: undefined, despite: undefined })
    expect(await pageOf({ lookAlike })).toMatchObject({
      lookAlikeNote: 'This is not the Claude that people here use.',
      despite: 'known',
    })
    const here = await pageOf({ lookAlike, authorization: { redirectUri: 'http://127.0.0.1:5/cb' } })
    expect(here.lookAlikeNote).toBe('This is not the Claude that people here use.')
    expect(here.despite).toBeUndefined()
  })
})

describe('how long, on the page', () => {
  it('has one choice picked: the proposal, or what the person had picked', async () => {
    const picked = async (...args: Parameters<typeof pageOf>) =>
      (await pageOf(...args)).durations.filter(({ selected }) => selected).map(({ value }) => value)
    expect(await picked()).toEqual(['month'])
    expect(await picked({ client: proven })).toEqual(['revoked'])
    expect(await picked({ client: { ...registered, allowedAt: now } })).toEqual(['revoked'])
    expect(await picked({}, { chosen })).toEqual(['hour'])
    // What ends later than everything does is not offered, and cannot be picked.
    expect(await picked({}, { longestSeconds: 7200 })).toEqual(['revoked'])
  })

  it('says when today ends, and when everything does', async () => {
    const today = 'Then the connection and its last access end by themselves. Today ends at midnight UTC, in 3 hours.'
    expect((await pageOf()).durationWords).toBe(today)
    expect((await pageOf({}, { longestSeconds: 90 * 86_400 })).durationWords).toBe(
      `${today} At the latest everything ends after 90 days.`,
    )
  })
})

describe('what is told of the client', () => {
  it.each([
    [0, 'nobody here uses it yet'],
    [1, 'one person here uses it'],
    [12, '12 people here use it'],
    [1000, '1,000 people here use it'],
    [1001, 'more than 1,000 people here use it'],
  ])('%i people: %s', async (people, words) => {
    expect((await pageOf({}, { people })).facts.people).toBe(words)
  })

  it('is when it came, and when it last said something else', async () => {
    const { facts } = await pageOf()
    expect(facts.firstSeen.words).toBe('3 March 2026')
    expect(facts.changed).toBeUndefined()
    const changed = await pageOf({ client: { ...registered, changedAt: new Date('2026-05-04T10:00:00Z') } })
    expect(changed.facts.changed?.words).toBe('4 May 2026')
  })

  it('are its links, https alone; its document only where it has one (D12)', async () => {
    const metadata = { policy_uri: 'https://claude.ai/privacy', tos_uri: 'javascript:alert(1)' }
    const links = async (client: Facts['client']) => (await pageOf({ client: client ?? registered })).facts.links
    expect(await links(registered)).toEqual([])
    expect(await links({ ...registered, metadata })).toEqual([
      { href: 'https://claude.ai/privacy', words: 'privacy policy at claude.ai' },
    ])
    expect(
      await links({ ...registered, metadata: { policy_uri: 'no address', tos_uri: 'http://claude.ai/terms' } }),
    ).toEqual([])
    expect(await links({ ...proven, metadata: {} })).toEqual([
      { href: 'https://claude.ai/client.json', words: 'its description' },
    ])
  })
})

describe('the permissions as rows', () => {
  it('are marked by risk, the grave ones as such (E12)', async () => {
    const { groups } = await pageOf()
    expect(groups.map(({ risk, badge }) => [risk, badge])).toEqual([
      ['destructive', { tone: 'stop', words: 'cannot be undone' }],
      ['write', { tone: 'plain', words: 'changes data' }],
      ['read', undefined],
    ])
  })

  const marks = async (...args: Parameters<typeof pageOf>) =>
    Object.fromEntries(
      (await pageOf(...args)).groups.flatMap(({ rows }) =>
        rows.map(({ scope, mark, hint, ticked }) => [scope, { mark: mark?.words, hint, ticked }]),
      ),
    )
  const needed = 'Needed for anything this server does.'

  it('the first time only the required one is marked', async () => {
    expect(await marks()).toEqual({
      'notes:read': { mark: 'required', hint: needed, ticked: true },
      'notes:write': { mark: undefined, hint: undefined, ticked: true },
      'notes:delete': { mark: undefined, hint: undefined, ticked: false },
    })
  })

  it('asked again, each is new or already allowed (E11)', async () => {
    const fresh = { mark: 'new', hint: 'You have not allowed this before.' }
    expect(await marks({ consents: [{ ...earlier, scopes: ['notes:write'] }] })).toEqual({
      'notes:read': { mark: 'new', hint: needed, ticked: true },
      'notes:write': { mark: 'already allowed', hint: undefined, ticked: true },
      'notes:delete': { ...fresh, ticked: false },
    })
  })

  it('come back as the person had ticked them, the required one in any case', async () => {
    const ticked = await marks({}, { chosen: { ...chosen, ticked: ['notes:delete'] } })
    expect(Object.entries(ticked).map(([scope, row]) => [scope, row.ticked])).toEqual([
      ['notes:delete', true],
      ['notes:write', false],
      ['notes:read', true],
    ])
  })
})
