// The steps of an authorization as a client and a person take them.
import { createHash, randomBytes } from 'node:crypto'
import type { TestApp, TestPerson } from './app.ts'
import { notes } from './app.ts'
import { Browser, type Page } from './browser.ts'

/** A client as the server answered its registration. */
export interface RegisteredClient {
  readonly client_id: string
  readonly client_secret?: string
  readonly redirect_uris: readonly string[]
  readonly registration_access_token: string
  readonly registration_client_uri: string
}

/** The answer of the token endpoint. */
export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown> & {
    access_token?: string
    refresh_token?: string
    scope?: string
    error?: string
  }
}

/** An authorization request and what is kept for it. */
export interface AuthorizationRequest {
  readonly url: string
  readonly verifier: string
  readonly state: string
  readonly redirectUri: string
}

export const loopbackRedirect = 'http://127.0.0.1:4321/callback'

/** Registers a public native client. */
export async function register(
  { issuer }: Pick<TestApp, 'issuer'>,
  body: Readonly<Record<string, unknown>> = {},
): Promise<RegisteredClient> {
  const answer = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test client',
      redirect_uris: [loopbackRedirect],
      token_endpoint_auth_method: 'none',
      ...body,
    }),
  })
  if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${await answer.text()}`)
  return answer.json() as Promise<RegisteredClient>
}

/** Makes an authorization request; undefined members are left out. */
export function authorizationRequest(
  { issuer }: Pick<TestApp, 'issuer'>,
  clientId: string,
  params: Readonly<Record<string, string | undefined>> = {},
): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(8).toString('base64url')
  const all = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: loopbackRedirect,
    scope: 'notes:read',
    resource: notes.identifier,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...params,
  }
  const url = new URL(`${issuer}/authorize`)
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value)
  return { url: url.href, verifier, state: params.state ?? state, redirectUri: all.redirect_uri }
}

/** Walks sign-in and consent; ends at the page or the address where the answer went. */
export async function decide(
  browser: Browser,
  request: Pick<AuthorizationRequest, 'url'>,
  person: TestPerson,
  answer: { readonly decision?: 'allow' | 'deny'; readonly scopes?: readonly string[]; readonly stay?: boolean } = {},
): Promise<Page> {
  let page = await browser.open(request.url)
  if (page.name === 'sign-in') {
    page = await browser.submit(page, { email: person.email, password: person.password })
    if (page.name === 'continue') page = await browser.goOn(page)
  }
  if (page.name !== 'consent') return page
  return answerConsent(browser, page, answer)
}

/** Answers a consent page and follows what comes after. */
export async function answerConsent(
  browser: Browser,
  page: Page,
  {
    decision = 'allow',
    scopes,
    stay = true,
  }: { decision?: 'allow' | 'deny'; scopes?: readonly string[]; stay?: boolean } = {},
): Promise<Page> {
  const offered = [...page.body.matchAll(/name="scope" value="([^"]+)"/g)].map(([, scope = '']) => scope)
  const next = await browser.submit(page, {
    decision,
    scope: scopes ?? offered,
    stay_connected: stay ? 'yes' : 'no',
  })
  return next.name === 'continue' ? browser.goOn(next) : next
}

/** The whole way to a code. */
export async function obtainCode(
  app: TestApp,
  client: Pick<RegisteredClient, 'client_id'>,
  person: TestPerson,
  params: Readonly<Record<string, string | undefined>> = {},
  browser: Browser = new Browser(app.issuer),
): Promise<{ code: string; request: AuthorizationRequest; callback: URL; browser: Browser }> {
  const request = authorizationRequest(app, client.client_id, params)
  const page = await decide(browser, request, person)
  const callback = new URL(page.url)
  const code = callback.searchParams.get('code')
  if (code === null)
    throw new Error(`no code: ${page.url} ${page.name} ${page.error}\n${app.log().split('\n').slice(-8).join('\n')}`)
  return { code, request, callback, browser }
}

/** A request to the token endpoint; undefined members are left out. */
export async function token(
  { issuer }: Pick<TestApp, 'issuer'>,
  params: Readonly<Record<string, string | readonly string[] | undefined>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of value === undefined ? [] : typeof value === 'string' ? [value] : value) body.append(name, one)
  }
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body, headers })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as TokenAnswer['body'] }
}

/** Redeems a code. */
export function redeem(
  app: Pick<TestApp, 'issuer'>,
  client: Pick<RegisteredClient, 'client_id'>,
  { code, request }: { readonly code: string; readonly request: AuthorizationRequest },
  params: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): Promise<TokenAnswer> {
  return token(app, {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    code,
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
    ...params,
  })
}

/** Refreshes. */
export function refresh(
  app: Pick<TestApp, 'issuer'>,
  client: Pick<RegisteredClient, 'client_id'>,
  refreshToken: string,
  params: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): Promise<TokenAnswer> {
  return token(app, {
    grant_type: 'refresh_token',
    client_id: client.client_id,
    refresh_token: refreshToken,
    ...params,
  })
}

/** The whole way to tokens. */
export async function connect(
  app: TestApp,
  person: TestPerson,
  params: Readonly<Record<string, string | undefined>> = {},
  given?: RegisteredClient,
) {
  const client = given ?? (await register(app))
  const obtained = await obtainCode(app, client, person, params)
  const answer = await redeem(app, client, obtained)
  if (answer.status !== 200) throw new Error(`token: ${answer.status} ${JSON.stringify(answer.body)}`)
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = answer.body
  return { client, accessToken, refreshToken, answer, ...obtained }
}
