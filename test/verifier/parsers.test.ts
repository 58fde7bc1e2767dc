// Whatever comes in, a parser answers in one of its own words: it never throws anything else, and never says yes to what it should not.
import fc from 'fast-check'
import { base64url, calculateJwkThumbprint } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalResource as serverCanonicalResource } from '../../src/oauth/resource-uri.ts'
import { formatChallenge } from '../../verifier/src/challenge.ts'
import { defaultClaimNames, judgeClaims } from '../../verifier/src/claims.ts'
import { decodeSegment, splitCompactToken } from '../../verifier/src/compact-token.ts'
import { hasTokenInQuery, readCredentials } from '../../verifier/src/credentials.ts'
import { listMetadataUrls } from '../../verifier/src/discovery.ts'
import { judgeProof } from '../../verifier/src/dpop.ts'
import { canonicalResource, resourceMetadataUrl, VerifierError } from '../../verifier/src/index.ts'
import { importKeySet } from '../../verifier/src/key-set.ts'
import { readMcpMessage } from '../../verifier/src/mcp-message.ts'
import { splitUrl } from '../../verifier/src/node-http.ts'
import { readRevocationDocument } from '../../verifier/src/revocation-document.ts'
import { coversScopes, isScopeToken, parseScopes } from '../../verifier/src/scopes.ts'
import { parseStrictObject, parseStrictText, StrictJsonError } from '../../verifier/src/strict-json.ts'
import { judgeHeader } from '../../verifier/src/token-header.ts'
import { keepCallableTools, scopesOfTool } from '../../verifier/src/tools.ts'
import { judge, signText, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

const bytesOf = (text: string) => new TextEncoder().encode(text)
const anyText = fc.string({ unit: 'binary' })
const member = fc.oneof(fc.constantFrom('aud', 'a', 'b', '', 'constructor'), fc.string({ maxLength: 4 }))
/** JSON as text, with doubled members, spaces and escapes where chance wants them. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 0 }).map((value) => JSON.stringify(value)),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' ,')}]`),
  ),
  object: fc
    .array(fc.tuple(member, tie('value'), fc.boolean()), { maxLength: 4 })
    .map(
      (members) => `{${members.map(([name, value, isEscaped]) => `${spell(name, isEscaped)} :${value}`).join(',')}}`,
    ),
})).object

function spell(name: string, isEscaped: boolean): string {
  const [first] = name
  if (!isEscaped || first === undefined || first.length > 1) return JSON.stringify(name)
  return `"\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(name.slice(1)).slice(1)}`
}

/** Another way to the same answer: walks the text and keeps every name of every open object. */
function hasDoubled(text: string): boolean {
  let at = 0
  const skip = () => {
    while (/\s/.test(text[at] ?? '')) at++
  }
  const string = (): string => {
    const start = at++
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    return JSON.parse(text.slice(start, ++at))
  }
  const value = (): boolean => {
    skip()
    if (text[at] === '"') return string() === '\0'.repeat(99)
    if (text[at] !== '{' && text[at] !== '[') {
      while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at++
      return false
    }
    const isObject = text[at] === '{'
    const names = new Set<string>()
    let doubled = false
    at++
    skip()
    while (text[at] !== '}' && text[at] !== ']') {
      if (isObject) {
        const name = string()
        doubled ||= names.has(name)
        names.add(name)
        skip()
        at++
      }
      doubled = value() || doubled
      skip()
      if (text[at] === ',') at++
      skip()
    }
    at++
    return doubled
  }
  return value()
}

describe('V26 JSON', () => {
  test('V25 exactly the texts with a doubled member are refused as such', () => {
    let doubled = 0
    fc.assert(
      fc.property(jsonText, (text) => {
        const isDoubled = hasDoubled(text)
        if (isDoubled) doubled++
        const outcome = attempt(() => parseStrictText(text))
        if (outcome instanceof StrictJsonError && outcome.kind === 'malformed') return // too deep, or __proto__
        expect(outcome instanceof StrictJsonError).toBe(isDoubled)
        if (!isDoubled) expect(outcome).toEqual(JSON.parse(text))
      }),
      { numRuns: 3000 },
    )
    expect(doubled).toBeGreaterThan(100)
  })

  test('any bytes are an object or a StrictJsonError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), anyText.map(bytesOf), jsonText.map(bytesOf)), (bytes) => {
        const outcome = attempt(() => parseStrictObject(bytes))
        if (outcome instanceof StrictJsonError) return
        expect(outcome).toEqual(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)))
      }),
    )
  })
})

