import { expect, test } from 'vitest'
import { createAudit } from '../../src/audit/record.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

test.each(databaseKinds)('an export lets others be served before it is at its end, on %s', async (kind) => {
  const audit = createAudit(await openTestDatabase(kind), systemClock, Buffer.alloc(32, 7))
  // One more than it reads at a time.
  const count = 501
  const recorded = Array.from({ length: count }, (_, index) =>
    audit.record({ type: 'session.signed_in', actor: `account:${index}`, accountId: `${index}` }),
  )
  await Promise.all(recorded)
  let exported = 0
  let isServed = false
  setImmediate(() => {
    isServed = true
  })
  for await (const _ of audit.exportRows({})) exported += 1
  expect(exported).toBe(count)
  expect(isServed).toBe(true)
})
