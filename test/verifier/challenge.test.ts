import { describe, expect, test } from 'vitest'
import { readCredentials } from '../../verifier/src/credentials.ts'
import { requireToken } from '../../verifier/src/fetch.ts'
import {
  buildResourceMetadata,
  createVerifier,
  formatChallenge,
  type VerifierOptions,
} from '../../verifier/src/index.ts'
import { startIssuer } from './issuer.ts'

const make = (options: Partial<VerifierOptions> = {}) =>
  createVerifier({ issuer: 'https://auth.example', resource: 'https://mcp.example/mcp', ...options })

describe('credentials', () => {
  const read = (...authorization: string[]) => readCredentials({ authorization, tokenElsewhere: false })

  test.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'Bearer   abc', ' Bearer abc '])('V02 %j is a token', (value) =>
    expect(read(value)).toEqual({ kind: 'token', scheme: 'Bearer', token: 'abc' }),
  )
  test.each(['Basic YTpi', 'Digest x="y"', 'DPoP abc', 'Bearerabc', 'Token abc', 'Beare abc', 'abc'])(
    'V02 %j counts as no credentials',
    (value) => expect(read(value)).toEqual({ kind: 'none' }),
  )
  test.each(['Bearer a, Bearer b', 'Bearer a,b', 'Bearer a,', 'Bearer ,a', 'Bearer a, Basic b'])(
    'V02 %j is several credentials',
    (value) => expect(read(value)).toEqual({ kind: 'several' }),
  )
  test('V02 two headers are several credentials, also when they agree', () =>
    expect(read('Bearer a', 'Bearer a')).toEqual({ kind: 'several' }))
  test.each([
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer Bearer a',
    'Bearer\ta',
    'Bearer "a"',
    'Bearer é',
    'Bearer a\0',
    'Bearer a\nb',
    'Bearer =',
    ', Bearer a',
    ',',
  ])('V03 %j is malformed', (value) => expect(read(value)).toEqual({ kind: 'malformed' }))
  test('V01 no header is no credentials', () => expect(read()).toEqual({ kind: 'none' }))
  test('V04 a token elsewhere is ignored alone, and makes a request with another invalid', () => {
    expect(readCredentials({ authorization: [], tokenElsewhere: true })).toEqual({ kind: 'none' })
    expect(readCredentials({ authorization: ['Bearer a'], tokenElsewhere: true })).toEqual({ kind: 'several' })
  })
})

describe('challenges', () => {
  const metadata = 'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"'
  const refusal = (authorization: readonly string[], options: Partial<VerifierOptions> = {}) =>
    make(options)
      .authenticate({ authorization, tokenElsewhere: false })
      .then(
        () => undefined,
        (error) => ({ code: error.code, status: error.status, challenge: error.challenge }),
      )

  test('V01 without credentials: 401, where to look, what to ask for, and no error', async () => {
    expect(await refusal([])).toEqual({ code: 'invalid_token', status: 401, challenge: `Bearer ${metadata}` })
    const scopes = ['notes:read', 'offline_access', 'notes:list']
    expect(await refusal([], { scopes })).toMatchObject({
      challenge: `Bearer scope="notes:read notes:list", ${metadata}`,
    })
  })

  test('a bad token: 401 invalid_token, and no word of what is wrong with it', async () => {
    const challenge = `Bearer error="invalid_token", error_description="the access token is not valid here", ${metadata}`
    for (const token of ['x', 'a.b.c', 'x'.repeat(9000)])
      expect(await refusal([`Bearer ${token}`])).toEqual({ code: 'invalid_token', status: 401, challenge })
  })

  test('V02 malformed credentials: 400 invalid_request', async () => {
    expect(await refusal(['Bearer a', 'Bearer b'])).toMatchObject({ code: 'invalid_request', status: 400 })
    expect(await refusal(['Bearer '])).toMatchObject({ code: 'invalid_request', status: 400 })
  })

  test('V50 values are quoted strings: quotes are escaped, line breaks cannot get out', () => {
    expect(
      formatChallenge({
        error: 'a"b\\c',
        errorDescription: 'x\r\nSet-Cookie: y',
        scopes: [],
        resourceMetadataUrl: 'é',
      }),
    ).toBe('Bearer error="a\\"b\\\\c", error_description="x  Set-Cookie: y", resource_metadata=" "')
  })
})

