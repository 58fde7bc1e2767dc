import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { addGrant } from '../consent/room.ts'
import { openHouse } from './room.ts'

const list = '/account/connections'
const revoke = '/account/connections/revoke'

describe('a person sees what acts as them (G25)', () => {
  it('each installation with server, permissions, place and time, under its client', async () => {
    const house = await openHouse()
    await house.addClient('client-1', { name: 'Claude' })
    await house.connect('laptop')
    await addGrant(house.database, {
      id: 'desktop',
      accountId: 'ada',
      clientId: 'client-1',
      consentId: 'laptop',
      resource: house.notes.identifier,
      scopes: ['notes:read', 'notes:write'],
    })
    const page = await house.browserOf('ada').get(list)
    expect(page.name).toBe('connections')
    expect(page.html).toContain('data-grant="laptop"')
    expect(page.html).toContain('data-grant="desktop"')
    expect(page.html.match(/data-client=/g)).toHaveLength(1)
    expect(page.text).toContain('“Claude”')
    expect(page.text).toContain('unverified')
    expect(page.text).toContain('Read your notes Change your notes')
    expect(page.text).toContain('a token lives 5 minutes')
  })

  it('fifty reconnects of one laptop as one card with a count that unfolds, and ended at once (D01, D10)', async () => {
    const house = await openHouse()
    for (let one = 0; one < 50; one += 1) {
      await house.addClient(`c${one}`, { name: 'Editor', redirectUri: 'http://127.0.0.1:1234/callback' })
      await house.connect(`g${one}`, { clientId: `c${one}`, redirectHost: 'loopback' })
    }
    await house.addClient('clone', { name: 'Editor', redirectUri: 'https://evil.example/cb' })
    await house.connect('of-clone', { clientId: 'clone', redirectHost: 'evil.example' })
    const browser = house.browserOf('ada')
    const page = await browser.get(list)
    expect(page.html.match(/data-client=/g)).toHaveLength(2)
    expect(page.text).toContain('50 connections')
    expect(page.text).toContain('48 earlier ones')
    expect(page.text).toContain('2 clients hold a connection')
    expect(page.html.match(/data-grant=/g)).toHaveLength(51)
    expect(page.html.split('<details class="installs-earlier">')[0]?.match(/data-grant="g/g)).toHaveLength(2)
    const all = [...page.html.matchAll(/name="client" value="(c\d+)"/g)].map(([, id = '']) => id)
    expect((await browser.post(revoke, { client: all })).status).toBe(303)
    expect(await house.grantIds()).toEqual(['of-clone'])
  })

  it('a connection that refreshes with its last use and its end, one that idled out not at all', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('alive')
    await house.connect('idle', { redirectHost: 'other.example' })
    const now = systemClock.now().getTime()
    for (const [id, idleEnd] of [
      ['alive', now + 1000],
      ['idle', now - 1000],
    ] as const) {
      await house.database.sql.run(
        'INSERT INTO refresh_family (digest, grant_id, client_id, account_id, current_digest, rotated_at, payload, created_at, used_at, expires_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        [id, id, 'client-1', 'ada', id, now, '{}', now, now, idleEnd, now + 90 * 86_400_000],
      )
    }
    const { html, text } = await house.browserOf('ada').get(list)
    expect(html).toContain('data-grant="alive"')
    expect(text).toContain('stays connected')
    expect(html).not.toContain('data-grant="idle"')
    // Its consent is still remembered, so it can be taken back.
    expect(html).toContain('data-consent="idle"')
  })

  it('nothing of anybody else (G21)', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('hers')
    expect((await house.browserOf('bob').get(list)).text).toContain('Nothing acts as you')
  })

  it('a client’s own name only as text (D12)', async () => {
    const house = await openHouse()
    await house.addClient('client-1', { name: '<script>alert(1)</script>' })
    await house.connect('one')
    expect((await house.browserOf('ada').get(list)).html).not.toContain('<script')
  })

  it('only after signing in', async () => {
    const house = await openHouse()
    const page = await house.browserOf(undefined).get(list)
    expect(page.status).toBe(303)
    expect(page.headers.get('location')).toBe('/sign-in?return_to=connections')
  })

  it('at /account too', async () => {
    const house = await openHouse()
    expect((await house.browserOf('ada').get('/account')).headers.get('location')).toBe(list)
  })
})

