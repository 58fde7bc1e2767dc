import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeysEvent } from '../../verifier/src/index.ts'
import { type Fault, judge, makeKey, startIssuer, type TestIssuer } from './issuer.ts'

const metadataPath = '/.well-known/oauth-authorization-server'
let issuer: TestIssuer

beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(() => issuer.close())

const pass = (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}
const fetches = (path = '/jwks') => issuer.requests.filter((asked) => asked === path).length

describe('discovery', () => {
  test('an issuer with a path is looked up by insertion, then by OpenID Connect', async () => {
    const tenant = await startIssuer('/tenant')
    try {
      expect(await judge(tenant.verifier(), await tenant.mint())).toBe('accepted')
      expect(tenant.requests).toEqual([`${metadataPath}/tenant`, '/tenant/jwks'])
      const document = JSON.stringify({ issuer: tenant.url, jwks_uri: `${tenant.url}/jwks` })
      tenant.faults.set(`${metadataPath}/tenant`, { status: 404 })
      tenant.faults.set('/tenant/.well-known/openid-configuration', { status: 200, body: document })
      tenant.requests.length = 0
      expect(await judge(tenant.verifier(), await tenant.mint())).toBe('accepted')
      expect(tenant.requests).toEqual([
        `${metadataPath}/tenant`,
        '/.well-known/openid-configuration/tenant',
        '/tenant/.well-known/openid-configuration',
        '/tenant/jwks',
      ])
    } finally {
      await tenant.close()
    }
  })

  test('V39 metadata in the name of another issuer is not used, and nothing else is tried', async () => {
    for (const named of [`${issuer.url}/`, 'https://evil.example', undefined, issuer.url.replace('http', 'HTTP')]) {
      issuer.faults.set(metadataPath, { body: JSON.stringify({ issuer: named, jwks_uri: `${issuer.url}/jwks` }) })
      const verifier = issuer.verifier()
      await expect(verifier.ready()).rejects.toMatchObject({ code: 'keys_unavailable', status: 503 })
      expect(await judge(verifier, await issuer.mint())).toBe('503 keys_unavailable')
    }
    expect(fetches()).toBe(0)
    expect(new Set(issuer.requests)).toEqual(new Set([metadataPath]))
  })

  test('V36 a jwks_uri on another origin is refused unless it was configured', async () => {
    const elsewhere = await startIssuer()
    try {
      const document = JSON.stringify({ issuer: issuer.url, jwks_uri: `${elsewhere.url}/jwks` })
      issuer.faults.set(metadataPath, { body: document })
      expect(await judge(issuer.verifier(), await issuer.mint({}, {}, elsewhere.key))).toBe('503 keys_unavailable')
      expect(elsewhere.requests).toEqual([])
      const told = issuer.verifier({ jwksUri: `${elsewhere.url}/jwks` })
      expect(await judge(told, await issuer.mint({}, {}, elsewhere.key))).toBe('accepted')
      expect(issuer.requests).toEqual([metadataPath])
    } finally {
      await elsewhere.close()
    }
  })

  test('V31 a key of another issuer under the same kid verifies nothing', async () => {
    const other = await startIssuer()
    try {
      const token = await issuer.mint({}, {}, other.key)
      expect(other.key.kid).toBe(issuer.key.kid)
      expect(await judge(other.verifier(), await other.mint())).toBe('accepted')
      expect(await judge(issuer.verifier(), token)).toBe('401 signature')
    } finally {
      await other.close()
    }
  })
})

