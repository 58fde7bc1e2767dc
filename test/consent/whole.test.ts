import { describe, expect, it } from 'vitest'
import type { AskingClient } from '../../src/consent/client-card.ts'
import { earlier } from './question.ts'
import { ada, addGrant, anAuthorization, openRoom, registered } from './room.ts'

const page = '/interaction/uid-1/consent'
const known = { id: 'known', claimedName: 'Claude', provenHost: 'claude.ai' }
const admin = { ...ada, role: 'admin' as const }
const proven: AskingClient = {
  ...registered,
  id: 'https://claude.ai/client.json',
  origin: 'document',
  provenHost: 'claude.ai',
  metadata: { policy_uri: 'https://claude.ai/privacy', tos_uri: 'https://terms.example/' },
}

describe('a stranger’s website (D10)', () => {
  it('is acknowledged by host before it may act; with another host nothing is granted and the form comes back as it was', async () => {
    const room = await openRoom()
    expect((await room.browser.get(page)).html).toContain('name="acknowledge" value="app.example" required')
    for (const acknowledge of ['', 'yes', 'other.example', 'APP.EXAMPLE']) {
      const again = await room.browser.post(page, {
        decision: 'allow',
        scope: ['notes:delete'],
        duration: 'hour',
        acknowledge,
      })
      expect(again).toMatchObject({ status: 400, name: 'consent' })
      expect(again.text).toContain('Nothing was allowed yet.')
      expect(again.html).toMatch(/value="notes:delete" checked/)
      expect(again.html).not.toMatch(/value="notes:write" checked/)
      expect(again.html).toMatch(/value="hour" selected/)
    }
    expect(room.grants).toEqual([])
    await room.browser.post(page, { decision: 'allow', acknowledge: 'app.example' })
    expect(room.grants).toHaveLength(1)
  })

  it('needs no tick to be denied', async () => {
    const room = await openRoom()
    const seen = await room.browser.get(page)
    expect(seen.html).toMatch(/value="deny" formnovalidate/)
    const denied = await room.browser.post(page, { decision: 'deny' })
    expect(denied.text).toContain('app.example')
    expect(room.outcomes).toEqual([{ uid: 'uid-1', denied: true }])
  })
})

describe('a look-alike of a known client (D10, D11)', () => {
  it('is stopped in front of the question; who wants to see it says so', async () => {
    const room = await openRoom({ lookAlike: known })
    const stop = await room.browser.get(page)
    expect(stop.name).toBe('consent-warning')
    expect(stop.text).toContain('This is not the Claude that people here use')
    expect(stop.text).toContain('That one proves itself as claude.ai.')
    expect(stop.text).toContain('sends you to app.example')
    expect(stop.html).not.toContain('name="scope"')
    expect(stop.text).not.toContain('Tick that you know')

    expect(await room.browser.post(page, { decision: 'allow', acknowledge: 'app.example' })).toMatchObject({
      status: 400,
      name: 'consent-warning',
    })
    expect(await room.browser.post(page, { decision: 'look' })).toMatchObject({ status: 400, name: 'consent-warning' })
    expect(room.grants).toEqual([])

    const question = await room.browser.post(page, { decision: 'look', acknowledge: 'app.example' })
    expect(question.name).toBe('consent')
    expect(question.text).toContain('This is not the Claude that people here use')
    await room.browser.post(page, { decision: 'allow', despite: 'known' })
    expect(room.grants).toHaveLength(1)
  })

  it('on this computer is told apart in words', async () => {
    const authorization = anAuthorization({ redirectUri: 'http://127.0.0.1:5/cb' })
    const seen = await (await openRoom({ lookAlike: known, authorization })).browser.get(page)
    expect(seen.name).toBe('consent')
    expect(seen.html).toContain('data-look-alike')
  })
})