describe('V06 tokens', () => {
  test('any text is three segments that decode and encode to themselves, or a reason', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom('A', 'b', '_', '-', '.', '=', '+') })),
        (text) => {
          const split = splitCompactToken(text, 1000)
          if (!split.ok) return
          expect([split.header, split.payload, split.signature].join('.')).toBe(text)
          for (const segment of [split.header, split.payload, split.signature]) {
            expect(base64url.encode(base64url.decode(segment))).toBe(segment)
            decodeSegment(segment)
          }
        },
      ),
    )
  })

  test('any header is a key and an algorithm of ours, or a reason', () => {
    const policy = { algorithms: ['ES256'], acceptTypes: ['at+jwt'] }
    const header = fc.record(
      {
        alg: fc.oneof(fc.constantFrom('ES256', 'none', 'HS256'), fc.anything()),
        typ: fc.oneof(fc.constantFrom('at+jwt', 'JWT'), fc.anything()),
        kid: fc.anything(),
        crit: fc.anything(),
        b64: fc.anything(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(header, (members) => {
        const verdict = judgeHeader(members, policy)
        if (verdict.ok) expect([verdict.algorithm, members.crit, members.b64]).toEqual(['ES256', undefined, undefined])
      }),
    )
  })

  test('any claims are ours and in time, or a reason', () => {
    const policy = {
      issuer: 'https://auth.example',
      audience: 'https://mcp.example/mcp',
      acceptAudienceArrays: false,
      claimNames: defaultClaimNames,
      maxLifetimeSeconds: 3600,
      clockSkewSeconds: 5,
      dpop: undefined,
    }
    const odd = fc.anything()
    const time = fc.oneof(odd, fc.integer({ min: 900, max: 1100 }))
    const claims = fc.record(
      {
        iss: fc.oneof({ weight: 9, arbitrary: fc.constant(policy.issuer) }, odd),
        aud: fc.oneof({ weight: 9, arbitrary: fc.constant(policy.audience) }, odd),
        sub: fc.oneof({ weight: 9, arbitrary: fc.constant('s') }, odd),
        client_id: fc.oneof({ weight: 9, arbitrary: fc.constant('c') }, odd),
        jti: fc.oneof({ weight: 9, arbitrary: fc.constant('j') }, odd),
        iat: time,
        exp: time,
        scope: odd,
      },
      { requiredKeys: ['iss', 'aud', 'sub', 'client_id', 'jti', 'iat', 'exp'] },
    )
    let taken = 0
    fc.assert(
      fc.property(claims, (payload) => {
        const verdict = judgeClaims(payload, policy, true, 1000)
        if (!verdict.ok) return
        taken++
        const { iat, exp, iss, aud, scopes } = verdict.claims
        expect([iss, aud]).toEqual([policy.issuer, policy.audience])
        expect(exp > 995 && iat <= 1005 && exp > iat && exp - iat <= 3600).toBe(true)
        expect(scopes.every(isScopeToken)).toBe(true)
      }),
      { numRuns: 3000 },
    )
    expect(taken).toBeGreaterThan(50)
  })

  test('V30 a good token with anything done to it is refused', async () => {
    const verifier = issuer.verifier()
    const token = await issuer.mint()
    await verifier.verify(token)
    const change = fc.tuple(fc.nat(token.length), fc.nat(3), fc.string({ maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(change, async ([at, gone, put]) => {
        const spoilt = token.slice(0, at) + put + token.slice(at + gone)
        if (spoilt !== token) expect(await judge(verifier, spoilt)).toMatch(/^401 /)
      }),
      { numRuns: 300 },
    )
  })
})

describe('V02 V03 headers', () => {
  test('any values are one token of its alphabet, or none', () => {
    const value = fc.oneof(
      anyText,
      fc.tuple(fc.constantFrom('Bearer ', 'bearer ', 'DPoP ', 'Basic '), anyText).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), fc.boolean(), (authorization, tokenElsewhere) => {
        const read = readCredentials({ authorization, tokenElsewhere }, true)
        if (read.kind !== 'token') return
        expect(read.token).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/)
        expect([authorization.length, tokenElsewhere]).toEqual([1, false])
      }),
    )
  })

  test('V04 any query and address is read without a throw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { path, query } = splitUrl(text)
        expect(path.includes('?')).toBe(false)
        hasTokenInQuery(query)
        hasTokenInQuery(text)
      }),
    )
  })

  test('V50 a challenge with any values is one line that reads back as them', () => {
    fc.assert(
      fc.property(anyText, anyText, (error, errorDescription) => {
        const printed = formatChallenge({ error, errorDescription, resourceMetadataUrl: 'https://mcp.example/x' })
        expect(printed).toMatch(/^[\x20-\x7e]+$/)
        const values = [...printed.matchAll(/(?:^Bearer |, )(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [
          name,
          value?.replaceAll(/\\(.)/g, '$1'),
        ])
        const plain = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, ' ')
        expect(values).toEqual([
          ['error', plain(error)],
          ['error_description', plain(errorDescription)],
          ['resource_metadata', 'https://mcp.example/x'],
        ])
      }),
    )
  })
})