describe('fetching', () => {
  test('V33 a hundred first tokens at once lead to one fetch', async () => {
    const verifier = issuer.verifier()
    const token = await issuer.mint()
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => judge(verifier, token)))
    expect(new Set(verdicts)).toEqual(new Set(['accepted']))
    expect(issuer.requests).toEqual([metadataPath, '/jwks'])
  })

  test('V32 made-up key ids lead to one fetch in thirty seconds', async () => {
    const verifier = issuer.verifier()
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    const forged = await Promise.all(Array.from({ length: 200 }, (_, at) => issuer.mint({}, { kid: `made-up-${at}` })))
    for (const token of forged.slice(0, 100)) expect(await judge(verifier, token)).toBe('401 key_unknown')
    await Promise.all(forged.slice(100).map((token) => judge(verifier, token)))
    expect(fetches()).toBe(2)
    pass(29)
    await judge(verifier, await issuer.mint({}, { kid: 'made-up' }))
    expect(fetches()).toBe(2)
    pass(2)
    await judge(verifier, await issuer.mint({}, { kid: 'made-up' }))
    expect(fetches()).toBe(3)
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
  })

  test('V32 made-up key ids against a cold verifier lead to one fetch', async () => {
    const verifier = issuer.verifier()
    for (let at = 0; at < 200; at++) await judge(verifier, await issuer.mint({}, { kid: `made-up-${at}` }))
    expect(fetches()).toBe(1)
  })

  test('V37 the first token of a new key is verified after one fetch, however soon after the last', async () => {
    const verifier = issuer.verifier()
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    const next = await makeKey('key-2')
    issuer.keys.push(next.publicJwk)
    const token = await issuer.mint({}, {}, next)
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => judge(verifier, token)))
    expect(new Set(verdicts)).toEqual(new Set(['accepted']))
    expect(fetches()).toBe(2)
  })

  test('V38 a withdrawn key dies within ten minutes, at once when told, and with the next look', async () => {
    const withdrawn = await issuer.mint({ exp: issuer.clock.now.getTime() / 1000 + 3000 })
    const next = await makeKey('key-2')
    const verifier = issuer.verifier()
    const told = issuer.verifier()
    expect(await judge(verifier, withdrawn)).toBe('accepted')
    expect(await judge(told, withdrawn)).toBe('accepted')
    issuer.keys.splice(0, 1, next.publicJwk)
    told.forgetKeys()
    expect(await judge(told, withdrawn)).toBe('401 key_unknown')
    pass(599)
    expect(await judge(verifier, withdrawn)).toBe('accepted')
    pass(1)
    expect(await judge(verifier, withdrawn)).toBe('401 key_unknown')
  })

  test('V38 what was being fetched when keys were forgotten is not believed', async () => {
    let answer: (response: Response) => void = () => {}
    let asked: () => void = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    let isFirst = true
    const verifier = issuer.verifier({
      jwksUri: `${issuer.url}/jwks`,
      fetch: (url, init) => {
        if (!isFirst) return fetch(url, init)
        isFirst = false
        asked()
        return new Promise((resolve) => {
          answer = resolve
        })
      },
    })
    const withdrawn = await issuer.mint()
    const early = judge(verifier, withdrawn)
    await isAsked
    verifier.forgetKeys()
    const next = await makeKey('key-2')
    answer(Response.json({ keys: [...issuer.keys] }))
    issuer.keys.splice(0, 1, next.publicJwk)
    expect(await early).toBe('503 keys_unavailable')
    expect(await judge(verifier, withdrawn)).toBe('401 key_unknown')
    expect(await judge(verifier, await issuer.mint({}, {}, next))).toBe('accepted')
  })
})

