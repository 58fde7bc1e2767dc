// The steps of a sign-in through an upstream, as a browser takes them.
import { freePort, startApp, type TestApp, type TestAppOptions } from '../support/app.ts'
import type { Browser, Page } from '../support/browser.ts'
import { authorizationRequest, type RegisteredClient, register } from '../support/flow.ts'
import {
  addUpstream,
  passUpstream,
  signedInThere,
  startUpstream,
  type TestUpstream,
  upstreamOf,
} from '../support/upstream.ts'

/** A server, one upstream of it with two people, and a client. */
export interface Stage {
  readonly app: TestApp
  readonly upstream: TestUpstream
  readonly client: RegisteredClient
}

/** Starts them. */
export async function openStage(
  options: TestAppOptions = {},
  changes: Parameters<typeof upstreamOf>[1] = {},
): Promise<Stage> {
  const issuer = options.settings?.ISSUER ?? `http://localhost:${await freePort()}`
  const settings = { ISSUER: issuer, PORT: new URL(issuer).port || '80', ...options.settings }
  const ids = ['acme', 'other']
  const upstream = await startUpstream(ids.map((id) => `${issuer}/upstream/${id}/callback`))
  upstream.people.set('ada', { email: 'ada@acme.example', email_verified: true, name: 'Ada' })
  upstream.people.set('bob', { email: 'bob@acme.example', email_verified: true, name: 'Bob' })
  const app = await startApp({ ...options, settings })
  await addUpstream(app, upstreamOf(upstream, changes))
  return { app, upstream, client: await register(app) }
}

/** Opens an authorization up to the page before the hop. */
export async function reachCard(here: Browser, url: string, id = 'acme'): Promise<Page> {
  const signIn = await here.open(url)
  const way = new RegExp(`href="([^"]*/upstream/${id})"`).exec(signIn.body)?.[1]
  if (way === undefined) throw new Error(`no way to ${id} on ${signIn.url} ${signIn.name} ${signIn.error}`)
  return here.open(way)
}

/** Presses the button of that page. @returns the address at the upstream */
export async function leave(here: Browser, card: Page): Promise<string> {
  const page = await here.submit(card, {})
  if (page.name !== 'continue' || page.continueTo === undefined) throw new Error(`stays at ${page.name} ${page.error}`)
  return page.continueTo
}

/** From an authorization request to the answer of the upstream, not yet delivered. */
export async function answerOf(
  { app, upstream, client }: Stage,
  here: Browser,
  subject = 'ada',
  { id = 'acme', params = {} }: { readonly id?: string; readonly params?: Record<string, string> } = {},
): Promise<string> {
  const { url } = authorizationRequest(app, client.client_id, params)
  const address = await leave(here, await reachCard(here, url, id))
  return passUpstream(signedInThere(upstream, subject), address)
}

/** Delivers the answer and goes on as far as no person is asked. */
export async function deliver(here: Browser, answer: string): Promise<Page> {
  const page = await here.open(answer, { 'sec-fetch-site': 'cross-site' })
  return page.name === 'continue' ? here.goOn(page) : page
}

/** Begins at the own sign-in page. @returns the address at the upstream */
export async function leaveFromOwnPage(here: Browser, id = 'acme', address = '/sign-in'): Promise<string> {
  const page = await here.open(address)
  const form = new RegExp(`<form[^>]*data-upstream="${id}"[\\s\\S]*?</form>`).exec(page.body)?.[0] ?? ''
  const fields = Object.fromEntries(
    [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
  const action = /action="([^"]+)"/.exec(form)?.[1]
  if (action === undefined) throw new Error(`no way to ${id} on ${page.url}`)
  const next = await here.post(action, fields)
  if (next.name !== 'continue' || next.continueTo === undefined) throw new Error(`stays at ${next.name} ${next.error}`)
  return next.continueTo
}

/** Rows of a table. */
export async function countOf({ app }: TestApp, table: string): Promise<number> {
  const row = await app.rooms.database.sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)
  return Number(row?.n ?? 0)
}
