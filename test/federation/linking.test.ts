import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import {
  addUpstream,
  passUpstream,
  signedInThere,
  startUpstream,
  type TestUpstream,
  upstreamOf,
} from '../support/upstream.ts'
import { countOf, deliver, leave, leaveFromOwnPage, reachCard } from './journey.ts'

async function openLinked(
  changes: Parameters<typeof upstreamOf>[1] = {},
): Promise<{ app: TestApp; upstream: TestUpstream }> {
  const app = await startApp()
  const upstream = await startUpstream([`${app.issuer}/upstream/acme/callback`])
  upstream.people.set('ada', { email: 'ada@acme.example', email_verified: true, name: 'Ada' })
  upstream.people.set('bob', { email: 'bob@acme.example', email_verified: true, name: 'Bob' })
  await addUpstream(app, upstreamOf(upstream, changes))
  return { app, upstream }
}

async function signIn(app: TestApp, { email, password }: TestPerson): Promise<Browser> {
  const browser = new Browser(app.issuer)
  const page = await browser.open('/sign-in')
  await browser.post('/sign-in', { _csrf: csrfOf(page), email, password })
  return browser
}

/** Presses the button on the own page. */
async function link(here: Browser): Promise<Page> {
  const page = await here.open('/account/security')
  return here.post('/account/security/upstreams/acme', { _csrf: csrfOf(page) })
}

describe('linking to an account', () => {
  it('is done by who is signed in to it, and lets them in from then on', async () => {
    const { app, upstream } = await openLinked({
      rules: { ...upstreamOf({ issuer: '', clientSecret: '' }).rules, create: false },
    })
    const person = await app.person('ada')
    const here = await signIn(app, person)
    const there = signedInThere(upstream, 'ada')
    await deliver(here, await passUpstream(there, (await link(here)).continueTo ?? ''))
    const { federation } = app.app.rooms
    expect(await federation.identities.ofAccount(person.id)).toMatchObject([{ subject: 'ada', upstreamId: 'acme' }])
    const later = new Browser(app.issuer)
    expect((await deliver(later, await passUpstream(there, await leaveFromOwnPage(later)))).name).toBe('connections')
  })

  it('G22 asks for a sign-in of the last minutes first', async () => {
    const { app } = await openLinked()
    const here = await signIn(app, await app.person('ada'))
    const page = await here.open('/account/security')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 660_000 })
    onTestFinished(() => void vi.useRealTimers())
    const asked = await here.post('/account/security/upstreams/acme', { _csrf: csrfOf(page) })
    expect(asked.name).toBe('sign-in')
    expect(await countOf(app, 'upstream_state')).toBe(0)
  })

  it('H02 nobody is linked who did not begin it here: not in another browser, not after somebody else signed in', async () => {
    const { app, upstream } = await openLinked()
    const attacker = await signIn(app, await app.person('mallory'))
    const answer = await passUpstream(signedInThere(upstream, 'ada'), (await link(attacker)).continueTo ?? '')
    const victim = await signIn(app, await app.person('ada'))
    expect((await deliver(victim, answer)).error).toBe('upstream_other_browser')

    const second = await passUpstream(signedInThere(upstream, 'ada'), (await link(victim)).continueTo ?? '')
    const page = await victim.open('/account/security')
    await victim.post('/logout', { _csrf: csrfOf(page) })
    expect((await deliver(victim, second)).error).toBe('upstream_signed_out')
    expect(await countOf(app, 'upstream_identity')).toBe(0)
  })

  it('an identity of somebody else stays theirs', async () => {
    const { app, upstream } = await openLinked()
    const there = signedInThere(upstream, 'ada')
    const ada = await signIn(app, await app.person('ada'))
    await deliver(ada, await passUpstream(there, (await link(ada)).continueTo ?? ''))
    const bob = await signIn(app, await app.person('bob'))
    const page = await deliver(bob, await passUpstream(there, (await link(bob)).continueTo ?? ''))
    expect([page.status, page.error]).toEqual([403, 'upstream_link_taken'])
    const { audit } = app.app.rooms
    await audit.flush()
    const told = await audit.list({ type: 'session.sign_in_refused', limit: 5 })
    expect(told.map(({ detail }) => [detail.reason, detail.upstream])).toEqual([['link_taken', 'acme']])
  })
})

describe('proving again who one is', () => {
  async function again(here: Browser): Promise<URL> {
    return new URL(await leaveFromOwnPage(here, 'acme', '/sign-in?again=1&return_to=security'))
  }

  it('G22 asks the upstream for a fresh sign-in, and takes the one that it made', async () => {
    const { app, upstream } = await openLinked()
    const here = new Browser(app.issuer)
    const there = signedInThere(upstream, 'ada')
    await deliver(here, await passUpstream(there, await leaveFromOwnPage(here)))
    const address = await again(here)
    expect(address.searchParams.get('prompt')).toBe('login')
    expect(address.searchParams.get('max_age')).toBe('0')
    const page = await deliver(here, await passUpstream(there, address.href))
    expect(page.url).toMatch(/\/account\/security$/)
  })

  it('G22 does not take a sign-in that the upstream remembers', async () => {
    const { app, upstream } = await openLinked()
    const here = new Browser(app.issuer)
    const there = signedInThere(upstream, 'ada')
    await deliver(here, await passUpstream(there, await leaveFromOwnPage(here)))
    const address = await again(here)
    // An upstream that takes no notice, or somebody at the browser who took the question out of the address.
    address.searchParams.delete('prompt')
    address.searchParams.delete('max_age')
    const page = await deliver(here, await passUpstream(there, address.href))
    expect(page.error).toBe('upstream_refused')
  })

  it('somebody else upstream does not prove that it is still the same person, and gets no account by it', async () => {
    const { app, upstream } = await openLinked()
    const here = new Browser(app.issuer)
    await deliver(here, await passUpstream(signedInThere(upstream, 'ada'), await leaveFromOwnPage(here)))
    const page = await deliver(here, await passUpstream(signedInThere(upstream, 'bob'), (await again(here)).href))
    expect([page.status, page.error]).toEqual([403, 'upstream_other_person'])
    expect(await countOf(app, 'account')).toBe(1)
  })

  it('a client that asks for a fresh sign-in gets one from the upstream', async () => {
    const { app, upstream } = await openLinked()
    const client = await register(app)
    const here = new Browser(app.issuer)
    const there = signedInThere(upstream, 'ada')
    await deliver(here, await passUpstream(there, await leaveFromOwnPage(here)))
    const { url } = authorizationRequest(app, client.client_id, { prompt: 'login' })
    const address = new URL(await leave(here, await reachCard(here, url)))
    expect(address.searchParams.get('prompt')).toBe('login')
    expect((await deliver(here, await passUpstream(there, address.href))).name).toBe('consent')
  })
})