describe('V27 V28 scopes', () => {
  const scope = fc.string({ unit: fc.constantFrom('a', 'b', ':'), minLength: 1, maxLength: 2 })
  const scopeMap = fc.dictionary(scope, fc.array(scope, { maxLength: 3 }))

  test('any claim is whole scope tokens, or nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          anyText,
          fc.array(scope).map((list) => list.join(' ')),
        ),
        (claim) => {
          const scopes = parseScopes(claim)
          expect(scopes.every(isScopeToken)).toBe(true)
          if (scopes.length > 0) expect(new Set(String(claim).split(' '))).toEqual(new Set(scopes))
        },
      ),
    )
  })

  test('what is covered stays covered by more, and nothing is without a way in the map', () => {
    fc.assert(
      fc.property(fc.array(scope), fc.array(scope), scopeMap, scope, (granted, needed, map, more) => {
        const covers = coversScopes(granted, needed, map)
        if (covers) expect(coversScopes([...granted, more], needed, map)).toBe(true)
        const named = new Set([...granted, ...Object.values(map).flat()])
        if (covers) expect(needed.every((one) => named.has(one))).toBe(true)
        expect(coversScopes(granted, granted, map)).toBe(true)
      }),
    )
  })

  test('a tool has the scopes of its own name or of *, whatever it is called', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.array(scope)),
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString')),
        (tools, name) => {
          const own = Object.entries(tools).find(([tool]) => tool === name)?.[1]
          expect(scopesOfTool(tools, name)).toEqual(own ?? Object.entries(tools).find(([tool]) => tool === '*')?.[1])
        },
      ),
    )
  })

  test('any result of tools/list is filtered without a throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ tools: fc.anything() }), fc.record({ tools: fc.array(fc.anything()) })),
        (result) => {
          keepCallableTools(result, () => true)
        },
      ),
    )
  })
})

