// What is measured: each operation as a client does it, once.
import { createHash, randomBytes } from 'node:crypto'
import { type Answer, type Connection, headerOf } from './connection.ts'

/** The operations in the order in which they run. */
export const operationNames = ['client_credentials', 'refresh', 'code', 'registration', 'discovery', 'jwks'] as const
export type OperationName = (typeof operationNames)[number]

/** Whether a word of the command line names an operation. */
export function isOperation(name: string): name is OperationName {
  return operationNames.some((known) => known === name)
}

/** The operations that a server with nothing but the documents can answer. */
export const documentOperations: ReadonlySet<OperationName> = new Set(['discovery', 'jwks'])

/** What every request of a peer needs. */
export interface Target {
  readonly port: number
  /** Where its keys are. */
  readonly jwksPath: string
  readonly resource: string
  readonly redirectUri: string
  /** Id and secret of a client for client_credentials. */
  readonly machine: { readonly id: string; readonly secret: string }
}

/** One client of a signed-in person who has consented, on a connection of its own. */
export interface Worker {
  readonly connection: Connection
  readonly clientId: string
  /** Value of the `Cookie` header. */
  readonly cookie: string
  refreshToken: string
}

/** Does an operation once. @throws Error when the answer is another than it should be */
export type Operation = (target: Target, worker: Worker) => Promise<void>

export const operations: Readonly<Record<OperationName, Operation>> = {
  async client_credentials(target, { connection }) {
    const { id, secret } = target.machine
    const basic = Buffer.from(`${id}:${secret}`).toString('base64')
    const body = `grant_type=client_credentials&resource=${encodeURIComponent(target.resource)}`
    const answer = await connection.request(form(target, '/token', body, `Authorization: Basic ${basic}\r\n`))
    expectStatus(answer, 200)
  },

  async refresh(target, worker) {
    const body = `grant_type=refresh_token&client_id=${worker.clientId}&refresh_token=${worker.refreshToken}`
    const answer = await worker.connection.request(form(target, '/token', body))
    expectStatus(answer, 200)
    const next = refreshTokenOf(answer)
    if (next === worker.refreshToken) throw new Error('the refresh token was not rotated')
    worker.refreshToken = next
  },

  async code(target, worker) {
    await authorizeOnce(target, worker)
  },

  async registration(target, { connection }) {
    const body = JSON.stringify(registrationBody(target))
    expectStatus(await connection.request(post(target, '/register', body, 'application/json')), 201)
  },

  async discovery(target, { connection }) {
    expectStatus(await connection.request(get(target, '/.well-known/openid-configuration')), 200)
  },

  async jwks(target, { connection }) {
    expectStatus(await connection.request(get(target, target.jwksPath)), 200)
  },
}

/** The whole code flow of a person whose consent is remembered. @returns the refresh token */
export async function authorizeOnce(target: Target, worker: Pick<Worker, 'connection' | 'clientId' | 'cookie'>) {
  const verifier = randomBytes(32).toString('base64url')
  const path = authorizationPath(target, worker.clientId, verifier)
  const headers = `Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nCookie: ${worker.cookie}\r\n`
  const redirect = await worker.connection.request(get(target, path, headers))
  const code = /[?&]code=([^&]+)/.exec(headerOf(redirect, 'location') ?? '')?.[1]
  if (code === undefined) throw new Error(`no code: ${redirect.head}\n${redirect.body.slice(0, 400)}`)
  const body = `grant_type=authorization_code&client_id=${worker.clientId}&code=${code}&redirect_uri=${encodeURIComponent(target.redirectUri)}&code_verifier=${verifier}`
  const answer = await worker.connection.request(form(target, '/token', body))
  expectStatus(answer, 200)
  return refreshTokenOf(answer)
}

/** An authorization request. */
export function authorizationPath({ redirectUri, resource }: Target, clientId: string, verifier: string): string {
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  return `/authorize?response_type=code&client_id=${clientId}&redirect_uri=${encodeURIComponent(redirectUri)}&scope=notes%3Aread&state=abcdefgh&resource=${encodeURIComponent(resource)}&code_challenge=${challenge}&code_challenge_method=S256`
}

/** What a client says of itself. */
export function registrationBody({ redirectUri }: Pick<Target, 'redirectUri'>): Readonly<Record<string, unknown>> {
  return {
    client_name: 'Bench client',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
}

function get({ port }: Target, path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\n${headers}\r\n`
}

function form(target: Target, path: string, body: string, headers = ''): string {
  return post(target, path, body, 'application/x-www-form-urlencoded', headers)
}

function post({ port }: Target, path: string, body: string, type: string, headers = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`
}

function refreshTokenOf({ body }: Answer): string {
  const found = /"refresh_token":"([^"]+)"/.exec(body)?.[1]
  if (found === undefined) throw new Error(`no refresh token: ${body}`)
  return found
}

function expectStatus(answer: Answer, status: number): void {
  if (answer.status !== status) throw new Error(`${answer.head}\n\n${answer.body.slice(0, 400)}`)
}
