// The smallest parts by themselves: what each answers at its edges, where a whole verifier would give the same refusal for another reason.
import { describe, expect, test } from 'vitest'
import { splitCompactToken } from '../../verifier/src/compact-token.ts'
import { chooseSha256 } from '../../verifier/src/sha256.ts'
import { parseStrictText, StrictJsonError } from '../../verifier/src/strict-json.ts'
import { createHeaderReader, judgeHeader } from '../../verifier/src/token-header.ts'
import { isHttpUrl, isIssuer, isSafeUrl } from '../../verifier/src/urls.ts'

const policy = { algorithms: ['ES256'], acceptTypes: ['at+jwt'] }
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a header', () => {
  const good = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' }

  test.each([
    ['no type', { ...good, typ: undefined }, 'wrong_type'],
    ['application/ in the middle of the type', { ...good, typ: 'at+application/jwt' }, 'wrong_type'],
    ['no algorithm', { ...good, alg: undefined }, 'algorithm_not_allowed'],
    ['a list of algorithms', { ...good, alg: ['ES256'] }, 'algorithm_not_allowed'],
    ['crit', { ...good, crit: ['exp'] }, 'critical_header'],
    ['b64', { ...good, b64: true }, 'critical_header'],
    ['a number for kid', { ...good, kid: 5 }, 'key_unknown'],
    ['null for kid', { ...good, kid: null }, 'key_unknown'],
  ])('with %s is refused', (_what, header, reason) => {
    expect(judgeHeader(header, policy)).toEqual({ ok: false, reason })
  })

  test('that is good gives what is used of it', () => {
    const known = { ok: true, algorithm: 'ES256', kid: 'key-1', isAccessTokenType: true }
    expect(judgeHeader(good, policy)).toEqual(known)
    expect(judgeHeader({ ...good, typ: 'application/AT+JWT' }, policy)).toEqual(known)
  })
})

describe('a reader of headers', () => {
  const segments = Array.from({ length: 17 }, (_, at) => encode({ alg: 'ES256', typ: 'at+jwt', kid: `key-${at}` }))
  const verdict = { ok: true, algorithm: 'ES256', kid: 'k', isAccessTokenType: true } as const

  test('knows a header again that was vouched for, and no other', () => {
    const reader = createHeaderReader(policy)
    const [first = '', second = ''] = segments
    reader.remember(first, verdict)
    expect(reader.read(first)).toBe(verdict)
    expect(reader.read(second)).toMatchObject({ kid: 'key-1' })
    expect(reader.read(second)).not.toBe(reader.read(second)) // reading alone keeps nothing
  })

  test('holds sixteen, begins anew with the next, and the same one again does not count', () => {
    const reader = createHeaderReader(policy)
    const [first = ''] = segments
    for (const segment of segments.slice(0, 16)) reader.remember(segment, verdict)
    reader.remember(first, verdict)
    expect(segments.slice(0, 16).map((segment) => reader.read(segment) === verdict)).not.toContain(false)
    const other = { ...verdict }
    reader.remember(segments[16] ?? '', other)
    expect(reader.read(segments[16] ?? '')).toBe(other)
    expect(reader.read(first)).not.toBe(verdict)
  })

  test('says why a segment is none', () => {
    const reader = createHeaderReader(policy)
    expect(reader.read('AA')).toEqual({ ok: false, reason: 'token_malformed' })
    const doubled = Buffer.from('{"alg":"ES256","alg":"none"}').toString('base64url')
    expect(reader.read(doubled)).toEqual({ ok: false, reason: 'duplicate_member' })
  })
})

describe('a compact token', () => {
  test('may be as long as is allowed, and not a character longer', () => {
    expect(splitCompactToken('AAAA.BBBB.CCCC', 14)).toEqual({
      ok: true,
      header: 'AAAA',
      payload: 'BBBB',
      signature: 'CCCC',
    })
    expect(splitCompactToken('AAAA.BBBB.CCCC', 13)).toEqual({ ok: false, reason: 'token_too_large' })
  })

  test.each([
    '',
    '.',
    '..',
    'AAAA',
    'AAAA.BBBB',
    'AAAA.BBBB.',
    '.BBBB.CCCC',
    'AAAA.BBBB.CCCC.',
    'A.BBBB.CCCC',
    'AAAA.BBBBB.CCCC',
  ])('%j is none', (text) => expect(splitCompactToken(text, 100)).toEqual({ ok: false, reason: 'token_malformed' }))
})