describe('protected resource metadata', () => {
  test('V49 says who we are and whom we trust, and never offline_access', () => {
    const { metadata, metadataUrl, metadataPaths } = make({
      scopes: ['notes:read', 'offline_access'],
      resourceName: 'Notes',
      resourceDocumentation: 'https://mcp.example/docs',
    })
    expect(metadata).toEqual({
      resource: 'https://mcp.example/mcp',
      authorization_servers: ['https://auth.example'],
      bearer_methods_supported: ['header'],
      scopes_supported: ['notes:read'],
      resource_name: 'Notes',
      resource_documentation: 'https://mcp.example/docs',
    })
    expect(metadataUrl).toBe('https://mcp.example/.well-known/oauth-protected-resource/mcp')
    expect(metadataPaths).toEqual([
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource',
    ])
  })

  test('V49 a resource without a path has one place, and no slash', () => {
    const { metadata, metadataPaths } = make({ resource: 'https://mcp.example/' })
    expect(metadata.resource).toBe('https://mcp.example')
    expect(metadataPaths).toEqual(['/.well-known/oauth-protected-resource'])
    expect(metadata).not.toHaveProperty('scopes_supported')
  })

  test('the builder can be used alone', () => {
    expect(buildResourceMetadata({ issuer: 'https://a.example', resource: 'https://b.example', scopes: [] })).toEqual({
      resource: 'https://b.example',
      authorization_servers: ['https://a.example'],
      bearer_methods_supported: ['header'],
    })
  })
})

describe('options', () => {
  test.each([
    [{ issuer: 'http://auth.example' }, /issuer/],
    [{ issuer: 'https://auth.example?x=1' }, /issuer/],
    [{ issuer: 'https://auth.example#x' }, /issuer/],
    [{ issuer: 'https://user:secret@auth.example' }, /issuer/],
    [{ issuer: 'auth.example' }, /issuer/],
    [{ issuer: '' }, /issuer/],
    [{ resource: 'http://mcp.example' }, /resource/],
    [{ resource: 'https://mcp.example/#x' }, /resource/],
    [{ resource: 'mcp' }, /resource/],
    [{ scopes: ['a b'] }, /scopes/],
    [{ scopes: ['"'] }, /scopes/],
    [{ maxLifetimeSeconds: 0 }, /maxLifetimeSeconds/],
    [{ maxTokenBytes: Number.NaN }, /maxTokenBytes/],
    [{ jwksUri: 'file:///etc/keys' }, /jwksUri/],
    [{ keysStaleSeconds: 1 }, /keysStaleSeconds/],
    [{ keysCooldownSeconds: 0 }, /keysCooldownSeconds/],
    [{ fetchTimeoutSeconds: Number.POSITIVE_INFINITY }, /fetchTimeoutSeconds/],
  ])('%j stops the start', (options, fault) => {
    expect(() => make(options)).toThrow(TypeError)
    expect(() => make(options)).toThrow(fault)
  })

  test('all faults are named at once', () => {
    expect(() => make({ issuer: 'x', resource: 'y', clockSkewSeconds: 100 })).toThrow(
      /issuer.*resource.*clockSkewSeconds/,
    )
  })
})

test('V49 offline_access is in no metadata, however it is built', () => {
  const scopes = ['notes:read', 'offline_access']
  const built = buildResourceMetadata({ issuer: 'https://auth.example', resource: 'https://mcp.example/mcp', scopes })
  expect(built.scopes_supported).toEqual(['notes:read'])
  expect(make({ scopes }).metadata.scopes_supported).toEqual(['notes:read'])
  expect(make({ scopes: ['offline_access'] }).metadata).not.toHaveProperty('scopes_supported')
})

test('V51 an answer does not tell which check a token failed, nor how near it came', async () => {
  const issuer = await startIssuer()
  try {
    const verifier = issuer.verifier()
    const good = await issuer.mint()
    await verifier.verify(good)
    const [head = '', body = '', signature = ''] = good.split('.')
    const bad = [
      'x',
      `${head}.${body}.${'A'.repeat(86)}`, // nothing of the signature
      `${head}.${body}.${signature.slice(0, -2)}${signature.endsWith('AA') ? 'BA' : 'AA'}`, // all but the end of it
      await issuer.mint({ exp: 1, iat: 0 }),
      await issuer.mint({ aud: 'https://other.example' }),
      await issuer.mint({}, { kid: 'other' }),
    ]
    const answers = await Promise.all(bad.map((token) => requireToken(verifier)(bearing(token))))
    const seen = answers.map(async (answer) => {
      if (!(answer instanceof Response)) throw new Error('the gate let it through')
      return JSON.stringify([answer.status, [...answer.headers], await answer.text()])
    })
    expect(new Set(await Promise.all(seen)).size).toBe(1)
  } finally {
    await issuer.close()
  }
})

function bearing(token: string): Request {
  return new Request('http://localhost:9728/mcp', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
}
