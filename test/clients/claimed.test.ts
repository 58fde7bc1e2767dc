// What a client says of itself, piece by piece: what just fits, what just does not, and what comes out.
import { describe, expect, it } from 'vitest'
import { chooseAuthMethod } from '../../src/clients/auth-method.ts'
import { checkClaimedKeys } from '../../src/clients/claimed-keys.ts'
import { cleanText } from '../../src/clients/claimed-text.ts'
import { checkClaimedUri, isLocalHttp } from '../../src/clients/claimed-uri.ts'

const refusal = (words: string) =>
  expect.objectContaining({ code: 'invalid_client_metadata', description: expect.stringContaining(words) })

describe('keys', () => {
  const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }

  it('are kept by their public members, in lists too', () => {
    const rsa = {
      kty: 'RSA',
      n: 'n',
      e: 'AQAB',
      use: 'sig',
      key_ops: ['verify'],
      alg: 'RS256',
      kid: '1',
      x5c: ['a', 'b'],
    }
    const thumbs = { kty: 'OKP', crv: 'Ed25519', x: 'x', x5t: 't', 'x5t#S256': 's', pub: 'p' }
    const keys = [key, rsa, thumbs]
    expect(checkClaimedKeys({ keys: keys.map((one) => ({ ...one, note: 'of ours' })) })).toEqual({ keys })
  })

  it('may be ten, each member 4096 characters of JSON', () => {
    const ten = Array.from({ length: 10 }, () => key)
    expect(checkClaimedKeys({ keys: ten }).keys).toHaveLength(10)
    expect(() => checkClaimedKeys({ keys: [...ten, key] })).toThrow(refusal('more than 10'))
    const fits = { ...key, x: 'x'.repeat(4094) }
    expect(checkClaimedKeys({ keys: [fits] })).toEqual({ keys: [fits] })
    expect(() => checkClaimedKeys({ keys: [{ ...key, x: 'x'.repeat(4095) }] })).toThrow(refusal('too large'))
  })

  it.each([undefined, null, 'x', [], [key], {}, { keys: 'x' }, { keys: [] }, { keys: key }])('are not %j', (jwks) => {
    expect(() => checkClaimedKeys(jwks)).toThrow(refusal('an object with keys'))
  })

  it.each([[null], ['x'], [[]], [{}], [{ kty: 1 }], [{ crv: 'P-256' }]])('%j is none', (one) => {
    expect(() => checkClaimedKeys({ keys: [key, one] })).toThrow(refusal('a kty'))
  })

  it.each([1, null, {}, [1], ['a', 1], [['a']]])('a member %j is none of a key', (x) => {
    expect(() => checkClaimedKeys({ keys: [{ ...key, x }] })).toThrow(refusal('malformed'))
  })

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv', 'seed'])(
    'with %s are private, and refused (F10)',
    (member) => {
      expect(() => checkClaimedKeys({ keys: [key, { ...key, [member]: '' }] })).toThrow(refusal('public keys only'))
    },
  )

  it('that are shared secrets are refused even when they are empty (F10)', () => {
    expect(() => checkClaimedKeys({ keys: [{ kty: 'oct' }] })).toThrow(refusal('public keys only'))
  })
})

describe('texts that people read (D11)', () => {
  it.each([
    ['a  b', 'a b'],
    [' a ', 'a'],
    ['a\u0000b', 'a b'],
    ['a\u00a0\u3000b', 'a b'],
    ['a\u2029\r\n\u0085b', 'a b'],
    ['a \u200b b', 'a b'],
    ['\u202ea', 'a'],
    ['a\ue000\u{f0000}b', 'ab'],
    ['a\u{50000}b', 'ab'],
    ['a\ud800b', 'ab'],
    ['a\ufe0fb', 'ab'],
    ['\u200b', undefined],
    ['\u2800 \u2800', undefined],
  ])('%j becomes %j', (text, clean) => {
    expect(cleanText(text, 'client_name')).toBe(clean)
  })

  it('four marks may stand on a letter', () => {
    const marks = '\u0335\u0336\u0337\u0338'
    expect(cleanText(`z${marks}`, 'm')).toBe(`z${marks}`)
    expect(cleanText(`z${marks}\u0335`, 'm')).toBe(`z${marks}`)
    expect(cleanText(`z${marks}\u0335\u0335a${marks}\u0335`, 'm')).toBe(`z${marks}a${marks}`)
  })

  it('hold a hundred characters as people count them', () => {
    for (const letter of ['x', 'ü', 'e\u0301', '🇩🇪', 'क्षि']) {
      expect(cleanText(letter.repeat(100), 'm')).toBe(letter.repeat(100).normalize('NFC'))
      expect(() => cleanText(letter.repeat(101), 'm')).toThrow(refusal('m must not be longer than 100 characters'))
    }
    // What is taken out does not count.
    expect(cleanText(`${'x'.repeat(100)}\u200b`, 'm')).toBe('x'.repeat(100))
  })

  it('are not even read when they are enormous', () => {
    expect(cleanText(`x${' '.repeat(2047)}`, 'm')).toBe('x')
    expect(() => cleanText(`x${' '.repeat(2048)}`, 'm')).toThrow(refusal('longer than 100'))
  })
})

