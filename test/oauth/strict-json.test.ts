import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonFaultWords, readStrictJson } from '../../src/oauth/strict-json.ts'

const read = (text: string, deepest?: number) =>
  readStrictJson(Buffer.from(text), deepest === undefined ? {} : { deepest })
const faultOf = (text: string) => {
  const outcome = read(text)
  return outcome.ok ? null : outcome.fault
}

describe('D09 JSON that two readers could read in two ways is read by none', () => {
  test.each([
    ['{"a":1,"a":2}', 'repeated_member'],
    ['{"a":1, "\\u0061" : 2}', 'repeated_member'],
    ['{"a":{"b":1,"b":1}}', 'repeated_member'],
    ['[{"x":1},{"x":1,"y":[{"z":1,"z":2}]}]', 'repeated_member'],
    ['{"__proto__":{"token_endpoint_auth_method":"none"}}', 'special_member'],
    ['{"\\u005f_proto__":1}', 'special_member'],
    ['{"a":{"constructor":{"prototype":1}}}', 'special_member'],
    ['', 'not_json'],
    ['{', 'not_json'],
    ["{'a':1}", 'not_json'],
    ['{"a":1}{"a":1}', 'not_json'],
    ['{"a":1,}', 'not_json'],
    ['{"a":01}', 'not_json'],
    ['{"a":1n}', 'not_json'],
    ['NaN', 'not_json'],
    ['\ufeff{}', 'not_json'],
    ['{"a":"\n"}', 'not_json'],
    [`${'['.repeat(17)}${']'.repeat(17)}`, 'too_deep'],
    [`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`, 'too_deep'],
  ])('D09 %s', (text, fault) => expect(faultOf(text)).toBe(fault))

  test('D09 bytes that are not UTF-8 are not taken', () => {
    expect(readStrictJson(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toEqual({
      ok: false,
      fault: 'not_utf8',
    })
  })
})

describe('what is plain is read', () => {
  test.each([
    '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
    '{"a":"a","b":"a:","c":"{\\"a\\":1,\\"a\\":2}","d":"\\\\"}',
    '["__proto__","constructor",{"a b":"__proto__"}]',
    ' "text" ',
    'null',
    `${'['.repeat(16)}${']'.repeat(16)}`,
    '{"":1," ":2}',
  ])('%s', (text) => expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) }))

  test('whatever JSON.stringify writes is read again, as long as it is not deeper than allowed', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value)
        const outcome = read(text)
        if (outcome.ok) expect(outcome.value).toEqual(JSON.parse(text))
        else expect(['special_member', 'not_utf8']).toContain(outcome.fault)
      }),
    )
  })

  test('nothing makes the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        readStrictJson(bytes)
      }),
    )
    fc.assert(
      fc.property(fc.stringMatching(/^[{}[\]":,\\ua01 ]{0,60}$/), (text) => {
        read(text)
      }),
    )
  })
})

test('every fault has its words', () => {
  for (const words of Object.values(jsonFaultWords)) expect(words).toMatch(/^the body /)
})
