import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ConsentDirectory,
  type ConsentSearch,
  countLimit,
  createConsentDirectory,
} from '../../src/consent/directory/store.ts'
import { type Database, statement } from '../../src/db/database.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

/** More than a stretch of them; several in one millisecond, where the id decides. */
const rows = Array.from({ length: 2500 }, (_, index) => ({
  id: `c${String(index).padStart(5, '0')}`,
  accountId: `a${index % 3}`,
  clientId: `k${index % 2}`,
  resourceId: index % 5 === 0 ? 'files' : 'notes',
  scopes: index === 7 ? 'notes:read notes_write' : 'notes:read',
  grantedAt: Math.floor(index / 4),
  revokedAt: index % 10 === 9 ? 1 : null,
}))
const newestFirst = rows.toReversed()
const standing = newestFirst.filter(({ revokedAt }) => revokedAt === null)
const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id)

describe.each(databaseKinds)('the directory of consents on %s', (kind) => {
  let database: Database
  let directory: ConsentDirectory

  beforeAll(async () => {
    database = await openTestDatabase(kind)
    directory = createConsentDirectory(database)
    const written = rows.map((row) =>
      statement(
        `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at, expires_at, revoked_at)
         VALUES (?, ?, ?, 'loopback', ?, ?, 'd', ?, ?, NULL, ?)`,
        row.id,
        row.accountId,
        row.clientId,
        row.resourceId,
        row.scopes,
        1,
        row.grantedAt,
        row.revokedAt,
      ),
    )
    await database.commit({ conditions: [], effects: written })
  }, 60_000)
  afterAll(() => database.close())

  /** All pages after one another, and how long each was. */
  async function walk(search: ConsentSearch, limit: number) {
    const ids: string[] = []
    const lengths: number[] = []
    for (let after: ConsentSearch['after']; ; ) {
      const page = await directory.list({ ...search, after }, limit)
      expect(page.isCut).toBe(false)
      ids.push(...idsOf(page.consents))
      lengths.push(page.consents.length)
      if (page.next === undefined) return { ids, lengths }
      after = page.next
    }
  }

  it('pages begin after a row, and each consent is on one page', async () => {
    expect(await walk({ withRevoked: true }, 700)).toEqual({ ids: idsOf(newestFirst), lengths: [700, 700, 700, 400] })
    // What stands is sifted stretch by stretch; a page goes on where the stretch ends.
    expect(await walk({}, 700)).toEqual({ ids: idsOf(standing), lengths: [700, 700, 700, 150] })
  })

  it('the last page has nothing after it, also when it is full', async () => {
    expect(await walk({ withRevoked: true }, 1250)).toEqual({ ids: idsOf(newestFirst), lengths: [1250, 1250] })
    expect((await walk({}, standing.length)).lengths).toEqual([standing.length])
    expect((await walk({}, 5000)).ids).toEqual(idsOf(standing))
  })

  it.each<[string, ConsentSearch, (row: (typeof rows)[number]) => boolean]>([
    ['a person', { accountId: 'a1' }, (row) => row.accountId === 'a1'],
    ['a client', { clientId: 'k1' }, (row) => row.clientId === 'k1'],
    ['an MCP server', { resourceId: 'files' }, (row) => row.resourceId === 'files'],
    [
      'a person and a client',
      { accountId: 'a2', clientId: 'k0' },
      (row) => row.accountId === 'a2' && row.clientId === 'k0',
    ],
    [
      'all three',
      { accountId: 'a1', clientId: 'k1', resourceId: 'files' },
      (row) => row.accountId === 'a1' && row.clientId === 'k1' && row.resourceId === 'files',
    ],
    ['nobody', { accountId: 'a9' }, () => false],
  ])('is narrowed to %s, and counted', async (_title, search, fits) => {
    const wanted = idsOf(standing.filter(fits))
    expect((await walk(search, 50)).ids).toEqual(wanted)
    expect(await directory.count(search)).toBe(wanted.length)
    const all = idsOf(newestFirst.filter(fits))
    expect((await walk({ ...search, withRevoked: true }, 5000)).ids).toEqual(all)
    expect(await directory.count({ ...search, withRevoked: true })).toBe(all.length)
  })

  it('a permission is found by its whole name; a part or a pattern is no name', async () => {
    const found = async (scope: string) => idsOf((await directory.list({ scope }, 10)).consents)
    expect(await found('notes_write')).toEqual(['c00007'])
    expect(await directory.count({ scope: 'notes_write' })).toBe(1)
    for (const scope of ['notes', 'notes%', 'notes:writ_', '%', '_', 'write', '\\', 'notes:read notes'])
      expect(await found(scope)).toEqual([])
    expect(await found('notes:read')).toEqual(idsOf(standing.slice(0, 10)))
  })

  it('what is rare is found in the end, and a search that ran out of time says so and can go on', async () => {
    const cut = await directory.list({ scope: 'notes_write' }, 10, -1)
    expect(cut).toMatchObject({ consents: [], isCut: true })
    const rest = await directory.list({ scope: 'notes_write', after: cut.next }, 10, 60_000)
    expect(rest).toMatchObject({ next: undefined, isCut: false })
    expect(idsOf(rest.consents)).toEqual(['c00007'])
    // Enough within the first stretch is no search that was cut.
    expect(await directory.list({}, 10, -1)).toMatchObject({ isCut: false })
  })
})

