import { describe, expect, it } from 'vitest'
import { sha256Base64url } from '../../src/crypto/digest.ts'
import { Browser } from '../support/browser.ts'
import { answerConsent, authorizationRequest, redeem } from '../support/flow.ts'
import { passUpstream, signedInThere } from '../support/upstream.ts'
import { answerOf, countOf, deliver, leave, leaveFromOwnPage, openStage, reachCard } from './journey.ts'

/** Cookies of hops that a browser holds. */
function hopCookies(browser: Browser): string[] {
  return [...browser.cookies.keys()].filter((name) => name.includes('hop_'))
}

describe('sign-in upstream', () => {
  it('inside an authorization ends with tokens for the client, by way of our own consent', async () => {
    const { app, client, upstream } = await openStage()
    const here = new Browser(app.issuer)
    const request = authorizationRequest(app, client.client_id)
    const answer = await passUpstream(
      signedInThere(upstream, 'ada'),
      await leave(here, await reachCard(here, request.url)),
    )
    const consent = await deliver(here, answer)
    expect(consent.name).toBe('consent')
    expect(consent.body).toContain('ada@acme.example')
    const code = new URL((await answerConsent(here, consent)).url).searchParams.get('code') ?? ''
    const { status, body } = await redeem(app, client, { code, request })
    expect(status).toBe(200)
    const claims = JSON.parse(Buffer.from(String(body.access_token).split('.')[1] ?? '', 'base64url').toString())
    // Ours to say is that somebody else said so; it is no factor of ours.
    expect(claims.amr).toEqual(['ext'])
  })

  it('for the own pages comes back to the page that was wanted, and finds the same account each time', async () => {
    const { app, upstream } = await openStage()
    for (const _time of ['first', 'second']) {
      const here = new Browser(app.issuer)
      const address = await leaveFromOwnPage(here, 'acme', '/sign-in?return_to=history')
      const page = await deliver(here, await passUpstream(signedInThere(upstream, 'ada'), address))
      expect(page.name).toBe('history')
    }
    expect(await countOf(app, 'account')).toBe(1)
  })

  it('is written into the audit book: begun, signed in, refused', async () => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, here)
    await deliver(here, answer)
    await deliver(here, answer)
    const { audit } = stage.app.app.rooms
    await audit.flush()
    const told = (await audit.list({ limit: 50 })).map(({ type, detail }) => [type, detail.upstream ?? detail.reason])
    expect(told).toContainEqual(['session.upstream_started', 'acme'])
    expect(told).toContainEqual(['session.signed_in', 'acme'])
    expect(told).toContainEqual(['session.sign_in_refused', 'spent'])
  })

  it('without passwords is the only way on the page', async () => {
    const { app, client, upstream } = await openStage({ settings: { PASSWORD_SIGN_IN: 'off' } })
    const here = new Browser(app.issuer)
    const page = await here.open('/sign-in')
    expect(page.body).toContain('Continue with Acme ID')
    expect(page.body).not.toMatch(/type="password"|forgot-password/)
    const consent = await deliver(here, await answerOf({ app, client, upstream }, here))
    expect(consent.name).toBe('consent')
  })
})

describe('H01 a state counts once', () => {
  it('the same answer a second time changes nothing', async () => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, here)
    expect((await deliver(here, answer)).name).toBe('consent')
    const sessions = await countOf(stage.app, 'browser_session')
    const again = await deliver(here, answer)
    expect([again.status, again.error]).toEqual([400, 'upstream_spent'])
    expect(await countOf(stage.app, 'browser_session')).toBe(sessions)
    expect(await countOf(stage.app, 'upstream_state')).toBe(0)
  })

  it.each(['sqlite', 'postgresql'] as const)('of twenty at once one goes through (%s)', async (database) => {
    const stage = await openStage({ database })
    const here = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, here)
    const cookie = [...here.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(answer, { headers: { cookie }, redirect: 'manual' })),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([303, ...Array<number>(19).fill(400)])
    expect(stage.upstream.requests.filter((request) => request === 'POST /token')).toHaveLength(1)
    expect(await countOf(stage.app, 'account')).toBe(1)
  })

  it('one that waited longer than ten minutes is over, and a code is not even redeemed', async () => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, here)
    await stage.app.app.rooms.database.sql.run('UPDATE upstream_state SET expires_at = expires_at - 600001')
    expect((await deliver(here, answer)).error).toBe('upstream_spent')
    expect(stage.upstream.requests).not.toContain('POST /token')
  })

  it('what comes after the callback counts once, too', async () => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, here)
    const before = new Map(here.cookies)
    const cookie = [...before].map(([name, value]) => `${name}=${value}`).join('; ')
    const arrived = await fetch(answer, { headers: { cookie }, redirect: 'manual' })
    const path = arrived.headers.get('location') ?? ''
    expect(path).toMatch(/\/upstream\/acme\/arrived$/)
    for (const line of arrived.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? []
      if (value !== '') here.cookies.set(name, value)
    }
    const kept = new Map(here.cookies)
    expect((await here.open(path)).name).toBe('continue')
    for (const [name, value] of kept) here.cookies.set(name, value)
    expect((await here.open(path)).error).toBe('upstream_spent')
  })
})

