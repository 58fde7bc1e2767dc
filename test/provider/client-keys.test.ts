import { expect, test } from 'vitest'
import { GuardedFetchError } from '../../src/net/guarded-fetch.ts'
import { createClientKeys } from '../../src/provider/client-keys.ts'

const url = 'https://app.example/keys'
const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'one' }

function open(answers: (() => Response | Promise<Response>)[]) {
  let now = 0
  let asked = 0
  const fetchKeys = createClientKeys({
    guardedFetch: async () => {
      asked += 1
      const answer = answers.shift()
      if (answer === undefined) throw new Error('nothing more to answer')
      return answer()
    },
    isBlocked: (host) => host === 'evil.example',
    clock: { now: () => new Date(now) },
  })
  return {
    kids: async () => (await (await fetchKeys(url)).json()).keys.map(({ kid }: { kid: string }) => kid),
    fetchKeys,
    asked: () => asked,
    pass: (seconds: number) => {
      now += seconds * 1000
    },
  }
}
const keySet =
  (kid: string, cacheControl = 'max-age=600') =>
  () =>
    new Response(JSON.stringify({ keys: [{ ...key, kid }] }), {
      headers: { 'content-type': 'application/jwk-set+json', 'cache-control': cacheControl },
    })
const down = () => {
  throw new GuardedFetchError('timeout', 'down')
}

test('F16 keys are kept as long as their host says, and asked for once however many want them', async () => {
  const { kids, asked, pass } = open([keySet('one'), keySet('two')])
  expect(await Promise.all([kids(), kids(), kids()])).toEqual([['one'], ['one'], ['one']])
  expect(asked()).toBe(1)
  pass(600)
  expect(await kids()).toEqual(['two'])
})

test('F12 an hour at most, a minute at least', async () => {
  const { kids, pass } = open([keySet('one', 'max-age=99999999'), keySet('two', 'max-age=0'), keySet('three')])
  await kids()
  pass(3599)
  expect(await kids()).toEqual(['one'])
  pass(1)
  expect(await kids()).toEqual(['two'])
  pass(59)
  expect(await kids()).toEqual(['two'])
  pass(1)
  expect(await kids()).toEqual(['three'])
})

test('a host that cannot be reached does not lock its clients out for an hour after its keys were read, no longer', async () => {
  const { kids, pass } = open([keySet('one'), down, down])
  await kids()
  pass(3599)
  expect(await kids()).toEqual(['one'])
  pass(1)
  await expect(kids()).rejects.toMatchObject({ code: 'timeout' })
})

test('F12 keys that were withdrawn are gone at once, and a fault is not kept', async () => {
  const gone = () => new Response('', { status: 404, headers: { 'cache-control': 'max-age=9999' } })
  const { kids, pass } = open([keySet('one'), gone, down, keySet('two')])
  await kids()
  pass(600)
  await expect(kids()).rejects.toThrow('404')
  await expect(kids()).rejects.toMatchObject({ code: 'timeout' })
  expect(await kids()).toEqual(['two'])
})

test('F15 nothing is fetched from a blocked host', async () => {
  const { fetchKeys, asked } = open([keySet('one')])
  await expect(fetchKeys('https://evil.example/keys')).rejects.toThrow('blocked')
  expect(asked()).toBe(0)
})