it('a consent bears the names of its person, client and MCP server, and none of what is gone', async () => {
  const database = await openTestDatabase()
  const consent = (id: string, accountId: string, clientId: string, resourceId: string) =>
    statement(
      `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
       VALUES (?, ?, ?, 'loopback', ?, '', 'd', 1, 5)`,
      id,
      accountId,
      clientId,
      resourceId,
    )
  await database.commit({
    conditions: [],
    effects: [
      statement(
        "INSERT INTO account (id, email, name, role, state, created_at) VALUES ('ada', 'ada@acme.example', 'Ada', 'member', 'active', 0)",
      ),
      statement(
        "INSERT INTO client (id, origin, state, claimed_name, redirect_hosts, payload, metadata_digest, created_at, updated_at) VALUES ('k', 'registered', 'active', 'Claude', '', '{}', 'd', 0, 0)",
      ),
      statement(
        "INSERT INTO resource (id, identifier, name, token_lifetime_seconds, signing_alg, origin, created_at, updated_at) VALUES ('r', 'https://notes.example/mcp', 'Acme Notes', 300, 'ES256', 'operator', 0, 0)",
      ),
      consent('one', 'ada', 'k', 'r'),
      consent('gone', 'x', 'x', 'x'),
    ],
  })
  const { consents } = await createConsentDirectory(database).list({}, 10)
  expect(consents).toEqual([
    {
      id: 'one',
      accountId: 'ada',
      clientId: 'k',
      redirectHost: 'loopback',
      resourceId: 'r',
      scopes: [],
      metadataDigest: 'd',
      stayConnected: true,
      grantedAt: new Date(5),
      expiresAt: undefined,
      revokedAt: undefined,
      email: 'ada@acme.example',
      claimedName: 'Claude',
      resourceName: 'Acme Notes',
      resourceIdentifier: 'https://notes.example/mcp',
    },
    expect.objectContaining({
      id: 'gone',
      email: undefined,
      claimedName: undefined,
      resourceName: undefined,
      resourceIdentifier: undefined,
    }),
  ])
})

it('a count stops where a larger number tells nobody more', async () => {
  const database = await openTestDatabase()
  const fill = (from: number, to: number) =>
    database.sql.run(
      `WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
       SELECT 'c' || i, 'a', 'k', 'loopback', 'r', '', 'd', 1, i FROM n`,
      [from, to],
    )
  const directory = createConsentDirectory(database)
  await fill(1, countLimit)
  expect(await directory.count({})).toBe(countLimit)
  await fill(countLimit + 1, countLimit + 5)
  expect(await directory.count({})).toBe(countLimit + 1)
})