it.each(['off', 'other_issuer'] as const)(
  'H14 what an upstream proved counts no more once it is %s',
  async (change) => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, here)
    const cookie = [...here.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const arrived = await fetch(answer, { headers: { cookie }, redirect: 'manual' })
    for (const line of arrived.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? []
      if (value !== '') here.cookies.set(name, value)
    }
    const { store } = stage.app.app.rooms.federation.upstreams
    const upstream = await store.find('acme')
    if (change === 'off') await store.setEnabled('acme', false)
    else if (upstream !== null) await store.put({ ...upstream, issuer: 'https://other.example' }, 'keep')
    const page = await here.open(arrived.headers.get('location') ?? '')
    expect([page.status, page.error]).toEqual([400, 'upstream_gone'])
    expect((await here.open('/account/connections')).name).toBe('sign-in')
  },
)

it('H02 what was proved for one authorization finishes no other', async () => {
  const stage = await openStage()
  const here = new Browser(stage.app.issuer)
  const answer = await answerOf(stage, here)
  const cookie = [...here.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const arrived = await fetch(answer, { headers: { cookie }, redirect: 'manual' })
  const line = arrived.headers.getSetCookie().find((one) => /hop_[\w-]+=[^;]/.test(one)) ?? ''
  const proof = /=([^;]+)/.exec(line)?.[1] ?? ''
  // Another authorization of the same browser, to which the cookie is handed by somebody who can write cookies.
  const card = await reachCard(here, authorizationRequest(stage.app, stage.client.client_id).url)
  const other = new URL(card.url).pathname.split('/')[2] ?? ''
  here.cookies.set(`sallyport_hop_${sha256Base64url(other).slice(0, 12)}`, proof)
  const page = await here.open(`/interaction/${other}/upstream/acme/arrived`)
  expect([page.status, page.error]).toEqual([400, 'upstream_spent'])
})

describe('H02 an answer in another browser', () => {
  it('is refused inside an authorization, signs nobody in, and is used up by that', async () => {
    const stage = await openStage()
    const attacker = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, attacker, 'bob')
    const victim = new Browser(stage.app.issuer)
    const page = await deliver(victim, answer)
    expect([page.status, page.error]).toEqual([400, 'upstream_other_browser'])
    // Nothing leads on from there, least of all into the attacker's authorization.
    expect(page.continueTo).toBeUndefined()
    expect(await countOf(stage.app, 'browser_session')).toBe(0)
    expect(stage.upstream.requests).not.toContain('POST /token')
    expect((await deliver(attacker, answer)).error).toBe('upstream_spent')
  })

  it('is refused for the own pages: nobody is signed in as the attacker', async () => {
    const { app, upstream } = await openStage()
    const address = await leaveFromOwnPage(new Browser(app.issuer))
    const answer = await passUpstream(signedInThere(upstream, 'bob'), address)
    const victim = new Browser(app.issuer)
    // A hop of the victim's own is no pass for somebody else's.
    await leaveFromOwnPage(victim)
    expect((await deliver(victim, answer)).error).toBe('upstream_other_browser')
    expect((await victim.open('/account')).name).toBe('sign-in')
  })

  it('is refused with a cookie of the right name and another value', async () => {
    const stage = await openStage()
    const attacker = new Browser(stage.app.issuer)
    const answer = await answerOf(stage, attacker)
    const victim = new Browser(stage.app.issuer)
    for (const name of hopCookies(attacker)) victim.cookies.set(name, `abc.${'A'.repeat(43)}`)
    expect((await deliver(victim, answer)).error).toBe('upstream_other_browser')
  })
})

it('H01 an answer for an authorization that is over redeems nothing', async () => {
  const stage = await openStage()
  const here = new Browser(stage.app.issuer)
  const answer = await answerOf(stage, here)
  await stage.app.app.rooms.database.sql.run('DELETE FROM interaction')
  const page = await deliver(here, answer)
  expect([page.status, page.error]).toEqual([400, 'upstream_interaction_over'])
  expect(stage.upstream.requests).not.toContain('POST /token')
})