describe('addresses', () => {
  const shown = (text: string) => checkClaimedUri(text, 'logo_uri', { use: 'shown' })
  const fetched = (text: string) => checkClaimedUri(text, 'jwks_uri', { use: 'fetched' })

  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://app.example.com?x=1', 'https://app.example.com?x=1'],
    ['https://app.example.com#a', 'https://app.example.com#a'],
    // As it was written: it is compared with what a document says.
    ['HTTPS://App.example.com:443/x', 'HTTPS://App.example.com:443/x'],
    ['https://app.example.com/@me', 'https://app.example.com/@me'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['https://mylocalhost/x', 'https://mylocalhost/x'],
    ['https://localhost.example/x', 'https://localhost.example/x'],
  ])('%s is shown as %s', (text, address) => {
    expect(shown(text)).toBe(address)
  })

  it.each([
    'https:app.example.com',
    'https:/app.example.com',
    'https:///app.example.com',
    'https://user:secret@app.example.com/',
    'https://app.example.com\\@evil.example/',
    'https://app.example.com/a b',
    'https://app.example.com/\n',
    ' https://app.example.com/',
    'xhttps://app.example.com/',
    'https://',
    'https://?x',
    'ftp://app.example.com/',
  ])('D03: %j is none', (text) => {
    expect(() => shown(text)).toThrow(refusal('logo_uri must be an https address'))
  })

  it.each([
    'https://localhost/x',
    'https://localhost./x',
    'https://app.localhost/x',
    'https://127.0.0.1/x',
    'https://10.0.0.1/x',
    'https://[::1]/x',
    'https://[fe80::1]/x',
  ])('D04: %s is neither shown nor fetched', (text) => {
    expect(() => shown(text)).toThrow(refusal('logo_uri must not lie on a local'))
    expect(() => fetched(text)).toThrow(refusal('jwks_uri must not lie on a local'))
  })

  it('D04: internal names are shown, and fetched only where the operator opened them', () => {
    const text = 'https://keys.corp.internal/x'
    expect(shown(text)).toBe(text)
    expect(() => fetched(text)).toThrow(refusal('must not lie on a local'))
    const opened = (host: string) => checkClaimedUri(text, 'm', { use: 'fetched', internalHosts: [host] })
    expect(opened('keys.corp.internal')).toBe(text)
    expect(() => opened('corp.internal')).toThrow(refusal('must not lie on a local'))
  })

  it('may be as long as 2048 characters', () => {
    const base = 'https://app.example.com/'
    const fits = base + 'x'.repeat(2048 - base.length)
    expect(shown(fits)).toBe(fits)
    expect(() => shown(`${fits}x`)).toThrow(refusal('must not be longer than 2048'))
  })

  it.each([
    ['http://localhost:6274', true],
    ['http://127.0.0.1/', true],
    ['http://[::1]/x', true],
    ['https://localhost/', false],
    ['http://app.example.com/', false],
    ['nonsense', false],
  ])('%s is http on this computer: %s', (text, isLocal) => {
    expect(isLocalHttp(text)).toBe(isLocal)
  })
})

describe('the way to prove oneself', () => {
  const choose = (
    origin: 'document' | 'registered',
    preferred: string | undefined,
    offered: readonly string[],
    hasKeys = false,
  ) => chooseAuthMethod(origin, { preferred, offered, hasKeys })

  it.each([
    ['document', undefined, [], false, 'none'],
    ['registered', undefined, [], false, 'client_secret_basic'],
    ['registered', 'none', ['client_secret_post'], false, 'none'],
    ['registered', 'unheard', ['client_secret_post', 'none'], false, 'client_secret_post'],
    ['registered', undefined, ['private_key_jwt', 'client_secret_post'], false, 'client_secret_post'],
    ['registered', undefined, ['private_key_jwt', 'client_secret_post'], true, 'private_key_jwt'],
    ['document', undefined, ['client_secret_basic', 'none'], false, 'none'],
    ['document', 'private_key_jwt', ['none'], true, 'private_key_jwt'],
    ['document', 'private_key_jwt', ['none'], false, 'none'],
  ] as const)(
    'of a %s client that prefers %s and offers %j, keys: %s, is %s',
    (origin, preferred, offered, hasKeys, method) => {
      expect(choose(origin, preferred, offered, hasKeys)).toBe(method)
    },
  )

  it.each([
    ['document', 'client_secret_basic', [], 'cannot use a shared secret'],
    ['document', 'client_secret_jwt', ['none'], 'cannot use a shared secret'],
    ['document', undefined, ['client_secret_basic'], 'must be one of none, private_key_jwt'],
    ['registered', 'private_key_jwt', [], 'private_key_jwt needs jwks or jwks_uri'],
    [
      'registered',
      'client_secret_jwt',
      [],
      'must be one of none, client_secret_basic, client_secret_post, private_key_jwt',
    ],
  ] as const)('of a %s client that prefers %s and offers %j is none: %s (F10)', (origin, preferred, offered, words) => {
    expect(() => choose(origin, preferred, offered)).toThrow(refusal(words))
  })
})
