import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createExpiringMap } from '../../verifier/src/expiring-map.ts'
import type { Verifier } from '../../verifier/src/index.ts'
import { chooseSha256, sha256 } from '../../verifier/src/sha256.ts'
import { judge, makeKey, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier
beforeEach(async () => {
  issuer = await startIssuer()
  verifier = issuer.verifier()
  await verifier.ready()
})
afterEach(() => issuer.close())

const pass = (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}

/** Verdict, and whether the signature was checked for it. */
async function ask(token: string, by = verifier): Promise<string> {
  const check = vi.spyOn(crypto.subtle, 'verify')
  const verdict = await judge(by, token)
  const isChecked = check.mock.calls.length > 0
  check.mockRestore()
  return `${verdict}, ${isChecked ? 'checked' : 'remembered'}`
}

describe('a token that held', () => {
  test('is known again for a minute, and not longer', async () => {
    const token = await issuer.mint()
    expect(await ask(token)).toBe('accepted, checked')
    expect(await ask(token)).toBe('accepted, remembered')
    pass(59)
    expect(await ask(token)).toBe('accepted, remembered')
    pass(1)
    expect(await ask(token)).toBe('accepted, checked')
    expect(await ask(token)).toBe('accepted, remembered')
    expect(verifier.counts()).toMatchObject({ allowed: 5, remembered: 3, rememberedTokens: 1 })
  })

  test('V22 is not remembered past its exp, and dies when it would without a memory', async () => {
    const token = await issuer.mint({ exp: issuer.clock.now.getTime() / 1000 + 20 })
    expect(await ask(token)).toBe('accepted, checked')
    pass(19)
    expect(await ask(token)).toBe('accepted, remembered')
    pass(1)
    expect(await ask(token)).toBe('accepted, checked') // within the tolerance of clocks
    expect(await ask(token)).toBe('accepted, checked')
    pass(5)
    expect(await judge(verifier, token)).toBe('401 expired')
  })

  test('is not remembered when the clock was set back behind the moment it held', async () => {
    const token = await issuer.mint({ iat: issuer.clock.now.getTime() / 1000 - 100 })
    expect(await ask(token)).toBe('accepted, checked')
    pass(-50)
    expect(await ask(token)).toBe('accepted, checked')
  })

  test('V38 is forgotten with the keys that vouched for it', async () => {
    const token = await issuer.mint({ exp: issuer.clock.now.getTime() / 1000 + 3000 })
    expect(await ask(token)).toBe('accepted, checked')
    expect(await ask(token)).toBe('accepted, remembered')
    const next = await makeKey('key-2')
    issuer.keys.splice(0, 1, next.publicJwk)
    // Another token brings the new set in.
    expect(await ask(await issuer.mint({}, {}, next))).toBe('accepted, checked')
    expect(await judge(verifier, token)).toMatch(/^401 key_unknown/)
  })

  test('V38 is forgotten at once by forgetKeys', async () => {
    const token = await issuer.mint()
    await judge(verifier, token)
    issuer.keys.splice(0, 1, (await makeKey('key-2')).publicJwk)
    verifier.forgetKeys()
    expect(await judge(verifier, token)).toBe('401 key_unknown')
  })

  test('V38 dies with its withdrawn key when the keys are looked at anew, however often it is sent', async () => {
    const token = await issuer.mint({ exp: issuer.clock.now.getTime() / 1000 + 3000 })
    pass(590)
    expect(await ask(token)).toBe('accepted, checked')
    issuer.keys.splice(0, 1, (await makeKey('key-2')).publicJwk)
    pass(9)
    expect(await ask(token)).toBe('accepted, remembered')
    pass(1)
    expect(await judge(verifier, token)).toBe('401 key_unknown')
  })

  test('V35 is remembered while the issuer is away, up to the bound of its keys', async () => {
    const token = await issuer.mint({ exp: issuer.clock.now.getTime() / 1000 + 3000 })
    const bounded = issuer.verifier({ keysMaxAgeSeconds: 10, keysStaleSeconds: 50 })
    await bounded.ready()
    issuer.faults.set('/jwks', { status: 503 })
    pass(10)
    expect(await ask(token, bounded)).toBe('accepted, checked')
    expect(await ask(token, bounded)).toBe('accepted, remembered')
    pass(29)
    expect(await ask(token, bounded)).toBe('accepted, remembered')
    pass(11)
    expect(await judge(bounded, token)).toBe('503 keys_unavailable')
  })

  test('V35 no failed look makes it live past the bound of its keys', async () => {
    const token = await issuer.mint({ exp: issuer.clock.now.getTime() / 1000 + 3000 })
    const bounded = issuer.verifier({ keysMaxAgeSeconds: 10, keysStaleSeconds: 50 })
    await bounded.ready()
    issuer.faults.set('/jwks', { status: 503 })
    pass(35)
    expect(await ask(token, bounded)).toBe('accepted, checked')
    pass(14)
    expect(await ask(token, bounded)).toBe('accepted, remembered')
    pass(1)
    expect(await judge(bounded, token)).toBe('503 keys_unavailable')
  })

  test('V38 is not remembered when its key was withdrawn while its signature was checked', async () => {
    const [old, next] = [await issuer.mint(), await makeKey('key-2')]
    const verify = crypto.subtle.verify.bind(crypto.subtle)
    let goOn = () => {}
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const isHeld = new Promise<void>((resolve) => {
      vi.spyOn(crypto.subtle, 'verify').mockImplementationOnce(async (...args) => {
        resolve()
        await held
        return verify(...args)
      })
    })
    const early = judge(verifier, old)
    await isHeld
    issuer.keys.splice(0, 1, next.publicJwk)
    verifier.forgetKeys()
    for (const jti of ['one', 'two'])
      expect(await judge(verifier, await issuer.mint({ jti }, {}, next))).toBe('accepted')
    goOn()
    expect(await early).toBe('accepted')
    expect(await judge(verifier, old)).toBe('401 key_unknown')
  })

  test('the same keys fetched again forget nothing', async () => {
    const token = await issuer.mint({ exp: issuer.clock.now.getTime() / 1000 + 3000 })
    const short = issuer.verifier({ keysMaxAgeSeconds: 30 })
    await short.ready()
    pass(25)
    await judge(short, token)
    pass(5)
    await judge(short, await issuer.mint({ jti: 'other' }))
    expect(short.counts()).toMatchObject({ keyFetches: 2, rememberedTokens: 2 })
  })

  test('its claims are shared and frozen', async () => {
    const token = await issuer.mint()
    const first = await verifier.verify(token)
    expect(await verifier.verify(token)).toBe(first)
    expect(Object.isFrozen(first) && Object.isFrozen(first.scopes)).toBe(true)
  })

  test('scopes are asked for every time', async () => {
    const token = await issuer.mint()
    await verifier.verify(token, { scopes: ['notes:read'] })
    await expect(verifier.verify(token, { scopes: ['notes:write'] })).rejects.toMatchObject({ status: 403 })
  })
})

describe('the memory', () => {
  test('V30 knows a token only by the whole of it', async () => {
    const token = await issuer.mint()
    expect(await ask(token)).toBe('accepted, checked')
    for (let at = 0; at < token.length; at++) {
      const spoilt = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect(await judge(verifier, spoilt), `position ${at}`).toMatch(/^401 /)
    }
    expect(await judge(verifier, `${token} `)).toMatch(/^401 /)
    expect(await ask(token)).toBe('accepted, remembered')
  })

  test('never holds a refusal', async () => {
    const refused = await issuer.mint({ aud: 'https://other.example' })
    const early = await issuer.mint({ nbf: issuer.clock.now.getTime() / 1000 + 30 })
    for (const token of [refused, early, 'x', 'a.b.c']) await judge(verifier, token)
    expect(verifier.counts()).toMatchObject({ allowed: 0, refused: 4, rememberedTokens: 0 })
    pass(30)
    expect(await judge(verifier, early)).toBe('accepted')
  })

  test('belongs to one verifier: what another was told to accept is nothing here', async () => {
    const token = await issuer.mint({ aud: 'https://other.example/mcp' })
    expect(await judge(issuer.verifier({ resource: 'https://other.example/mcp' }), token)).toBe('accepted')
    expect(await judge(verifier, token)).toBe('401 audience')
  })

  test('V52 is bounded in number, whatever comes', async () => {
    const small = issuer.verifier({ rememberedTokens: 10 })
    await small.ready()
    const tokens = await Promise.all(Array.from({ length: 60 }, (_, at) => issuer.mint({ jti: `token-${at}` })))
    for (const token of tokens) await judge(small, token)
    expect(small.counts().rememberedTokens).toBe(10)
    expect(await ask(tokens.at(-1) ?? '', small)).toBe('accepted, remembered')
    expect(await ask(tokens[0] ?? '', small)).toBe('accepted, checked')
  })

  test('is off by one option', async () => {
    const off = issuer.verifier({ rememberedTokens: 0 })
    const token = await issuer.mint()
    for (let round = 0; round < 3; round++) expect(await ask(token, off)).toBe('accepted, checked')
    expect(off.counts()).toMatchObject({ remembered: 0, rememberedTokens: 0 })
    for (const rememberedTokens of [-1, 0.5, Number.NaN])
      expect(() => issuer.verifier({ rememberedTokens })).toThrow('rememberedTokens')
  })

  test('V05 hashes nothing above the limit', async () => {
    expect(await judge(verifier, 'x'.repeat(1_000_000))).toBe('401 token_too_large')
  })

  test('a hundred requests with one new token are each checked, and leave one entry', async () => {
    const token = await issuer.mint()
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => judge(verifier, token)))
    expect(new Set(verdicts)).toEqual(new Set(['accepted']))
    expect(verifier.counts().rememberedTokens).toBe(1)
  })
})

