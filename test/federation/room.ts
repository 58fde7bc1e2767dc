import { createAccountStore } from '../../src/accounts/store.ts'
import { createAudit } from '../../src/audit/record.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import { createIdentityStore } from '../../src/federation/identities/store.ts'
import type { FederationDesk } from '../../src/federation/people.ts'
import { createUpstreamStore } from '../../src/federation/upstreams/store.ts'
import { type DatabaseKind, openTestDatabase } from '../support/database.ts'

/** The room on a database, with a clock that a test moves. */
export async function openFederation(kind: DatabaseKind, { passwords = true, secret = 7 } = {}) {
  const database = await openTestDatabase(kind)
  let now = new Date('2026-03-01T12:00:00Z')
  const clock = { now: () => now }
  const audit = createAudit(database, clock, new Uint8Array(32))
  const store = createAccountStore(database)
  const identities = createIdentityStore(database)
  const sealer = createSealer([Buffer.alloc(32, secret)], 'upstream secrets')
  const upstreams = createUpstreamStore(database, sealer, clock)
  const accounts = { store, auditStatement: audit.statement, clock, cleanUps: [], belongings: [identities.removal] }
  const desk: FederationDesk = {
    accounts,
    identities,
    passwords,
    recordSoon: audit.recordSoon,
    needsMore: async () => false,
  }
  return {
    database,
    audit,
    clock,
    accounts,
    identities,
    upstreams,
    desk,
    upstreamDesk: { store: upstreams, identities, passwords, auditStatement: audit.statement },
    later(milliseconds: number) {
      now = new Date(now.getTime() + milliseconds)
    },
    async person(email: string, { role = 'member', hasPassword = true } = {}) {
      const passwordHash = hasPassword ? '$argon2id$v=19$test' : undefined
      const made = await store.create(
        { email, name: email, role: role === 'admin' ? 'admin' : 'member', passwordHash },
        now,
        () => [],
      )
      if (made === null) throw new Error(`${email} is taken`)
      return made
    },
    async events() {
      await audit.flush()
      return (await audit.list({ limit: 50 }))
        .map(({ type, detail }) => [type, detail.reason ?? detail.role ?? ''])
        .reverse()
    },
    async rows(table: string) {
      const rows = await database.sql.all<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)
      return Number(rows[0]?.n)
    },
  }
}