describe('strict JSON', () => {
  const fault = (text: string, depth?: number) => {
    try {
      parseStrictText(text, depth)
    } catch (error) {
      return error
    }
    return undefined
  }

  test.each([
    ['{', 'malformed'],
    ['[]', 'malformed'],
    ['null', 'malformed'],
    ['"{}"', 'malformed'],
    ['{"__proto__":1}', 'malformed'],
    ['{"a":[{"__proto__":1}]}', 'malformed'],
    ['{"a":1,"a":1}', 'duplicate_member'],
    ['{"a":1,"\\u0061":1}', 'duplicate_member'],
    ['{"b":[{"a\\n":1,"c":[],"a\\n":2}]}', 'duplicate_member'],
  ])('%s is %s', (text, kind) => {
    const error = fault(text)
    expect(error).toBeInstanceOf(StrictJsonError)
    expect(error).toMatchObject({ kind, message: kind, name: 'StrictJsonError' })
  })

  test('nests as deep as is allowed', () => {
    expect(fault('{"a":{"b":[]}}', 3)).toBeUndefined()
    expect(fault('{"a":{"b":[{}]}}', 3)).toMatchObject({ kind: 'malformed' })
  })

  test.each([
    '{"\\"":["a","a",{"a":"\\"a\\":"},{"a":[]}],"a":{"a":null}}',
    '{"a":[],"b":["\\\\","b"],"c":{"b":"c"}}',
    '{"x\\t":[["x\\t"],{"x\\t":1}],"y":"x\\t"}',
  ])('names that come again elsewhere are not doubled: %s', (text) =>
    expect(parseStrictText(text)).toEqual(JSON.parse(text)),
  )
})

describe('a digest', () => {
  test('is made at once by the hash of Node, and by WebCrypto where there is none', () => {
    expect(typeof chooseSha256(globalThis)('abc')).toBe('string')
    expect(chooseSha256({})('abc')).toBeInstanceOf(Promise)
  })

  test('is asked of node:crypto by its name, and of nothing that is no function', () => {
    const asked: string[] = []
    const { hash } = process.getBuiltinModule('node:crypto')
    const getBuiltinModule = (name: string) => {
      asked.push(name)
      return { hash }
    }
    expect(typeof chooseSha256({ process: { getBuiltinModule } })('abc')).toBe('string')
    expect(asked).toEqual(['node:crypto'])
    expect(chooseSha256({ process: { getBuiltinModule: () => ({ hash: 'sha' }) } })('')).toBeInstanceOf(Promise)
    expect(chooseSha256({ process: { getBuiltinModule: 'x' } })('')).toBeInstanceOf(Promise)
  })
})

describe('an address', () => {
  test.each<[unknown, boolean, boolean, boolean]>([
    ['https://a.example', true, true, true],
    ['https://a.example/tenant', true, true, true],
    ['https://a.example?x', true, true, false],
    ['https://a.example#x', true, false, false],
    ['https://a.example#', true, false, false],
    ['https://user@a.example', true, false, false],
    ['https://:pass@a.example', true, false, false],
    ['https://a.example\n', false, false, false],
    ['http://a.example', true, false, false],
    ['http://localhost:1', true, true, true],
    ['http://127.0.0.1:1', true, true, true],
    ['http://[::1]:1', true, true, true],
    ['http://[::2]:1', true, false, false],
    ['http://localhost.example', true, false, false],
    ['ftp://localhost', false, false, false],
    ['xhttps://localhost', false, false, false],
    ['httpsx://localhost', false, false, false],
    ['a.example', false, false, false],
    [new URL('https://a.example'), false, false, false],
    [['https://a.example'], false, false, false],
    [undefined, false, false, false],
  ])('%s', (value, isHttp, isSafe, canIssue) => {
    expect([isHttpUrl(value), isSafeUrl(value), isIssuer(value)]).toEqual([isHttp, isSafe, canIssue])
  })
})