describe('messages, proofs, documents', () => {
  test('V26 any body is one message, or a refusal in the words of JSON-RPC', () => {
    const call = fc.record(
      {
        jsonrpc: fc.oneof(fc.constant('2.0'), fc.anything()),
        method: fc.oneof(fc.constant('tools/call'), fc.anything()),
        params: fc.oneof(fc.record({ name: fc.anything() }), fc.anything()),
      },
      { requiredKeys: [] },
    )
    const body = fc.oneof(
      fc.uint8Array().map((bytes) => ({ bytes })),
      jsonText.map((text) => ({ bytes: bytesOf(text) })),
      call.map((parsed) => ({ parsed })),
      fc.anything().map((parsed) => ({ parsed })),
    )
    fc.assert(
      fc.property(body, (one) => {
        const outcome = attempt(() => readMcpMessage(one))
        if (outcome instanceof Error) {
          if (!(outcome instanceof VerifierError)) throw outcome
          expect([outcome.status, outcome.code]).toEqual([400, 'invalid_request'])
          expect([-32_700, -32_600, -32_602]).toContain(outcome.rpcCode)
        } else if (outcome.method === 'tools/call') expect(typeof outcome.tool).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })

  test('V41 any proof is refused with a reason, unless it is made for this request', async () => {
    const policy = {
      algorithms: ['ES256'] as const,
      maxAgeSeconds: 60,
      clockSkewSeconds: 5,
      maxTokenBytes: 8192,
      publicUrl: (path: string) => `https://mcp.example${path}`,
    }
    const { kid: _, use: __, alg: ___, ...jwk } = issuer.key.publicJwk
    const request = {
      method: 'POST',
      path: '/mcp',
      token: 'token',
      boundKeyThumbprint: await calculateJwkThumbprint(jwk),
    }
    const good = {
      jti: 'j',
      htm: 'POST',
      htu: 'https://mcp.example/mcp',
      iat: 1000,
      ath: 'PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A',
    }
    const goodHeader = { typ: 'dpop+jwt', alg: 'ES256', jwk }
    const prove = (header: unknown, payload: unknown) =>
      signText(JSON.stringify(header), JSON.stringify(payload), issuer.key)
    expect(await judgeProof(await prove(goodHeader, good), request, policy, 1000)).toMatchObject({ ok: true, jti: 'j' })
    const spoil = <Members extends object>(members: Members) =>
      fc
        .tuple(fc.constantFrom(...Object.keys(members)), fc.jsonValue())
        .map(([name, value]) => ({ ...members, [name]: value }))
    await fc.assert(
      fc.asyncProperty(spoil(goodHeader), spoil(good), fc.boolean(), async (header, payload, inHeader) => {
        const proof = inHeader ? await prove(header, good) : await prove(goodHeader, payload)
        const verdict = await judgeProof(proof, request, policy, 1000)
        if (verdict.ok)
          expect([payload.htm, header.typ, payload.ath]).toEqual([
            inHeader ? payload.htm : 'POST',
            inHeader ? 'dpop+jwt' : header.typ,
            inHeader ? payload.ath : good.ath,
          ])
      }),
      { numRuns: 150 },
    )
    await fc.assert(
      fc.asyncProperty(anyText, async (proof) => {
        expect((await judgeProof(proof, request, policy, 1000)).ok).toBe(false)
      }),
    )
  })

  test('V43 any payload is a list of marks and moments, or an Error', () => {
    const mark = fc.string({ unit: fc.constantFrom('A', '_', '9'), minLength: 42, maxLength: 43 })
    const odd = <Value>(value: Value) => fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, fc.anything())
    const payload = fc.record({
      iss: odd('https://auth.example'),
      iat: odd(1000),
      exp: odd(1060),
      cursor: odd('c'),
      complete: odd(true),
      revoked: fc.oneof(
        fc.dictionary(mark, fc.oneof(fc.integer({ min: 900, max: 1010 }), fc.anything())),
        fc.anything(),
      ),
      more: fc.anything(),
    })
    const expected = { issuer: 'https://auth.example', since: undefined, nowSeconds: 1000, clockSkewSeconds: 5 }
    fc.assert(
      fc.property(fc.oneof(payload, fc.dictionary(fc.string(), fc.anything())), (members) => {
        const outcome = attempt(() => readRevocationDocument(members, expected))
        if (outcome instanceof Error) {
          expect(outcome.message).toMatch(/^the revocations /)
          return
        }
        for (const [name, before] of outcome.revoked) {
          expect(name).toMatch(/^[\w-]{43}$/)
          expect(Number.isSafeInteger(before) && before > 0 && before <= 1006).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('V36 any document is usable public keys, or an Error', async () => {
    const jwk = fc.record(
      {
        kty: fc.constantFrom('EC', 'RSA', 'OKP', 'oct', 'x'),
        crv: fc.constantFrom('P-256', 'Ed25519', 'x'),
        x: fc.string(),
        y: fc.string(),
        n: fc.string(),
        e: fc.string(),
        k: fc.string(),
        kid: fc.anything(),
        alg: fc.anything(),
        use: fc.constantFrom('sig', 'enc', 7),
        key_ops: fc.anything(),
      },
      { requiredKeys: ['kty'] },
    )
    const document = fc.oneof(fc.anything(), fc.record({ keys: fc.array(fc.oneof(jwk, fc.anything())) }))
    await fc.assert(
      fc.asyncProperty(document, async (one) => {
        const outcome = await importKeySet(one, ['ES256', 'EdDSA', 'RS256']).catch((error: unknown) => error)
        if (outcome instanceof Error) return
        expect(Array.isArray(outcome) && outcome.length > 0).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('V49 addresses', () => {
  const host = fc.webUrl({ withQueryParameters: true })

  test('a resource has one spelling, and its metadata one place', () => {
    fc.assert(
      fc.property(host, (url) => {
        const canonical = canonicalResource(url)
        expect(canonicalResource(canonical)).toBe(canonical)
        expect(canonicalResource(url.replace(/^https/, 'HTTPS'))).toBe(canonical)
        // The server writes it the same way, or refuses it.
        expect([canonical, null]).toContain(serverCanonicalResource(url))
        expect(resourceMetadataUrl(canonical)).toBe(resourceMetadataUrl(url))
        expect(new URL(resourceMetadataUrl(url)).origin).toBe(new URL(url).origin)
        for (const place of listMetadataUrls(url)) expect(new URL(place).origin).toBe(new URL(url).origin)
      }),
    )
  })
})

function attempt<Value>(work: () => Value): Value | Error {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}
