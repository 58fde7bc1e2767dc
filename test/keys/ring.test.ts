import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../src/audit/events.ts'
import { createAudit } from '../../src/audit/record.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import type { Database } from '../../src/db/database.ts'
import type { KeyRingParts } from '../../src/keys/desk.ts'
import { defaultKeyPolicy as policy } from '../../src/keys/key.ts'
import type { Keyset } from '../../src/keys/keyset.ts'
import { createKeyRing } from '../../src/keys/ring.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const secret = new Uint8Array(32).fill(7)

/** Time that stands still until it is moved. */
class StillClock {
  #milliseconds = Date.parse('2026-07-28T12:00:00Z')
  now(): Date {
    return new Date(this.#milliseconds)
  }
  pass(seconds: number): void {
    this.#milliseconds += seconds * 1000
  }
}

/** The real book, which also shows the test what is written into it. */
function auditBook(database: Database, clock: StillClock, events: AuditEvent[]): KeyRingParts['audit'] {
  const audit = createAudit(database, clock, new Uint8Array(32))
  return {
    statement(event) {
      events.push(event)
      return audit.statement(event)
    },
    async record(event) {
      events.push(event)
      await audit.record(event)
    },
  }
}

function ringOn(database: Database, clock = new StillClock(), events: AuditEvent[] = [], secrets = [secret]) {
  const sealer = createSealer(secrets, 'signing-keys')
  return createKeyRing({ database, clock, sealer, audit: auditBook(database, clock, events) })
}

const signer = (keyset: Keyset) => keyset.jwks.keys[0]?.kid
const published = (keyset: Keyset) => keyset.published.keys.map(({ kid }) => kid)

describe.each(databaseKinds)('the key ring on %s', (kind) => {
  it('makes the first key of each needed algorithm once', async () => {
    const database = await openTestDatabase(kind)
    const ring = ringOn(database)
    expect((await ring.load()).algs).toEqual([])
    const keyset = await ring.ensure(['ES256', 'EdDSA', 'RS256'])
    expect(keyset.algs).toEqual(['ES256', 'EdDSA', 'RS256'])
    expect(await ring.ensure(['RS256', 'ES256'])).toBe(keyset)
    expect(published(await ringOn(database).load())).toEqual(published(keyset))
  })

  it('gives a signer to instances that start at the same moment, one for all', async () => {
    const database = await openTestDatabase(kind)
    const rings = [1, 2, 3, 4, 5].map(() => ringOn(database))
    const keysets = await Promise.all(rings.map((ring) => ring.ensure(['ES256'])))
    expect(new Set(keysets.map(signer)).size).toBe(1)
    expect(published(keysets[0] as Keyset)).toHaveLength(1)
  })

  it('keeps no private member in the clear', async () => {
    const database = await openTestDatabase(kind)
    const keyset = await ringOn(database).ensure(['ES256', 'RS256'])
    const rows = JSON.stringify(await database.sql.all('SELECT * FROM signing_key'))
    for (const { d } of keyset.jwks.keys) expect(rows).not.toContain(d)
    expect(JSON.stringify(keyset.published)).not.toContain('"d"')
  })

  it('publishes a successor first and lets it sign after the lead', async () => {
    const clock = new StillClock()
    const events: AuditEvent[] = []
    const ring = ringOn(await openTestDatabase(kind), clock, events)
    const old = signer(await ring.ensure(['ES256']))
    const [report] = await ring.rotate()
    expect(report).toMatchObject({ outcome: 'published', activatesAt: new Date(clock.now().getTime() + 660_000) })
    expect(signer(ring.keyset())).toBe(old)
    expect(published(ring.keyset())).toEqual([old, report?.kid])

    clock.pass(policy.publishLeadSeconds - 1)
    expect(await ring.rotate()).toMatchObject([{ outcome: 'waiting', kid: report?.kid }])
    expect(signer(await ring.tick())).toBe(old)

    clock.pass(1)
    expect(signer(await ring.tick())).toBe(report?.kid)
    expect(published(ring.keyset())).toEqual([report?.kid, old])

    clock.pass(policy.retirementSeconds - 1)
    expect(published(await ring.tick())).toEqual([report?.kid, old])
    clock.pass(1)
    expect(published(await ring.tick())).toEqual([report?.kid])
    expect(events.map(({ type }) => type)).toEqual([
      'key.created',
      'key.activated',
      'key.created',
      'key.activated',
      'key.retired',
      'key.removed',
    ])
  })

  it('rotates at once when a successor has been published long enough', async () => {
    const clock = new StillClock()
    const ring = ringOn(await openTestDatabase(kind), clock)
    await ring.ensure(['ES256'])
    const [report] = await ring.rotate()
    clock.pass(policy.publishLeadSeconds)
    expect(await ring.rotate()).toMatchObject([{ outcome: 'activated', kid: report?.kid }])
    expect(signer(ring.keyset())).toBe(report?.kid)
  })

  it('rotates by itself after its period, every algorithm', async () => {
    const clock = new StillClock()
    const ring = ringOn(await openTestDatabase(kind), clock)
    const old = published(await ring.ensure(['ES256', 'EdDSA']))
    clock.pass(policy.rotationSeconds - policy.publishLeadSeconds)
    expect(published(await ring.tick())).toHaveLength(4)
    clock.pass(policy.publishLeadSeconds)
    const keyset = await ring.tick()
    expect(published(keyset)).toHaveLength(4)
    expect(keyset.jwks.keys.slice(0, 2).some(({ kid }) => old.includes(kid))).toBe(false)
    expect(keyset.jwks.keys.slice(0, 2).map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA'])
  })

  it('starts over after a compromise: new keys sign at once, every old one is gone', async () => {
    const ring = ringOn(await openTestDatabase(kind))
    const old = published(await ring.ensure(['ES256', 'EdDSA']))
    await ring.rotate()
    const reports = await ring.rotate({ now: true })
    expect(reports.map(({ alg, outcome }) => [alg, outcome])).toEqual([
      ['ES256', 'replaced'],
      ['EdDSA', 'replaced'],
    ])
    expect(published(ring.keyset())).toEqual(reports.map(({ kid }) => kid))
    expect(published(ring.keyset()).some((kid) => old.includes(kid))).toBe(false)
  })

  it('is followed by other instances, which hear of a key before it signs', async () => {
    const database = await openTestDatabase(kind)
    const clock = new StillClock()
    const one = ringOn(database, clock)
    const other = ringOn(database, clock)
    await one.ensure(['ES256'])
    await other.load()
    const heard: Keyset[] = []
    const stop = other.onChange((keyset) => heard.push(keyset))
    const [report] = await one.rotate()
    await other.tick()
    await other.tick()
    expect(heard.map(published)).toEqual([[signer(one.keyset()), report?.kid]])
    clock.pass(policy.publishLeadSeconds)
    await Promise.all([one.tick(), other.tick()])
    expect([signer(one.keyset()), signer(other.keyset())]).toEqual([report?.kid, report?.kid])
    expect(heard).toHaveLength(2)
    stop()
    await other.rotate({ now: true })
    expect(heard).toHaveLength(2)
  })

  it('changes a key once when several instances are due with it', async () => {
    const database = await openTestDatabase(kind)
    const clock = new StillClock()
    const rings = [1, 2, 3].map(() => ringOn(database, clock))
    await rings[0]?.ensure(['ES256'])
    clock.pass(policy.rotationSeconds)
    const keysets = await Promise.all(rings.map((ring) => ring.tick()))
    expect(new Set(keysets.map((keyset) => JSON.stringify(published(keyset)))).size).toBe(1)
    expect(published(keysets[0] as Keyset)).toHaveLength(2)
    clock.pass(policy.publishLeadSeconds)
    await Promise.all(rings.map((ring) => ring.tick()))
    const types = await database.sql.all<{ type: string; n: number }>(
      'SELECT type, count(*) AS n FROM audit_event GROUP BY type ORDER BY type',
    )
    expect(types.map(({ type, n }) => [type, Number(n)])).toEqual([
      ['key.activated', 2],
      ['key.created', 2],
      ['key.retired', 1],
    ])
  })

  it('opens with an old secret behind the new one, and says what is missing when it does not', async () => {
    const database = await openTestDatabase(kind)
    await ringOn(database).ensure(['ES256'])
    const fresh = new Uint8Array(32).fill(9)
    expect((await ringOn(database, undefined, undefined, [fresh, secret]).load()).algs).toEqual(['ES256'])
    await expect(ringOn(database, undefined, undefined, [fresh]).load()).rejects.toMatchObject({ code: 'keys_sealed' })
  })

  it('publishes what was sealed, whatever somebody wrote into the readable column', async () => {
    const database = await openTestDatabase(kind)
    const keyset = await ringOn(database).ensure(['ES256'])
    await database.sql.run("UPDATE signing_key SET public_jwk = '{}'")
    expect((await ringOn(database).load()).published).toEqual(keyset.published)
  })
})