describe('a person ends', () => {
  it('one connection with its refresh tokens at once, and learns until when a token lives (G25)', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('laptop')
    const browser = house.browserOf('ada')
    await browser.get(list)
    const before = systemClock.now().getTime()
    const answer = await browser.post(revoke, { grant: 'laptop' })
    expect(answer.status).toBe(303)
    expect(await house.grantIds()).toEqual([])
    expect(await house.consents.listForClient('ada', 'client-1')).toEqual([])
    expect(await house.eventTypes()).toEqual(['consent.revoked'])
    const page = await browser.get(answer.headers.get('location') ?? '')
    const until = Date.parse(/data-ended="([^"]+)"/.exec(page.html)?.[1] ?? '')
    expect(until - before).toBeGreaterThanOrEqual(300_000)
    expect(until - before).toBeLessThan(310_000)
  })

  it('one of several installations: the others go on, and the client must ask again', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('laptop')
    await addGrant(house.database, {
      id: 'desktop',
      accountId: 'ada',
      clientId: 'client-1',
      consentId: 'laptop',
      resource: house.notes.identifier,
      scopes: [],
    })
    const browser = house.browserOf('ada')
    await browser.get(list)
    await browser.post(revoke, { grant: 'laptop' })
    expect(await house.grantIds()).toEqual(['desktop'])
    const [consent] = await house.consents.listForClient('ada', 'client-1')
    expect(consent?.expiresAt).toBeDefined()
    expect(await house.eventTypes()).toEqual(['grant.revoked'])
  })

  it('all of one client, and nothing of another', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.addClient('client-2')
    await house.connect('a')
    await house.connect('b', { redirectHost: 'other.example' })
    await house.connect('c', { clientId: 'client-2' })
    await addGrant(house.database, {
      id: 'without-consent',
      accountId: 'ada',
      clientId: 'client-1',
      resource: house.notes.identifier,
      scopes: [],
    })
    const browser = house.browserOf('ada')
    await browser.get(list)
    expect((await browser.post(revoke, { client: 'client-1' })).status).toBe(303)
    expect(await house.grantIds()).toEqual(['c'])
    expect((await browser.post(revoke, { everything: 'yes' })).status).toBe(303)
    expect(await house.grantIds()).toEqual([])
  })

  it('a consent that is only remembered', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('a')
    await house.database.sql.run('DELETE FROM protocol_grant')
    const browser = house.browserOf('ada')
    expect((await browser.get(list)).text).toContain('remembered, not connected')
    await browser.post(revoke, { consent: 'a' })
    expect(await house.consents.listForClient('ada', 'client-1')).toEqual([])
  })

  it.each([[{ grant: 'hers' }], [{ consent: 'hers' }], [{ client: 'client-1' }], [{ everything: 'yes' }]])(
    'nothing of another person by %j (G21)',
    async (fields) => {
      const house = await openHouse()
      await house.addClient('client-1')
      await house.connect('hers')
      const bob = house.browserOf('bob')
      await bob.get('/account/sessions')
      expect(await bob.post(revoke, { ...fields, account: 'ada', account_id: 'ada' })).toMatchObject({
        status: 404,
        error: 'not_found',
      })
      expect(await house.grantIds()).toEqual(['hers'])
      expect(await house.consents.listForClient('ada', 'client-1')).toHaveLength(1)
    },
  )

  it('nothing by a form of another site (G03)', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('a')
    const browser = house.browserOf('ada')
    await browser.get(list)
    expect((await browser.post(revoke, { grant: 'a' }, 'forged')).status).toBe(403)
    expect(await house.grantIds()).toEqual(['a'])
  })
})

describe('sessions', () => {
  it('are listed, the one of this browser marked, and ended everywhere', async () => {
    const house = await openHouse()
    const browser = house.browserOf('ada')
    const page = await browser.get('/account/sessions')
    expect(page.name).toBe('sessions')
    expect(page.text.match(/this browser/g)).toHaveLength(1)
    const answer = await browser.post('/account/sessions/end-all', {})
    expect(answer.headers.get('location')).toBe('/sign-in')
    expect(house.endedSessions).toEqual(['ada'])
    expect(await house.eventTypes()).toEqual(['session.ended_all'])
  })
})
