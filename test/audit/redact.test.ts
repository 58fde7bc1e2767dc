import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createEventIds } from '../../src/audit/event-id.ts'
import { type AuditEvent, type AuditEventType, detailNames, isAuditEventType } from '../../src/audit/events.ts'
import { createAudit } from '../../src/audit/record.ts'
import { redactIdentifier, redactText } from '../../src/audit/redact.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openTestDatabase } from '../support/database.ts'

const secret = (): string => randomBytes(32).toString('base64url')
const jwt = `eyJ${secret()}.eyJ${secret()}.${secret()}`

test('no event stores a secret, whichever of its members carried it', async () => {
  const database = await openTestDatabase()
  const audit = createAudit(database, systemClock, Buffer.alloc(32))
  const canaries: string[] = []
  const canary = (): string => {
    const made = secret()
    canaries.push(made)
    return made
  }
  // Key ids are thumbprints of public keys and ids are made by us: these look alike and are kept.
  const ours = ['kid', 'tokenId', 'consentId', 'migrations']
  for (const type of Object.keys(detailNames) as AuditEventType[]) {
    const names = [...detailNames[type].filter((name) => !ours.includes(name)), 'password', 'code', 'token', 'toString']
    const detail = Object.fromEntries(names.map((name, index) => [name, index % 2 ? canary() : [`x ${canary()} y`]]))
    const event = {
      type,
      actor: `client:${canary()}`,
      clientId: `https://client.example/cb?code=${canary()}`,
      resource: `https://mcp.example/${canary()}#${canary()}`,
      address: canary(),
      requestId: canary(),
      detail,
    }
    // A caller that goes around the types is what this is about.
    await audit.record(event as unknown as AuditEvent)
  }
  const rows = await database.sql.all<{ detail: string }>('SELECT * FROM audit_event')
  const stored = JSON.stringify(rows)
  expect(canaries.filter((value) => stored.includes(value))).toEqual([])
  const unlisted = ['password', 'code', 'token', 'toString']
  expect(rows.flatMap((row) => Object.keys(JSON.parse(row.detail))).filter((name) => unlisted.includes(name))).toEqual(
    [],
  )
  expect(stored).toContain('[redacted]')
})

test.each([
  ['access_denied', 'access_denied'],
  ['the link https://client.example/callback was refused', 'the link https://client.example/callback was refused'],
  [`Bearer ${jwt}`, 'Bearer [redacted].[redacted].[redacted]'],
])('text %s is kept as %s', (text, kept) => {
  expect(redactText(text)).toBe(kept)
})

test.each([
  'https://client.example/oauth/a-rather-long-name-for-a-client-metadata-document.json',
  'Zk3x0m2Qd8yWc1VbN5tRrA',
  'com.example.app:/callback',
])('the identifier %s is kept', (identifier) => {
  expect(redactIdentifier(identifier)).toBe(identifier)
})

test('event types from outside are checked', () => {
  expect(isAuditEventType('token.issued')).toBe(true)
  expect(isAuditEventType('toString')).toBe(false)
})

test('ids sort by time and, within one moment, by order of making', () => {
  const next = createEventIds()
  const moment = new Date(1_900_000_000_000)
  const ids = [...Array.from({ length: 200 }, () => next(moment)), next(new Date(moment.getTime() + 1)), next(moment)]
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => /^[0-9a-hjkmnp-tv-z]{26}$/.test(id))).toBe(true)
})
