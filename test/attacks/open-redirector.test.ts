import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { authorizationRequest, decide, register } from '../support/flow.ts'
import {
  ask,
  authorize,
  continueOf,
  errorOf,
  expectSentBack,
  expectShown,
  operatorClient,
  type Params,
  pairs,
  webRedirect,
} from './stage.ts'

// Anyone may register a client, so anyone could send people from this host to his own (RFC 9700 §4.11.2). A refusal goes on
// by itself only to a client that an administrator vouched for; for the others our page shows the host and waits.

const document = 'https://client.example/oauth/client.json'
let app: TestApp
let person: TestPerson
let registered: string

beforeAll(async () => {
  app = await startApp({
    adjust: (config) => ({
      ...config,
      file: { ...config.file, metadataDocuments: new Map([[document, documentOf(document)]]) },
    }),
  })
  person = await app.person()
  registered = (await register(app, { redirect_uris: [webRedirect] })).client_id
  await operatorClient(app, { clientId: 'vouched', tokenEndpointAuthMethod: 'none' })
})
afterAll(() => app.close())

function documentOf(clientId: string) {
  return { client_id: clientId, client_name: 'Document client', redirect_uris: [webRedirect] }
}

const faults: readonly (readonly [string, string, Params])[] = [
  ['an unknown scope', 'invalid_scope', { scope: 'nothing:known' }],
  ['no challenge', 'invalid_request', { code_challenge: undefined }],
  ['an unknown resource', 'invalid_target', { resource: 'https://elsewhere.example/mcp' }],
  ['another response type', 'invalid_request', { response_type: 'token' }],
  ['prompt=none', 'login_required', { prompt: 'none' }],
  ['a fragment as the response mode', 'invalid_request', { response_mode: 'fragment' }],
  ['a form post as the response mode', 'invalid_request', { response_mode: 'form_post' }],
  ['an unknown response mode', 'unsupported_response_mode', { response_mode: 'pigeon' }],
  ['a form post with another fault', 'invalid_request', { response_mode: 'form_post', scope: 'nothing:known' }],
]

describe.each(faults)('a request with %s', (_title, error, changes) => {
  test('A16 a self-registered client does not get the browser by itself', async () => {
    expectShown(await authorize(app, registered, changes), error, app)
  })

  test('A16 a client by document does not get the browser by itself', async () => {
    expectShown(await authorize(app, document, changes), error, app)
  })

  test('A16 a vouched client gets its error in the query', async () => {
    expectSentBack(await authorize(app, 'vouched', changes), error, app)
  })
})

test('A16 the page names the host that the link leads to, and the link is the only way there', async () => {
  const answer = await authorize(app, registered, { scope: 'nothing:known' })
  expect(answer.body).toContain('app.example.com')
  expect(answer.body.split(webRedirect)).toHaveLength(2)
})

test('A16 the error description of a stranger is not shown as ours', async () => {
  const answer = await authorize(app, registered, { scope: 'nothing:known"><a href="https://evil.example">go' })
  expect(answer.body).not.toContain('<a href="https://evil.example">')
})

test('A16 a person who said no goes back with one click, and the client is told once', async () => {
  const browser = new Browser(app.issuer)
  const request = authorizationRequest(app, registered, { redirect_uri: webRedirect })
  const denied = await decide(browser, request, person, { decision: 'deny' })
  expect(errorOf(denied.body)).toBe('access_denied')
  const callback = new URL((await browser.goOn(denied)).url)
  expect(callback.origin + callback.pathname).toBe(webRedirect)
  expect(callback.searchParams.getAll('error')).toEqual(['access_denied'])
  expect(callback.searchParams.getAll('iss')).toEqual([app.issuer])
  expect(callback.searchParams.getAll('state')).toEqual([request.state])
})

test('A18 every redirect after a password or a decision is a 303, so that no post is repeated elsewhere', async () => {
  const browser = new Browser(app.issuer)
  const statuses: number[] = []
  const cookieHeader = () => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  async function send(url: string, fields?: Params) {
    const answer = await ask(new URL(url, app.issuer), {
      headers: { cookie: cookieHeader(), origin: app.issuer, 'sec-fetch-site': 'same-origin' },
      ...(fields === undefined ? {} : { method: 'POST', body: pairs(fields) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      browser.cookies.set(name, value)
    }
    if (answer.location !== null) statuses.push(answer.status)
    return answer
  }
  const started = await send(authorizationRequest(app, registered, { redirect_uri: webRedirect }).url)
  const next = await send(started.location ?? '')
  const page = await send(next.location ?? '')
  const csrf = (body: string) => csrfOf({ ...emptyPage, body })
  const signedIn = await send(next.location ?? '', {
    _csrf: csrf(page.body),
    email: person.email,
    password: person.password,
  })
  expect(signedIn.status).toBe(200)
  const resumed = await send(continueOf(signedIn.body) ?? '')
  const toConsent = await send(resumed.location ?? '')
  const consent = await send(toConsent.location ?? '')
  const acknowledge = new URL(webRedirect).host
  const decided = await send(toConsent.location ?? '', { _csrf: csrf(consent.body), decision: 'allow', acknowledge })
  expect(decided.status).toBe(200)
  const last = await send(continueOf(decided.body) ?? '')
  expect(last.location).toContain(`${webRedirect}?code=`)
  expect(new Set(statuses)).toEqual(new Set([303]))
})

const emptyPage = {
  url: '',
  status: 200,
  headers: new Headers(),
  name: undefined,
  error: undefined,
  continueTo: undefined,
}
