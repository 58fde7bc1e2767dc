// Two servers on one database, as two processes would run, and many requests at one moment.
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { AuditEventType } from '../../src/audit/events.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import type { DatabaseKind } from '../support/database.ts'
import {
  type AuthorizationRequest,
  obtainCode,
  type RegisteredClient,
  redeem,
  register,
  type TokenAnswer,
} from '../support/flow.ts'

export type Params = Readonly<Record<string, string | readonly string[] | undefined>>

/** What a race runs on. */
export interface Stage {
  readonly first: TestApp
  readonly second: TestApp
  readonly person: TestPerson
  readonly client: RegisteredClient
  /** A browser in which the person is signed in; `code` uses it. */
  readonly browser: Browser
  /** A fresh code of the stage's client. */
  code(params?: Readonly<Record<string, string | undefined>>): ReturnType<typeof obtainCode>
  /** Fresh tokens of the stage's client. */
  refreshToken(params?: Readonly<Record<string, string | undefined>>): Promise<string>
  close(): Promise<void>
}

/** Opens the stage; for `beforeAll`. */
export async function openStage(
  database: DatabaseKind,
  settings: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const first = await startApp({ database, settings })
  const second = await startApp({ beside: first, settings })
  const person = await first.person()
  const client = await register(first)
  const browser = new Browser(first.issuer)
  const code: Stage['code'] = (params) => obtainCode(first, client, person, params, browser)
  return {
    first,
    second,
    person,
    client,
    browser,
    code,
    async refreshToken(params) {
      const answer = await redeem(first, client, await code(params))
      if (answer.body.refresh_token === undefined) throw new Error(JSON.stringify(answer.body))
      return answer.body.refresh_token
    },
    async close() {
      await second.close()
      await first.close()
    },
  }
}

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 100 })

/** Asks one of the servers, whichever of them the issuer's address leads to. `fetch` sets `Host` itself and cannot. */
export function ask(
  { issuer, config }: Pick<TestApp, 'issuer' | 'config'>,
  path: string,
  form?: Params,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form ?? {})) {
    for (const one of value === undefined ? [] : typeof value === 'string' ? [value] : value) body.append(name, one)
  }
  const options = {
    agent,
    host: '127.0.0.1',
    port: config.port,
    path,
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      host: new URL(issuer).host,
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
  }
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(form === undefined ? undefined : body.toString())
  })
}

/** A token request to one of the servers. */
export async function tokenAt(
  app: Pick<TestApp, 'issuer' | 'config'>,
  form: Params,
  headers: Readonly<Record<string, string>> = {},
): Promise<Pick<TokenAnswer, 'status' | 'body'>> {
  const { status, text } = await ask(app, '/token', form, headers)
  return { status, body: JSON.parse(text) as TokenAnswer['body'] }
}

/** The body of a redemption. */
export function redemption(
  { client }: { readonly client: Pick<RegisteredClient, 'client_id'> },
  { code, request }: { readonly code: string; readonly request: AuthorizationRequest },
): Params {
  return {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    code,
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  }
}

/** The body of a refresh. */
export function refreshment(
  { client }: { readonly client: Pick<RegisteredClient, 'client_id'> },
  refreshToken: string,
): Params {
  return { grant_type: 'refresh_token', client_id: client.client_id, refresh_token: refreshToken }
}

/** Sends the same thing many times at once, in turn to each of the servers. */
export function atOnce<Answer>(
  count: number,
  servers: readonly TestApp[],
  send: (server: TestApp, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const server = servers[index % servers.length]
      if (server === undefined) throw new RangeError('no server')
      return send(server, index)
    }),
  )
}

/** How often each status and error came. */
export function tally(answers: readonly { readonly status: number; readonly body: unknown }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, body } of answers) {
    const error: unknown = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
    const key = error === undefined ? String(status) : `${status} ${String(error)}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** The events of one type so far, newest first, those included that were about to be written. */
export async function audited({ first, second }: Pick<Stage, 'first' | 'second'>, type: AuditEventType) {
  await first.app.rooms.audit.flush()
  await second.app.rooms.audit.flush()
  return first.app.rooms.audit.list({ type, limit: 1000 })
}

/** How many rows a table has. */
export async function rowCount({ app }: TestApp, table: string, where = '1 = 1'): Promise<number> {
  const row = await app.rooms.database.sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${where}`)
  return Number(row?.n)
}
