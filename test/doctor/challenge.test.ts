import { describe, expect, test } from 'vitest'
import { challengeOf } from '../../src/doctor/challenge.ts'
import { clientProfiles, documentUrlOf } from '../../src/doctor/clients.ts'
import { findings } from '../../src/doctor/finding.ts'
import { messagesFor } from '../../src/messages/messages.ts'
import { documentFixtures } from '../fixtures/clients.ts'

const read = (header: string) =>
  challengeOf({ url: 'https://a.example', status: 401, headers: new Headers({ 'www-authenticate': header }), text: '' })

describe('RFC 9110 §11.6.1: the grammar of a challenge', () => {
  test.each([
    'Bearer',
    'Bearer realm="x"',
    'Bearer resource_metadata="https://a.example/x", scope="a b"',
    'Bearer error="invalid_token",  error_description="he said \\"no\\""',
    'Basic realm="x", Bearer scope="a", DPoP algs="ES256"',
    'Negotiate abc==, Bearer',
  ])('%s is well formed', (header) => expect(read(header).isWellFormed).toBe(true))

  test.each([
    'Bearer resource_metadata=https://a.example/x',
    'Bearer realm="x" scope="a"',
    'Bearer realm="x',
    'Bearer realm="x",',
    'scope="a"',
    'Bearer: realm="x"',
  ])('%s is not', (header) => expect(read(header).isWellFormed).toBe(false))

  test('a hostile header takes no longer than its length', () => {
    expect(read(`Bearer ${'a="'.repeat(1300)}`).isWellFormed).toBe(false)
    expect(read(`Bearer ${'a , '.repeat(1000)}`).isWellFormed).toBe(false)
  })
})

test('profiles name the documents that clients have', () => {
  const documents = clientProfiles.flatMap((profile) => documentUrlOf(profile) ?? [])
  expect(documents.filter((url) => !documentFixtures.has(url))).toEqual([])
})

test.each(['en', 'de'] as const)('every finding has its words and its cure (%s)', (locale) => {
  expect(Object.keys(messagesFor(locale).doctor.findings).toSorted()).toEqual(Object.keys(findings).toSorted())
})
