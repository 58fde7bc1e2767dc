import { describe, expect, it } from 'vitest'
import { createKnownBrowsers, knownBrowserSeconds } from '../../src/credentials/throttle/known-browser.ts'

const now = new Date('2026-03-03T10:00:00Z')
const known = createKnownBrowsers([Buffer.alloc(32, 1)])
const ann = 'ann@example.test'

describe('the cookie of a known browser', () => {
  it('G15 is recognised for its account only, in any spelling', () => {
    const cookie = known.remember(undefined, ann, now)
    expect(known.recognise(cookie, ' Ann@Example.test ', now)).toBe(cookie.split('.')[0])
    expect(known.recognise(cookie, 'bob@example.test', now)).toBeUndefined()
    expect(known.recognise(undefined, ann, now)).toBeUndefined()
  })

  it('G15 cannot be made without the secret, nor carried over to another account', () => {
    const [handle, seconds, mac] = known.remember(undefined, ann, now).split('.')
    const forged = createKnownBrowsers([Buffer.alloc(32, 2)]).remember(undefined, ann, now)
    const tries = [
      forged,
      `${handle}x.${seconds}.${mac}`,
      `${handle}.${Number(seconds) + 1}.${mac}`,
      'a.b.c',
      '~~~',
      'x'.repeat(5000),
    ]
    for (const cookie of tries) expect(known.recognise(cookie, ann, now)).toBeUndefined()
  })

  it('keeps its handle over sign-ins, so that a new sign-in is no new count', () => {
    const first = known.remember(undefined, ann, now)
    const later = new Date(now.getTime() + 86_400_000)
    const second = known.remember(first, ann, later)
    expect(second).not.toBe(first)
    expect(known.recognise(second, ann, later)).toBe(known.recognise(first, ann, now))
  })

  it('knows five accounts, the newest first, and names none of them', () => {
    let cookie: string | undefined
    for (let index = 0; index < 7; index += 1) cookie = known.remember(cookie, `p${index}@example.test`, now)
    const recognised = Array.from(
      { length: 7 },
      (_, index) => known.recognise(cookie, `p${index}@example.test`, now) !== undefined,
    )
    expect(recognised).toEqual([false, false, true, true, true, true, true])
    expect(cookie).not.toMatch(/example/)
    expect(cookie?.length).toBeLessThan(500)
  })

  it('ends after half a year, and lives through a change of the secret', () => {
    const cookie = known.remember(undefined, ann, now)
    const end = new Date(now.getTime() + (knownBrowserSeconds + 1) * 1000)
    expect(known.recognise(cookie, ann, end)).toBeUndefined()
    const rotated = createKnownBrowsers([Buffer.alloc(32, 9), Buffer.alloc(32, 1)])
    expect(rotated.recognise(cookie, ann, now)).toBeDefined()
  })
})
