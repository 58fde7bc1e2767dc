// What the attacks of this folder have in common: raw requests, the two ways a refusal may look, rows.
import { createHash, randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { makeOperatorClient, type OperatorClientDraft } from '../../src/clients/operator-client.ts'
import { notes, type TestApp } from '../support/app.ts'
import { loopbackRedirect } from '../support/flow.ts'

/** One answer, no redirect followed. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly location: string | null
  readonly body: string
}

/** Parameters of a request; an array sends a name several times, undefined leaves it out. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>

export const webRedirect = 'https://app.example.com/cb'
export const verifier = randomBytes(32).toString('base64url')
export const challenge = createHash('sha256').update(verifier).digest('base64url')

/** Sends one request and reads the answer. */
export async function ask(url: string | URL, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  return {
    status: response.status,
    headers: response.headers,
    location: response.headers.get('location'),
    body: await response.text(),
  }
}

/** Name-value pairs as a query or a body. */
export function pairs(params: Params): URLSearchParams {
  const out = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of value === undefined ? [] : typeof value === 'string' ? [value] : value) out.append(name, one)
  }
  return out
}

/** The parameters of a good authorization request, with changes. */
export function authorizeParams(clientId: string, changes: Params = {}): Params {
  return {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: webRedirect,
    scope: 'notes:read',
    resource: notes.identifier,
    state: 'the-state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
}

/** Asks /authorize. */
export function authorize({ issuer }: Pick<TestApp, 'issuer'>, clientId: string, changes: Params = {}) {
  return ask(`${issuer}/authorize?${pairs(authorizeParams(clientId, changes))}`)
}

/** Posts a form to the token endpoint or another one, nothing changed or checked. */
export function post(url: string, params: Params, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return ask(url, { method: 'POST', body: pairs(params), headers })
}

/** Sends a registration as it is. */
export function registerRaw(
  { issuer }: Pick<TestApp, 'issuer'>,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return ask(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** A client that an administrator vouches for: errors go back to it by themselves. */
export async function operatorClient(
  app: TestApp,
  draft: OperatorClientDraft,
): Promise<{ id: string; secret: string }> {
  const { client, madeSecret } = makeOperatorClient({ redirectUris: [webRedirect], ...draft }, new Date())
  await app.app.rooms.clients.save(client)
  return { id: client.id, secret: madeSecret ?? draft.clientSecret ?? '' }
}

/** page400: our page, no Location, nothing on it leads to another site. */
export function expectPage(answer: Answer, error: string, app: Pick<TestApp, 'issuer'>, status = 400): void {
  expect(answer.status).toBe(status)
  expect(answer.location).toBeNull()
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
  expect(answer.body).toContain('data-page="error"')
  expect(errorOf(answer.body)).toBe(error)
  for (const link of linksOf(answer.body)) expect(new URL(link, app.issuer).origin).toBe(new URL(app.issuer).origin)
  expectNoScript(answer)
}

/** err(x) of a vouched client: on to the registered redirect, each parameter once. */
export function expectSentBack(
  answer: Answer,
  error: string,
  app: Pick<TestApp, 'issuer'>,
  redirect = webRedirect,
  state: string | null = 'the-state',
): void {
  expect(answer.status).toBe(303)
  expectRefusalAt(answer.location, error, app, redirect, state)
}

/** err(x) of a client nobody vouched for: our page that says where the answer would go (A16). */
export function expectShown(
  answer: Answer,
  error: string,
  app: Pick<TestApp, 'issuer'>,
  redirect = webRedirect,
  state: string | null = 'the-state',
): void {
  expect(answer.status).toBe(400)
  expect(answer.location).toBeNull()
  expect(errorOf(answer.body)).toBe(error)
  const target = continueOf(answer.body)
  expectRefusalAt(target, error, app, redirect, state)
  expect(answer.body).not.toContain('http-equiv="refresh"')
  expectNoScript(answer)
}

/** A JSON refusal of the token, registration or revocation endpoint; no token in it, kept nowhere. */
export function expectJsonError(answer: Answer, status: number, error: string): void {
  const { headers } = answer
  expect({ status: answer.status, error: parsed(answer).error }).toEqual({ status, error })
  expect(headers.get('content-type')).toMatch(/^application\/json; charset=utf-8$/)
  expect(headers.get('cache-control')).toContain('no-store')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(answer.body).not.toMatch(/"(?:access|refresh|id)_token"/)
}

/** The body as an object. */
export function parsed(answer: Pick<Answer, 'body'>): Record<string, unknown> {
  const value: unknown = JSON.parse(answer.body)
  return value as Record<string, unknown>
}

/** How many rows a table has. */
export async function count({ app }: TestApp, table: string, where = '1 = 1'): Promise<number> {
  const row = await app.rooms.database.sql.get<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`)
  return Number(row?.n)
}

/** Rows of the audit book of one type, newest last, as soon as what was said is written. */
export async function audited({ app }: TestApp, type: string): Promise<Record<string, unknown>[]> {
  await app.rooms.audit.seal()
  return app.rooms.database.sql.all(`SELECT * FROM audit_event WHERE type = ? ORDER BY id`, [type])
}

/** `data-error` of a page. */
export function errorOf(body: string): string | undefined {
  return /data-error="([^"]*)"/.exec(body)?.[1]
}

/** The address in `data-continue`. */
export function continueOf(body: string): string | null {
  const found = /<a[^>]*data-continue[^>]*href="([^"]*)"/.exec(body)?.[1]
  return found === undefined ? null : unescapeHtml(found)
}

export { loopbackRedirect }

function expectRefusalAt(
  target: string | null,
  error: string,
  { issuer }: Pick<TestApp, 'issuer'>,
  redirect: string,
  state: string | null,
): void {
  expect(target).not.toBeNull()
  const url = new URL(target ?? '')
  expect(`${url.protocol}//${url.host}${url.pathname}`).toBe(redirect)
  expect(url.hash).toBe('')
  expect(url.searchParams.getAll('error')).toEqual([error])
  expect(url.searchParams.getAll('iss')).toEqual([issuer])
  expect(url.searchParams.getAll('state')).toEqual(state === null ? [] : [state])
  expect(url.searchParams.has('code')).toBe(false)
}

function expectNoScript({ headers, body }: Answer): void {
  expect(body).not.toMatch(/<script|\son\w+=|javascript:/i)
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
}

// Addresses that a click, a submit, a load or a refresh would follow.
function linksOf(body: string): string[] {
  const attributes = [...body.matchAll(/\s(?:href|src|action|formaction)="([^"]*)"/g)].map(([, link = '']) => link)
  const refreshes = [...body.matchAll(/content="\d+;\s*url=([^"]*)"/g)].map(([, link = '']) => link)
  return [...attributes, ...refreshes].map(unescapeHtml)
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