describe('the digest', () => {
  const known = [
    ['', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
    ['abc', 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
  ] as const

  test.each([
    ['of this runtime', globalThis],
    ['of WebCrypto alone', {}],
    ['where process is something else', { process: {} }],
    ['where there is no process', { process: null }],
    ['where crypto has no hash', { process: { getBuiltinModule: () => ({}) } }],
    ['where there is no crypto', { process: { getBuiltinModule: () => undefined } }],
    ['where hash is an imitation', { process: { getBuiltinModule: () => ({ hash: () => 'x' }) } }],
    [
      'where hash throws',
      {
        process: {
          getBuiltinModule: () => ({
            hash: () => {
              throw new Error('not here')
            },
          }),
        },
      },
    ],
  ])('%s is SHA-256 in base64url', async (_where, runtime) => {
    const hash = chooseSha256(runtime)
    for (const [text, digest] of known) expect(await hash(text)).toBe(digest)
    for (const text of ['é€😀', 'x'.repeat(9000)]) expect(await hash(text)).toBe(await sha256(text))
  })

  test('is made at once where Node is', () => expect(typeof sha256('abc')).toBe('string'))
})

describe('an expiring map', () => {
  test('forgets at the end, before the beginning, and the oldest when it is full', () => {
    const map = createExpiringMap<string>(2)
    map.set('a', 'A', 10, 20)
    expect([map.get('a', 9), map.get('a', 10)]).toEqual([undefined, undefined]) // a clock behind has forgotten it
    map.set('a', 'A', 10, 20)
    expect([map.get('a', 10), map.get('a', 19.9), map.get('a', 20), map.size]).toEqual(['A', 'A', undefined, 0])
    map.set('a', 'A', 10, 20)
    map.set('b', 'B', 10, 20)
    map.set('a', 'A2', 11, 20)
    map.set('c', 'C', 12, 20)
    expect([map.get('a', 12), map.get('b', 12), map.get('c', 12), map.size]).toEqual(['A2', undefined, 'C', 2])
    map.set('d', 'D', 12, 12)
    expect(map.size).toBe(2)
    map.clear()
    expect(map.size).toBe(0)
  })

  test('is, whatever is done with it, a list from which the oldest falls out at the front', () => {
    const act = fc.oneof(
      { weight: 12, arbitrary: fc.record({ act: fc.constant('set'), key: fc.nat(9), lives: fc.nat(6) }) },
      { weight: 6, arbitrary: fc.record({ act: fc.constant('get'), key: fc.nat(9), lives: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ act: fc.constant('clear'), key: fc.constant(0), lives: fc.constant(0) }) },
    )
    fc.assert(
      fc.property(fc.nat(5), fc.array(act, { maxLength: 200 }), (capacity, acts) => {
        const map = createExpiringMap<number>(capacity)
        let list: { key: string; value: number; until: number }[] = []
        for (const [now, one] of acts.entries()) {
          const key = String(one.key)
          const known = list.find((entry) => entry.key === key)
          if (one.act === 'clear') {
            map.clear()
            list = []
          } else if (one.act === 'get') {
            const isOver = known !== undefined && now >= known.until
            expect(map.get(key, now)).toBe(isOver ? undefined : known?.value)
            if (isOver) list = list.filter((entry) => entry !== known)
          } else {
            map.set(key, now, now, now + one.lives)
            if (one.lives > 0 && capacity > 0) {
              list = list.filter((entry) => entry !== known)
              if (list.length >= capacity) list.shift()
              list.push({ key, value: now, until: now + one.lives })
            }
          }
          expect(map.size).toBe(list.length)
        }
        for (const { key, value, until } of list) {
          if (acts.length < until) expect(map.get(key, acts.length)).toBe(value)
        }
      }),
      { numRuns: 500 },
    )
  })
})