describe('H04 our page comes before the hop', () => {
  it('nothing is written, set or asked upstream before the person acted', async () => {
    const { app, client, upstream } = await openStage()
    const here = new Browser(app.issuer)
    const card = await reachCard(here, authorizationRequest(app, client.client_id).url)
    expect(card.name).toBe('upstream-continue')
    expect(hopCookies(here)).toEqual([])
    expect(await countOf(app, 'upstream_state')).toBe(0)
    expect(upstream.requests).toEqual([])
    await leave(here, card)
    expect(hopCookies(here)).toHaveLength(1)
    expect(await countOf(app, 'upstream_state')).toBe(1)
  })

  it('the page says who asks, how that is known, where the answer goes, for what, and what comes next', async () => {
    const { app, client, upstream } = await openStage()
    const card = await reachCard(new Browser(app.issuer), authorizationRequest(app, client.client_id).url)
    expect(card.body).toContain('Test client')
    expect(card.body).toContain('data-identity="local-program"')
    expect(card.body).toContain('127.0.0.1:4321')
    expect(card.body).toContain('localhost:9728/mcp')
    expect(card.body).toContain(new URL(upstream.issuer).host)
    expect(card.body).toContain('may ask you for a consent of its own')
  })

  it('another site, another browser and a form without our token begin nothing', async () => {
    const { app, client } = await openStage()
    const here = new Browser(app.issuer)
    const card = await reachCard(here, authorizationRequest(app, client.client_id).url)
    const cookie = [...here.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const csrf = /name="_csrf" value="([^"]+)"/.exec(card.body)?.[1] ?? ''
    const post = (headers: Record<string, string>, body: Record<string, string>) =>
      fetch(card.url, { method: 'POST', headers, body: new URLSearchParams(body), redirect: 'manual' })
    const cross = await post(
      { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { _csrf: csrf },
    )
    expect(cross.status).toBe(403)
    expect((await post({ cookie, origin: app.issuer }, {})).status).toBe(403)
    const elsewhere = new Browser(app.issuer)
    expect((await elsewhere.open(card.url)).error).toBe('interaction_expired')
    const own = await elsewhere.open('/sign-in')
    expect((await elsewhere.submit({ ...own, body: own.body.replace(/action="[^"]*"/g, '') }, {})).status).toBe(400)
    expect(
      (await elsewhere.post(card.url, { _csrf: /name="_csrf" value="([^"]+)"/.exec(own.body)?.[1] ?? '' })).error,
    ).toBe('interaction_expired')
    // There is no address that begins a hop when it is only visited.
    expect((await elsewhere.open('/sign-in/upstream/acme')).status).toBe(405)
    expect(await countOf(app, 'upstream_state')).toBe(0)
  })
})

describe('H15 hops in several tabs', () => {
  it('have cookies of their own and end in any order', async () => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const first = await answerOf(stage, here)
    // The jar of this test keeps one cookie of a name; a browser keeps one for the pages of each authorization.
    const ofFirst = [...here.cookies].filter(([name]) => /interaction|resume/.test(name))
    const second = await answerOf(stage, here)
    expect(new Set(hopCookies(here)).size).toBe(2)
    expect((await deliver(here, second)).name).toBe('consent')
    expect(hopCookies(here)).toHaveLength(1)
    for (const [name, value] of ofFirst) here.cookies.set(name, value)
    expect((await deliver(here, first)).name).toBe('consent')
    expect(hopCookies(here)).toHaveLength(0)
  })
})

describe('H16 many hops of one browser', () => {
  it('hold ten cookies and ten rows; the oldest go, and the header stays small', async () => {
    const { app, upstream } = await openStage()
    const here = new Browser(app.issuer)
    const addresses: string[] = []
    for (let start = 0; start < 200; start += 1) addresses.push(await leaveFromOwnPage(here))
    expect(hopCookies(here)).toHaveLength(10)
    const header = [...here.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    expect(header.length).toBeLessThan(2000)
    expect(await countOf(app, 'upstream_state')).toBe(10)
    const there = signedInThere(upstream, 'ada')
    expect((await deliver(here, await passUpstream(there, addresses[0] ?? ''))).error).toBe('upstream_spent')
    expect((await deliver(here, await passUpstream(there, addresses.at(-1) ?? ''))).name).toBe('connections')
  })
})