describe('how long', () => {
  it.each([
    ['hour', 3600],
    ['month', 30 * 86_400],
    ['revoked', 90 * 86_400],
  ])('%s bounds consent and grant alike', async (duration, seconds) => {
    const room = await openRoom({ client: proven, consentLifetimeSeconds: 90 * 86_400 })
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow', duration })
    const [consent] = await room.store.listForClient('ada', proven.id)
    expect((consent?.expiresAt?.getTime() ?? 0) - (consent?.grantedAt.getTime() ?? 0)).toBe(seconds * 1000)
    expect(room.grants[0]?.endsAt).toEqual(consent?.expiresAt)
  })

  it('nobody vouches for a client: it is proposed for 30 days', async () => {
    expect((await (await openRoom()).browser.get(page)).html).toMatch(/value="month" selected/)
    expect((await (await openRoom({ client: proven })).browser.get(page)).html).toMatch(/value="revoked" selected/)
  })

  it('what is no choice of ours grants nothing (G04)', async () => {
    const room = await openRoom({ client: proven })
    await room.browser.get(page)
    expect(await room.browser.post(page, { decision: 'allow', duration: 'forever' })).toMatchObject({ status: 400 })
    expect(room.grants).toEqual([])
  })
})

describe('facts and pictures (F18, G24)', () => {
  it('links of the client are opened without a referrer and say where they lead', async () => {
    const { html, text } = await (await openRoom({ client: proven })).browser.get(page)
    expect(text).toContain('nobody here uses it yet')
    expect(html).toMatch(
      /<a href="https:\/\/claude\.ai\/privacy" rel="noreferrer noopener nofollow"[^>]*>privacy policy at claude\.ai/,
    )
    expect(html).toMatch(/<a href="https:\/\/terms\.example\/" rel="noreferrer[^>]*>terms at terms\.example/)
  })

  it('F18 the picture is ours or a letter, never the client’s own address', async () => {
    const metadata = { logo_uri: 'https://tracker.example/pixel.png' }
    const letter = await (await openRoom({ client: { ...proven, metadata } })).browser.get(page)
    expect(letter.html).not.toContain('tracker.example')
    expect(letter.html).toContain('<span class="face">C</span>')
    const logo = '/logos/0123456789012345678901.png?client=x'
    const ours = await (await openRoom({ client: { ...proven, metadata }, logo })).browser.get(page)
    expect(ours.html).toContain(`<img class="face" src="${logo}" alt=""`)
  })
})

describe('“block this client”', () => {
  it('by a member shuts it out for them, ends what they allowed, and tells the administrators', async () => {
    const room = await openRoom({ client: proven })
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow' })
    const blocked = await room.browser.post('/interaction/uid-1/block', {})
    expect(blocked).toMatchObject({ name: 'error', error: 'client_blocked' })
    expect(await room.store.listForClient('ada', proven.id)).toEqual([])
    expect(await room.database.sql.all('SELECT id FROM protocol_grant')).toEqual([])
    expect(room.outcomes.at(-1)).toEqual({ uid: 'uid-1', denied: true })
    const types = (await room.database.sql.all<{ type: string }>('SELECT type FROM audit_event')).map(
      ({ type }) => type,
    )
    expect(types).toContain('client.reported')
    expect(room.adminActs).toEqual([])

    const asks = await room.browser.get(page)
    expect(asks).toMatchObject({ name: 'consent-blocked' })
    expect(asks.html).not.toContain('name="scope"')
    expect(await room.browser.post(page, { decision: 'allow' })).toMatchObject({ status: 403 })
    expect(room.grants).toHaveLength(1)
    expect((await room.browser.post('/interaction/uid-1/unblock', {})).headers.get('location')).toBe(page)
    expect((await room.browser.get(page)).name).toBe('consent')
    const book = await room.database.sql.all<{ type: string; actor: string; detail: string }>(
      "SELECT type, actor, detail FROM audit_event WHERE type LIKE 'client.%' ORDER BY position",
    )
    expect(book.map(({ detail, ...event }) => ({ ...event, detail: JSON.parse(detail) }))).toEqual([
      {
        type: 'client.reported',
        actor: 'account:ada',
        detail: { clientName: 'Claude', redirectHost: 'app.example' },
      },
      { type: 'client.unblocked', actor: 'account:ada', detail: { reason: 'on the consent page' } },
    ])
  })

  it('ends what was allowed it elsewhere too', async () => {
    const room = await openRoom()
    const elsewhere = { redirectHost: 'other.example', resourceId: 'other', scopes: ['files:read'] }
    await room.store.grant({ ...earlier, ...elsewhere })
    await addGrant(room.database, {
      id: 'laptop',
      accountId: 'ada',
      clientId: 'client-1',
      consentId: 'earlier',
      resource: 'https://other.example/mcp',
      scopes: ['files:read'],
    })
    await room.browser.get(page)
    await room.browser.post('/interaction/uid-1/block', {})
    expect(await room.store.listForClient('ada', 'client-1')).toEqual([])
    expect(await room.database.sql.all('SELECT id FROM protocol_grant')).toEqual([])
  })

  it('by an administrator blocks it for everyone', async () => {
    const room = await openRoom({ client: proven, account: admin })
    expect((await room.browser.get(page)).text).toContain('Block it for everyone')
    await room.browser.post('/interaction/uid-1/block', {})
    expect(room.adminActs).toEqual([`account:ada blocks ${proven.id}`])
    // Who is shut out by an administrator is told nothing.
    expect(room.outcomes).toEqual([])
  })
})

describe('“allow for everyone”', () => {
  it('is an administrator’s alone', async () => {
    const member = await openRoom()
    expect((await member.browser.get(page)).html).not.toContain('/vouch')
    expect(await member.browser.post('/interaction/uid-1/vouch', {})).toMatchObject({ status: 404 })
    expect(member.adminActs).toEqual([])
    const room = await openRoom({ account: admin })
    expect((await room.browser.get(page)).html).toContain('/vouch')
    const answer = await room.browser.post('/interaction/uid-1/vouch', {})
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(page)
    expect(room.adminActs).toEqual(['account:ada allows client-1'])
  })

  it.each([
    ['an administrator added', { origin: 'operator' as const }],
    ['was let in before', { allowedAt: new Date() }],
  ])('is done already for a client that %s', async (_title, over) => {
    const room = await openRoom({ account: admin, client: { ...registered, ...over } })
    await room.browser.get(page)
    expect((await room.browser.post('/interaction/uid-1/vouch', {})).status).toBe(303)
    expect(room.adminActs).toEqual([])
  })

  it('takes stop and tick away, and says who answers for the client', async () => {
    const client = { ...registered, allowedAt: new Date() }
    const { name, html, text } = await (await openRoom({ client, lookAlike: known })).browser.get(page)
    expect(name).toBe('consent')
    expect(text).toContain('allowed by your admin')
    expect(html).not.toContain('name="acknowledge"')
    expect(html).toContain('data-identity="operator"')
  })
})

it('coming back after the answer shows no code until it is asked for (G11)', async () => {
  const target = 'http://127.0.0.1:5/cb?code=the-code&state=s'
  const answered = { uid: 'uid-1', clientId: 'client-1', resource: 'https://notes.example/mcp', target, byHand: false }
  const room = await openRoom({ answered })
  const back = await room.browser.get(page)
  expect(back).toMatchObject({ status: 400, error: 'already_answered', continueTo: '/authorize/uid-1' })
  expect(back.html).not.toContain('the-code')
  expect((await room.browser.post('/interaction/uid-1/answer', {})).text).toContain('code=the-code')
  expect((await (await openRoom({ answered: { ...answered, byHand: true } })).browser.get(page)).html).toContain(
    'value="the-code"',
  )
})
