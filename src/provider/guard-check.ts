import { createServer } from 'node:net'
import type { Provider } from 'oidc-provider'
import { guardProbe } from '../net/egress.ts'
import { GuardedFetchError } from '../net/guarded-fetch.ts'
import { AppError } from '../runtime/app-error.ts'

/** Something that fetches an address; what it answers does not matter. */
export type Fetching = (url: string) => Promise<unknown>

/**
 * Fetches as the protocol library does by itself: the keys of a client that exists for this one purpose.
 * The library keeps its configuration to itself, so this is the only way to learn which fetch it was really given.
 */
export function fetchByLibrary(provider: Provider): Fetching {
  return async function fetchAsLibrary(url) {
    const client: unknown = Reflect.construct(provider.Client, [
      {
        client_id: 'guard-check',
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: url,
      },
    ])
    const keys: unknown = isObject(client) ? Reflect.get(client, 'asymmetricKeyStore') : undefined
    const refresh: unknown = isObject(keys) ? Reflect.get(keys, 'refresh') : undefined
    if (typeof refresh !== 'function') throw new TypeError('the library fetches keys in another way than before')
    await Reflect.apply(refresh, keys, [])
  }
}

/**
 * Proves that each way out is guarded: asked for an address that leads to this machine, in a spelling that no operator can list, it
 * refuses, and nothing arrives there. A guard that is set up beside the library can come loose with the next version of it, silently;
 * then this server does not start (M16, F01, F02).
 *
 * @throws AppError `guard_missing` naming the ways that are open
 */
export async function proveGuard(ways: Readonly<Record<string, Fetching>>): Promise<void> {
  let arrivals = 0
  const ear = createServer((socket) => {
    arrivals += 1
    socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    ear.once('error', reject)
    ear.listen(0, '127.0.0.1', resolve)
  })
  try {
    const address = ear.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const open: string[] = []
    for (const [name, fetching] of Object.entries(ways)) {
      const before = arrivals
      const refused = await isRefused(fetching, `https://${guardProbe}:${port}/`)
      // What arrived may be told a turn later than the refusal.
      await new Promise((resolve) => setImmediate(resolve))
      if (!refused || arrivals > before) open.push(name)
    }
    if (open.length === 0) return
    const what = `the guard of outgoing requests is not in place (${open.join(', ')}): without it this server does not start`
    throw new AppError('guard_missing', 500, what)
  } finally {
    await new Promise((resolve) => ear.close(resolve))
  }
}

async function isRefused(fetching: Fetching, url: string): Promise<boolean> {
  try {
    await fetching(url)
    return false
  } catch (error) {
    return chainOf(error).some((one) => one instanceof GuardedFetchError && one.code === 'address_refused')
  }
}

function chainOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (let one = error; one instanceof Error && chain.length < 10; one = one.cause) chain.push(one)
  return chain
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
