import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Koa, { type Context } from 'koa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sha256Base64url } from '../../src/crypto/digest.ts'
import { createHopCookies, type HopCookies } from '../../src/federation/hop-cookies.ts'
import { createCookieJar } from '../../src/web/cookies.ts'
import { later, start } from './provider.ts'

/** Lets the cookies act on one request over a real connection. @returns what they said, and the cookies that were set */
async function act<T>(cookie: string, step: (cookies: HopCookies, ctx: Context) => T) {
  const cookies = createHopCookies(createCookieJar('http://localhost:9728'))
  let said: T | undefined
  const app = new Koa()
  app.use((ctx) => {
    said = step(cookies, ctx)
    ctx.body = ''
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { headers } = await fetch(`http://127.0.0.1:${port}/`, { headers: cookie === '' ? {} : { cookie } })
  const set = headers.getSetCookie().map((line) => {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), line }
  })
  return { said, set }
}
const given = async (handle: string, cookie = '', at = start) => {
  const { said, set } = await act(cookie, (cookies, ctx) => cookies.give(ctx, handle, at))
  if (said === undefined) throw new Error('nothing was given')
  return { ...said, set }
}

describe('H02 the cookie of a hop', () => {
  it('is held by the browser that it was given to, and by the state it was given for', async () => {
    const { set, value } = await given('a-state')
    expect(set).toHaveLength(1)
    const [one] = set
    expect(one?.line).toMatch(/max-age=600|expires=/i)
    const cookie = `other=1; ${one?.name}=${one?.value}`
    const digest = sha256Base64url(value)
    const holds = async (header: string, handle: string, of = digest) =>
      (await act(header, (cookies, ctx) => cookies.holds(ctx, handle, of))).said
    expect(await holds(cookie, 'a-state')).toBe(true)
    expect(await holds(cookie, 'another-state')).toBe(false)
    expect(await holds(cookie, 'a-state', sha256Base64url('another'))).toBe(false)
    expect(await holds(`${one?.name}=${one?.value}x`, 'a-state')).toBe(false)
    expect(await holds('', 'a-state')).toBe(false)
    expect((await act(cookie, (cookies, ctx) => cookies.valueOf(ctx, 'a-state'))).said).toBe(value)
    expect((await act('', (cookies, ctx) => cookies.valueOf(ctx, 'a-state'))).said).toBeUndefined()
    const dropped = await act(cookie, (cookies, ctx) => cookies.drop(ctx, 'a-state'))
    expect(dropped.set.map(({ name, value: left }) => [name, left])).toEqual([[one?.name, '']])
  })

  it('holds 256 random bits and its moment', async () => {
    const [first, second] = await Promise.all([given('a'), given('a')])
    expect(first.value).toMatch(/^[a-z0-9]+\.[\w-]{43}$/)
    expect(first.value).not.toBe(second.value)
    expect(first.value.split('.')[0]).toBe(start.getTime().toString(36))
  })
})

describe('H16 a browser holds ten', () => {
  /** Cookies of hops that began one second after another, in the order of `seconds`. */
  async function heldSince(seconds: readonly number[]) {
    const all = await Promise.all(seconds.map((second) => given(`state-${second}`, '', later(second * 1000))))
    return all.map(({ set, value }) => ({ name: set[0]?.name ?? '', value }))
  }
  const headerOf = (held: readonly { name: string; value: string }[]) =>
    held.map(({ name, value }) => `${name}=${value}`).join('; ')

  it('nine make room for one more, and of ten the oldest goes, wherever it stands', async () => {
    const held = await heldSince([5, 1, 9, 3, 0, 7, 2, 8, 4, 6])
    const nine = held.slice(0, 9)
    expect((await given('new', headerOf(nine))).dropped).toEqual([])
    const { dropped, set } = await given('new', headerOf(held))
    expect(dropped).toEqual([sha256Base64url(held[4]?.value ?? '')])
    expect(set.map(({ name, value }) => [name, value !== ''])).toEqual([
      [held[4]?.name, false],
      [expect.stringMatching(/hop_[\w-]{12}$/), true],
    ])
  })

  it('one whose moment nobody can read is the oldest; cookies of others are left alone', async () => {
    const held = await heldSince([0, 1, 2, 3, 4, 5, 6, 7, 8])
    const odd = { name: held[0]?.name.replace(/.{12}$/, 'AAAAAAAAAAAA') ?? '', value: '!.x' }
    const prefix = held[0]?.name.slice(0, -12)
    const others = `session=1; ${prefix}short=1; ${prefix}AAAAAAAAAAAAA=1; x${prefix}AAAAAAAAAAAB=1; `
    const { dropped, set } = await given('new', `${others}${headerOf([...held, odd])}`)
    expect(dropped).toEqual([sha256Base64url('!.x')])
    expect(set).toHaveLength(2)
    expect((await given('new', `${others}${headerOf(held)}`)).dropped).toEqual([])
  })
})
