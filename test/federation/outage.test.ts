import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createBreaker } from '../../src/federation/breaker.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'
import { authorizationRequest, decide, register } from '../support/flow.ts'
import { addUpstream, passUpstream, signedInThere, startUpstream, upstreamOf } from '../support/upstream.ts'
import { countOf, deliver, leave, leaveFromOwnPage, reachCard } from './journey.ts'
import { json, startWebServer, type WebServer } from './web-server.ts'

const down = [503, 'upstream_down'] as const
const troubles: readonly [string, WebServer['answer'], (readonly [number, string])?][] = [
  ['says 500', (_request, response) => response.writeHead(500).end('oh no')],
  ['says 503', (_request, response) => json(response, { error: 'temporarily_unavailable' }, 503)],
  [
    'sends a page',
    (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance'),
  ],
  [
    'sends no JSON',
    (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"issuer":'),
  ],
  ['sends something else', (_request, response) => json(response, [1, 2, 3]), [400, 'upstream_refused']],
  [
    'sends people elsewhere',
    (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['breaks off', (_request, response) => void response.destroy()],
  ['does not answer', () => undefined],
]

async function openWith(server: WebServer): Promise<TestApp> {
  const app = await startApp({ egressStage: { timeoutMs: 300 } })
  await addUpstream(app, upstreamOf({ issuer: server.origin, clientSecret: 's' }, { name: 'Broken ID' }))
  return app
}

async function press(app: TestApp, here = new Browser(app.issuer)): Promise<Page> {
  const page = await here.open('/sign-in')
  return here.post('/sign-in/upstream/acme', { _csrf: /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '' })
}

describe('H12 a failing upstream fails alone', () => {
  it.each(troubles)(
    'one that %s gives a page that leads back, and nothing else',
    async (_title, answer, expected = down) => {
      const app = await openWith(await startWebServer(answer))
      const page = await press(app)
      expect([page.status, page.error]).toEqual(expected)
      expect(page.body).toContain('Broken ID')
      expect(page.continueTo).toBe('/sign-in')
      expect(await countOf(app, 'upstream_state')).toBe(0)
    },
  )

  it('inside an authorization the person signs in another way, and the authorization goes on', async () => {
    const app = await openWith(await startWebServer(() => undefined))
    const ada = await app.person('ada')
    const client = await register(app)
    const here = new Browser(app.issuer)
    const { url } = authorizationRequest(app, client.client_id)
    const card = await reachCard(here, url)
    const page = await here.submit(card, {})
    expect([page.status, page.error]).toEqual([503, 'upstream_down'])
    const signIn = await here.goOn(page)
    expect(signIn.name).toBe('sign-in')
    expect((await decide(here, { url }, ada)).url).toContain('code=')
  })

  it('another upstream goes on', async () => {
    const app = await openWith(await startWebServer(() => undefined))
    const other = await startUpstream([`${app.issuer}/upstream/other/callback`])
    other.people.set('ada', { email: 'ada@acme.example', email_verified: true })
    await addUpstream(app, upstreamOf(other, { id: 'other' }))
    const stuck = press(app)
    const here = new Browser(app.issuer)
    const answer = await passUpstream(signedInThere(other, 'ada'), await leaveFromOwnPage(here, 'other'))
    expect((await deliver(here, answer)).name).toBe('connections')
    expect((await stuck).error).toBe('upstream_down')
  })

  it.each(troubles)(
    'one that %s when the code is redeemed signs nobody in',
    async (_title, answer, expected = down) => {
      const app = await startApp({ egressStage: { timeoutMs: 300 } })
      const server = await startWebServer(({ path }, response) => {
        if (path.startsWith('/token'))
          return answer({ method: '', path, headers: {}, body: new URLSearchParams() }, response)
        const at = (name: string) => `${server.origin}/${name}`
        json(response, {
          ...{ issuer: server.origin, authorization_endpoint: at('authorize'), token_endpoint: at('token') },
          ...{ jwks_uri: at('jwks'), response_types_supported: ['code'], subject_types_supported: ['public'] },
          id_token_signing_alg_values_supported: ['RS256'],
        })
      })
      await addUpstream(app, upstreamOf({ issuer: server.origin, clientSecret: 's' }))
      const here = new Browser(app.issuer)
      const state = new URL(await leaveFromOwnPage(here)).searchParams.get('state')
      const page = await deliver(here, `${app.issuer}/upstream/acme/callback?state=${state}&code=a-code`)
      expect([page.status, page.error]).toEqual(expected)
      expect(page.continueTo).toBe('/sign-in')
      expect(await countOf(app, 'browser_session')).toBe(0)
    },
  )

  it('nobody waits for it again and again: after three failures it rests for half a minute, then one tries', async () => {
    const server = await startWebServer((_request, response) => response.writeHead(500).end())
    const app = await openWith(server)
    for (let time = 0; time < 6; time += 1) expect((await press(app)).error).toBe('upstream_down')
    expect(server.arrived).toHaveLength(3)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    onTestFinished(() => void vi.useRealTimers())
    await press(app)
    await press(app)
    expect(server.arrived).toHaveLength(4)
  })

  it('thirty people at once make one request', async () => {
    const server = await startWebServer(() => undefined)
    const app = await openWith(server)
    const pages = await Promise.all(Array.from({ length: 30 }, () => press(app)))
    expect(new Set(pages.map(({ error }) => error))).toEqual(new Set(['upstream_down']))
    expect(server.arrived).toHaveLength(1)
  })
})

describe('the breaker', () => {
  const at = (seconds: number) => new Date(1_000_000 + seconds * 1000)

  it('opens after three failures in a row, and closes with the first answer', () => {
    const breaker = createBreaker()
    breaker.failed('a', at(0))
    breaker.failed('a', at(0))
    breaker.answered('a')
    breaker.failed('a', at(1))
    breaker.failed('a', at(1))
    expect(breaker.mayAsk('a', at(1))).toBe(true)
    breaker.failed('a', at(1))
    expect(breaker.mayAsk('a', at(2))).toBe(false)
    expect(breaker.mayAsk('b', at(2))).toBe(true)
    expect(breaker.mayAsk('a', at(31))).toBe(true)
    // One at a time, until it is known what became of it.
    expect(breaker.mayAsk('a', at(31))).toBe(false)
    breaker.answered('a')
    expect(breaker.mayAsk('a', at(31))).toBe(true)
  })
})

it('H12 made-up codes do not send an upstream to rest', async () => {
  const app = await startApp()
  const upstream = await startUpstream([`${app.issuer}/upstream/acme/callback`])
  upstream.people.set('ada', { email: 'ada@acme.example', email_verified: true })
  await addUpstream(app, upstreamOf(upstream))
  const begun = []
  for (let time = 0; time < 5; time += 1) {
    const here = new Browser(app.issuer)
    begun.push({ here, state: new URL(await leaveFromOwnPage(here)).searchParams.get('state') })
  }
  const iss = encodeURIComponent(upstream.issuer)
  for (const { here, state } of begun) {
    const page = await deliver(here, `${app.issuer}/upstream/acme/callback?state=${state}&code=made-up&iss=${iss}`)
    expect(page.error).toBe('upstream_refused')
  }
  const client = await register(app)
  const here = new Browser(app.issuer)
  const card = await reachCard(here, authorizationRequest(app, client.client_id).url)
  const answer = await passUpstream(signedInThere(upstream, 'ada'), await leave(here, card))
  expect((await deliver(here, answer)).name).toBe('consent')
})
