import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  activate,
  type KeyAlg,
  type NextKey,
  defaultKeyPolicy as policy,
  retire,
  type SigningKey,
} from '../../src/keys/key.ts'
import { dueSteps, signerOf, successorOf } from '../../src/keys/schedule.ts'

const start = new Date('2026-07-28T12:00:00Z')
const later = (seconds: number, from = start) => new Date(from.getTime() + seconds * 1000)
const next = (kid: string, createdAt = start, alg: KeyAlg = 'ES256'): NextKey => ({
  kid,
  alg,
  createdAt,
  state: 'next',
})
const current = (kid: string, since = start, alg: KeyAlg = 'ES256') => activate(next(kid, since, alg), since)

describe('what is due', () => {
  it('is nothing while a key is young', () => {
    expect(dueSteps([current('a')], later(policy.rotationSeconds - policy.publishLeadSeconds - 1), policy)).toEqual([])
  })

  it('is a successor one lead before the time of a key is over', () => {
    const now = later(policy.rotationSeconds - policy.publishLeadSeconds)
    expect(dueSteps([current('a')], now, policy)).toEqual([{ kind: 'publish', alg: 'ES256' }])
    expect(dueSteps([current('a'), next('b', now)], now, policy)).toEqual([])
  })

  it('is the takeover when the successor has been published long enough, not before', () => {
    const keys = [current('a'), next('b')]
    expect(dueSteps(keys, later(policy.publishLeadSeconds - 1), policy)).toEqual([])
    const now = later(policy.publishLeadSeconds)
    expect(dueSteps(keys, now, policy)).toEqual([
      {
        kind: 'move',
        moves: [
          { from: keys[1], to: { ...keys[1], state: 'current', activatedAt: now } },
          { from: keys[0], to: { ...keys[0], state: 'retired', retiredAt: now } },
        ],
      },
    ])
  })

  it('is the end of a retired key when the last token it signed has expired', () => {
    const keys = [current('b'), retire(current('a'), start)]
    expect(dueSteps(keys, later(3600 + 299), policy)).toEqual([])
    expect(dueSteps(keys, later(3600 + 300), policy)).toEqual([{ kind: 'move', moves: [{ from: keys[1], to: null }] }])
  })

  it('is decided for each algorithm by itself', () => {
    const keys = [current('a'), next('b', start, 'EdDSA'), current('c', start, 'EdDSA')]
    const steps = dueSteps(keys, later(policy.publishLeadSeconds), policy)
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({ moves: [{ from: { kid: 'b' } }, { from: { kid: 'c' } }] })
  })

  it('retires every other signer with a takeover, should a fault have left several', () => {
    const keys = [current('a', later(-5)), current('b'), next('c')]
    expect(signerOf(keys, 'ES256')?.kid).toBe('a')
    const [step] = dueSteps(keys, later(policy.publishLeadSeconds), policy)
    expect(step?.kind === 'move' && step.moves.map(({ from, to }) => [from.kid, to?.state])).toEqual([
      ['c', 'current'],
      ['a', 'retired'],
      ['b', 'retired'],
    ])
  })
})

it('over years of irregular checks there is always one signer, known for the lead, and no token outlives its key', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 15, max: 30 * 24 * 3600 }), { minLength: 1, maxLength: 60 }), (pauses) => {
      let keys: SigningKey[] = [current('k0')]
      let made = 0
      let now = start
      for (const pause of pauses) {
        const signedUntil = now
        now = later(pause, now)
        for (const step of dueSteps(keys, now, policy)) {
          if (step.kind === 'publish') {
            made += 1
            keys = [...keys, next(`k${made}`, now)]
            continue
          }
          for (const { from, to } of step.moves) {
            if (from.state === 'next') expect(now.getTime() - from.createdAt.getTime()).toBeGreaterThanOrEqual(600_000)
            if (to === null && from.state === 'retired') {
              expect(now.getTime() - from.retiredAt.getTime()).toBeGreaterThan(3_600_000)
              expect(from.retiredAt <= signedUntil || pause > 3600).toBe(true)
            }
            keys = keys.flatMap((key) => (key.kid !== from.kid ? [key] : to === null ? [] : [to]))
          }
        }
        expect(keys.filter(({ state }) => state === 'current')).toHaveLength(1)
        expect(keys.filter(({ state }) => state === 'next').length).toBeLessThanOrEqual(1)
        expect(successorOf(keys, 'EdDSA')).toBeUndefined()
      }
    }),
    { numRuns: 50 },
  )
})