describe('faults', () => {
  const faults: readonly (readonly [name: string, fault: Fault])[] = [
    ['503', { status: 503 }],
    ['404', { status: 404 }],
    ['HTML', { body: '<!doctype html>' }],
    ['an empty body', { body: '' }],
    ['null', { body: 'null' }],
    ['no keys', { body: '{"keys":[]}' }],
    ['keys that are not a list', { body: '{"keys":{}}' }],
    [
      'odd keys',
      { body: '{"keys":[null,1,"x",[],{},{"kty":"EC"},{"kty":"future","alg":"ES256"},{"kty":"EC","crv":7}]}' },
    ],
    ['204', { status: 204 }],
  ]

  test.each(faults)('V34 keys that were never known: %s is 503 with Retry-After, never 401', async (_name, fault) => {
    issuer.faults.set('/jwks', fault)
    const verifier = issuer.verifier()
    await expect(verifier.verify(await issuer.mint())).rejects.toMatchObject({
      code: 'keys_unavailable',
      status: 503,
      challenge: undefined,
      retryAfterSeconds: 1,
    })
    await expect(verifier.ready()).rejects.toMatchObject({ code: 'keys_unavailable' })
    issuer.faults.clear()
    pass(1)
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    await verifier.ready()
  })

  test.each(faults)('V35 V36 with good keys from before: %s changes nothing for a day', async (_name, fault) => {
    const events: KeysEvent[] = []
    const verifier = issuer.verifier({ onKeysEvent: (event) => events.push(event) })
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    issuer.faults.set('/jwks', fault)
    pass(601)
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    expect(fetches()).toBe(2)
    expect(events).toMatchObject([{ kind: 'refresh_failed', keysAgeSeconds: 601 }])
    pass(86_400 - 601 - 1)
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    pass(1)
    expect(await judge(verifier, await issuer.mint())).toBe('503 keys_unavailable')
  })

  test('V36 a redirect is not followed', async () => {
    const internal = await startIssuer()
    try {
      for (const path of ['/jwks', metadataPath]) {
        issuer.faults.clear()
        issuer.faults.set(path, { status: 302, headers: { location: `${internal.url}/jwks` } })
        expect(await judge(issuer.verifier(), await issuer.mint())).toBe('503 keys_unavailable')
      }
      expect(internal.requests).toEqual([])
    } finally {
      await internal.close()
    }
  })

  test('V36 a set with a private key in it, or one kid twice, is not used', async () => {
    const next = await makeKey('key-2')
    const privateJwk = { ...next.publicJwk, d: 'AAAA' }
    const twin = { ...(await makeKey('key-1')).publicJwk }
    for (const extra of [privateJwk, twin]) {
      issuer.keys.splice(1, 1, extra)
      expect(await judge(issuer.verifier(), await issuer.mint())).toBe('503 keys_unavailable')
    }
  })

  test('V36 a set of more than 64 kB is not used, whatever good keys it holds', async () => {
    issuer.keys.push({ kty: 'future', kid: 'x'.repeat(70_000) })
    expect(await judge(issuer.verifier(), await issuer.mint())).toBe('503 keys_unavailable')
  })

  test('V36 an RSA key that is too short is not used', async () => {
    const pair = await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
      true,
      ['sign', 'verify'],
    )
    const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
    issuer.keys.push({ kty: 'RSA', ...(jwk.n && { n: jwk.n }), ...(jwk.e && { e: jwk.e }), kid: 'short', alg: 'RS256' })
    const short = {
      ...issuer.key,
      sign: async (bytes: Uint8Array<ArrayBuffer>) =>
        new Uint8Array(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', pair.privateKey, bytes)),
    }
    expect(await judge(issuer.verifier(), await issuer.mint({}, { alg: 'RS256', kid: 'short' }, short))).toBe(
      '401 key_unknown',
    )
  })

  test('V36 a document that never ends is given up after its time', async () => {
    const verifier = issuer.verifier({
      fetchTimeoutSeconds: 0.05,
      fetch: (url, init) =>
        url.endsWith('/jwks')
          ? Promise.resolve(new Response(new ReadableStream({ start: (control) => abortWith(control, init.signal) })))
          : fetch(url, init),
    })
    expect(await judge(verifier, await issuer.mint())).toBe('503 keys_unavailable')
  })

  test('V34 V44 an issuer that cannot be reached is 503, and a crowd does not knock more than once a second', async () => {
    let knocks = 0
    const verifier = issuer.verifier({
      fetch: () => {
        knocks++
        return Promise.reject(new TypeError('fetch failed'))
      },
    })
    const token = await issuer.mint()
    for (let round = 0; round < 20; round++) expect(await judge(verifier, token)).toBe('503 keys_unavailable')
    expect(knocks).toBe(1)
    pass(1)
    await judge(verifier, token)
    expect(knocks).toBe(2)
  })

  test('V37 an unknown key while the issuer is away is 503, not 401: the token may be good', async () => {
    const verifier = issuer.verifier()
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    const next = await makeKey('key-2')
    issuer.keys.push(next.publicJwk)
    issuer.faults.set('/jwks', { status: 503 })
    const token = await issuer.mint({}, {}, next)
    expect(await judge(verifier, token)).toBe('503 keys_unavailable')
    expect(await judge(verifier, token)).toBe('503 keys_unavailable')
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    expect(fetches()).toBe(2)
    issuer.faults.clear()
    pass(30)
    expect(await judge(verifier, await issuer.mint({}, {}, next))).toBe('accepted')
  })
})

function abortWith(control: ReadableStreamDefaultController, signal: AbortSignal | null | undefined): void {
  signal?.addEventListener('abort', () => control.error(signal.reason))
}
