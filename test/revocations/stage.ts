// A server, a second process beside it, and an MCP server's verifier that follows the list at the second.
import { vi } from 'vitest'
import { createVerifier, type Verifier, type VerifierOptions } from '../../verifier/src/index.ts'
import { ask } from '../races/stage.ts'
import { notes, startApp, type TestApp, type TestAppOptions, type TestPerson } from '../support/app.ts'
import { connect, type RegisteredClient, register } from '../support/flow.ts'

export const redirect = 'https://app.example/cb'

/** Moves the clock of everybody: servers and verifiers alike. */
export function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

export interface Stage {
  readonly first: TestApp
  readonly second: TestApp
  /** Follows the list of the second process; what it does itself is asked there, too. */
  verifier(options?: Partial<VerifierOptions>): Verifier
  /** A new web client that registers itself. */
  client(): Promise<RegisteredClient>
  connected(person: TestPerson, client: RegisteredClient, params?: Readonly<Record<string, string>>): Promise<Held>
  close(): Promise<void>
}

/** What a client holds. */
export type Held = Awaited<ReturnType<typeof connect>>

/** Opens both; for `beforeAll`, with the clock under `vi.useFakeTimers({ toFake: ['Date'] })`. */
export async function openStage(options: TestAppOptions): Promise<Stage> {
  const first = await startApp(options)
  const second = await startApp({ ...options, beside: first })
  return {
    first,
    second,
    verifier: (given = {}) =>
      createVerifier({
        issuer: first.issuer,
        resource: notes.identifier,
        scopes: [],
        revocations: { pollSeconds: 5 },
        fetch: (url, init) => askSecond(second, url, init),
        ...given,
      }),
    client: () => register(first, { redirect_uris: [redirect] }),
    connected: (person, client, params = {}) => connect(first, person, { redirect_uri: redirect, ...params }, client),
    async close() {
      await second.close()
      await first.close()
    },
  }
}

/** A request of the verifier's at the second process, whose port is not the issuer's. */
export async function askSecond(second: TestApp, url: string, init: RequestInit): Promise<Response> {
  const { pathname, search } = new URL(url)
  const form = init.body === undefined ? undefined : Object.fromEntries(new URLSearchParams(String(init.body)))
  const given = Object.fromEntries(new Headers(init.headers))
  const { status, headers, text } = await ask(second, `${pathname}${search}`, form, given)
  const plain = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
  const isEmpty = status === 304 || status === 204
  return new Response(isEmpty ? null : text, { status, headers: Object.fromEntries(plain) })
}
