// Who keeps the keys of an issuer: when it asks, what it says when it cannot, and when what it knows is another set.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeys, KeysUnavailableError } from '../../verifier/src/keys.ts'
import { makeKey, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(() => issuer.close())

describe('the keeper of keys', () => {
  const keysOf = (fetchBy: Parameters<typeof createKeys>[0]['fetch'], more: object = {}) =>
    createKeys({
      issuer: issuer.url,
      jwksUri: undefined,
      algorithms: ['ES256'],
      keysMaxAgeSeconds: 600,
      keysStaleSeconds: 86_400,
      keysCooldownSeconds: 30,
      fetchTimeoutSeconds: 5,
      fetch: fetchBy,
      now: () => issuer.clock.now,
      onKeysEvent: () => {},
      ...more,
    })
  const pass = (seconds: number) => {
    issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
  }

  test('says with its error what the cause was and how long to wait', async () => {
    const events: unknown[] = []
    const cause = new Error('no route')
    const keys = keysOf(() => Promise.reject(cause), { onKeysEvent: (event: unknown) => events.push(event) })
    const error = await keys.load().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(KeysUnavailableError)
    expect(error).toMatchObject({
      name: 'KeysUnavailableError',
      message: 'the keys of the issuer are not available',
      cause,
      retryAfterSeconds: 1,
    })
    expect(events).toEqual([{ kind: 'refresh_failed', cause, keysAgeSeconds: null }])
  })

  test('a key that is not known waits for the cool-down when the last look failed, and says how long', async () => {
    let isDown = false
    const events: { keysAgeSeconds: number | null }[] = []
    const keys = keysOf((url, init) => (isDown ? Promise.reject(new Error('down')) : fetch(url, init)), {
      onKeysEvent: (event: { keysAgeSeconds: number | null }) => events.push(event),
    })
    await keys.load()
    isDown = true
    pass(100)
    await expect(async () => keys.find('new', 'ES256')).rejects.toMatchObject({ retryAfterSeconds: 30 })
    expect(events.map(({ keysAgeSeconds }) => keysAgeSeconds)).toEqual([100])
    pass(12)
    await expect(async () => keys.find('new', 'ES256')).rejects.toMatchObject({ retryAfterSeconds: 18 })
    expect(keys.counts).toEqual({ fetches: 2, failedFetches: 1 })
  })

  test('the same set again is no change, another one is', async () => {
    const keys = keysOf(fetch)
    await keys.load()
    const key = await keys.find(issuer.key.kid, 'ES256')
    expect(keys.version).toBe(1)
    pass(600)
    expect(await keys.find(issuer.key.kid, 'ES256')).toBe(key)
    expect([keys.version, keys.counts.fetches]).toEqual([1, 2])
    issuer.keys.push((await makeKey('key-2')).publicJwk)
    pass(600)
    await keys.load()
    expect([keys.version, keys.counts.fetches]).toEqual([2, 3])
  })

  test('without a name, one key alone can be meant: two are none, and nobody is asked again', async () => {
    issuer.keys.push((await makeKey('key-2')).publicJwk)
    const keys = keysOf(fetch)
    expect(await keys.find(undefined, 'ES256')).toBeUndefined()
    expect(await keys.find(undefined, 'ES256')).toBeUndefined()
    expect(keys.counts.fetches).toBe(1)
  })

  test('a key that is there for another algorithm is not looked for again; one without a name may be new', async () => {
    const keys = keysOf(fetch)
    await keys.load()
    expect(await keys.find(issuer.key.kid, 'RS256')).toBeUndefined()
    expect(keys.counts.fetches).toBe(1)
    expect(await keys.find(undefined, 'RS256')).toBeUndefined()
    expect(keys.counts.fetches).toBe(2)
    expect(await keys.find(undefined, 'RS256')).toBeUndefined()
    expect(keys.counts.fetches).toBe(2)
  })

  test('what failed before the keys were forgotten is not held against those that come', async () => {
    let fail: ((cause: Error) => void) | undefined
    const keys = keysOf((url, init) => {
      if (fail !== undefined) return fetch(url, init)
      return new Promise((_resolve, reject) => {
        fail = reject
      })
    })
    const first = keys.load().catch(() => 'failed')
    keys.forget()
    await keys.load()
    fail?.(new Error('late'))
    await first
    expect(await keys.find(issuer.key.kid, 'ES256')).toBeDefined()
    expect(keys.goodUntilSeconds).toBe(issuer.clock.now.getTime() / 1000 + 600)
    expect(keys.counts).toEqual({ fetches: 2, failedFetches: 1 })
    // A failure of these keys would have answered that nobody can know.
    expect(await keys.find('new', 'ES256')).toBeUndefined()
  })
})
