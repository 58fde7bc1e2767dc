import { describe, expect, it } from 'vitest'
import { createConsentDirectory } from '../../src/consent/directory/store.ts'
import { statement } from '../../src/db/database.ts'
import { openHouse } from '../me/room.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

describe.each(databaseKinds)('the directory of consents on %s', (kind) => {
  async function filled() {
    const database = await openTestDatabase(kind)
    const row = (index: number) =>
      statement(
        `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at, expires_at, revoked_at)
         VALUES (?, ?, ?, 'loopback', ?, ?, 'd', ?, ?, NULL, ?)`,
        `c${String(index).padStart(5, '0')}`,
        `a${index % 3}`,
        `k${index % 2}`,
        'r',
        index === 7 ? 'notes:read notes_write' : 'notes:read',
        1,
        // Several in one millisecond: the id decides then.
        Math.floor(index / 4),
        index % 10 === 9 ? 1 : null,
      )
    await database.commit({ conditions: [], effects: Array.from({ length: 2500 }, (_, index) => row(index)) })
    return createConsentDirectory(database)
  }

  it('pages begin after a row, each consent is on one page, and what is rare is found in the end', async () => {
    const directory = await filled()
    const ids: string[] = []
    for (let after: Parameters<typeof directory.list>[0]['after']; ; ) {
      const page = await directory.list({ after, withRevoked: true }, 700)
      ids.push(...page.consents.map(({ id }) => id))
      if (page.next === undefined) break
      after = page.next
    }
    expect(ids).toHaveLength(2500)
    expect([...new Set(ids)].sort().reverse()).toEqual(ids)
    expect((await directory.list({ scope: 'notes_write' }, 10)).consents.map(({ id }) => id)).toEqual(['c00007'])
    // A part of a name, or a pattern, is no name.
    expect((await directory.list({ scope: 'notes%' }, 10)).consents).toEqual([])
    expect((await directory.list({ scope: 'notes' }, 10)).consents).toEqual([])
    const cut = await directory.list({ scope: 'notes_write' }, 10, -1)
    expect(cut).toMatchObject({ consents: [], isCut: true })
    expect((await directory.list({ scope: 'notes_write', after: cut.next }, 10)).consents).toHaveLength(1)
  })

  it('are narrowed by person, client and server together, and counted', async () => {
    const directory = await filled()
    const search = { accountId: 'a1', clientId: 'k1', resourceId: 'r' }
    const found = await directory.list(search, 1000)
    expect(found.consents.every((one) => one.accountId === 'a1' && one.clientId === 'k1' && !one.revokedAt)).toBe(true)
    expect(await directory.count(search)).toBe(found.consents.length)
    expect(await directory.count({ withRevoked: true })).toBe(2500)
  })
})

it('one is looked at before it is revoked, and its connections end', async () => {
  const house = await openHouse()
  await house.addClient('client-1')
  await house.connect('hers', { accountId: 'gone' })
  const root = house.browserOf('root')
  expect((await root.get('/admin/consents')).text).toContain('1 consent')
  const page = await root.get('/admin/consents/hers')
  expect(page).toMatchObject({ status: 200, name: 'consent-detail' })
  expect(page.text).toContain('1 connection runs on it')
  expect((await root.post('/admin/consents/revoke', { consent: 'hers' })).status).toBe(303)
  expect(await house.grantIds()).toEqual([])
  expect((await root.get('/admin/consents')).text).toContain('Nobody has allowed anything yet')
  expect((await root.get('/admin/consents?revoked=yes')).text).toContain('revoked ')
  expect((await root.get('/admin/consents/none')).status).toBe(404)
})
