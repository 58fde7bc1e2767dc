import { describe, expect, it } from 'vitest'
import { disableAccount, removeAccount } from '../../src/accounts/close.ts'
import { linkPerson, signInPerson, unlinkIdentity } from '../../src/federation/people.ts'
import { databaseKinds } from '../support/database.ts'
import { madePerson, madeUpstream } from './made.ts'
import { openFederation } from './room.ts'

const by = { actor: 'operator', method: 'cli' } as const
const source = { address: '192.0.2.1', requestId: 'r1' }
const upstream = madeUpstream()
const ada = madePerson(upstream)

describe.each(databaseKinds)('people of an upstream on %s', (kind) => {
  it('get an account at the first sign-in and the same one ever after, whatever their address becomes', async () => {
    const { desk, accounts, events, later } = await openFederation(kind)
    const first = await signInPerson(desk, upstream, ada, source)
    if (!first.ok) throw new Error(first.reason)
    expect(first.isNew).toBe(true)
    expect(await accounts.store.find(first.accountId)).toMatchObject({
      email: 'ada@acme.example',
      name: 'Ada',
      role: 'member',
    })
    later(1000)
    const married = madePerson(upstream, { email: 'ada@other.example', email_verified: false })
    expect(await signInPerson(desk, upstream, married, source)).toEqual({ ...first, isNew: false })
    expect(await accounts.store.find(first.accountId)).toMatchObject({ email: 'ada@acme.example' })
    expect(await desk.identities.ofAccount(first.accountId)).toMatchObject([{ label: 'ada@other.example' }])
    expect(await events()).toEqual([
      ['account.created', 'member'],
      ['identity.linked', ''],
      ['session.signed_in', ''],
      ['session.signed_in', ''],
    ])
  })

  it('H09: an address that somebody has here is refused, verified or not, and links nothing', async () => {
    const { desk, person, rows, events } = await openFederation(kind)
    await person('ada@acme.example')
    const trusting = madeUpstream({ rules: { trustsEmail: true } })
    for (const claims of [{}, { email: 'ADA@Acme.example' }, { email: ' ada@acme.example ' }]) {
      const refused = await signInPerson(desk, trusting, madePerson(trusting, claims), source)
      expect(refused).toEqual({ ok: false, reason: 'email_taken' })
    }
    expect([await rows('account'), await rows('upstream_identity')]).toEqual([1, 0])
    expect((await events()).map(([type, reason]) => `${type} ${reason}`)).toEqual(
      Array(3).fill('session.sign_in_refused email_taken'),
    )
  })

  it('H09: an unverified address of somebody here tells nothing about them', async () => {
    const { desk, person } = await openFederation(kind)
    await person('ada@acme.example')
    const unverified = (email: string) =>
      signInPerson(desk, upstream, madePerson(upstream, { email, email_verified: 'true' }), source)
    expect(await unverified('ada@acme.example')).toEqual(await unverified('nobody@acme.example'))
  })

  it('H10: the same subject at two upstreams makes two accounts', async () => {
    const { desk, rows } = await openFederation(kind)
    const other = madeUpstream({ id: 'other', issuer: 'https://other.example' })
    const first = await signInPerson(desk, upstream, ada, source)
    const second = await signInPerson(desk, other, madePerson(other, { email: 'eve@other.example' }), source)
    expect([first.ok, second.ok, await rows('account')]).toEqual([true, true, 2])
    // An id that another provider has by now finds nobody of the one that had it before.
    const taken = madeUpstream({ issuer: 'https://third.example' })
    expect(await signInPerson(desk, taken, madePerson(taken), source)).toEqual({ ok: false, reason: 'email_taken' })
  })

  it('one person in many tabs gets one account', async () => {
    const { desk, rows } = await openFederation(kind)
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => signInPerson(desk, upstream, ada, source)))
    const ids = outcomes.map((outcome) => (outcome.ok ? outcome.accountId : outcome.reason))
    expect(new Set(ids).size).toBe(1)
    expect(outcomes.filter((outcome) => outcome.ok && outcome.isNew)).toHaveLength(1)
    expect([await rows('account'), await rows('upstream_identity')]).toEqual([1, 1])
  })

  it('who is disabled does not come in, and who is removed leaves no identity behind', async () => {
    const { desk, accounts, person, rows } = await openFederation(kind)
    await person('root@acme.example', { role: 'admin' })
    const first = await signInPerson(desk, upstream, ada, source)
    if (!first.ok) throw new Error(first.reason)
    await disableAccount(accounts, first.accountId, by)
    expect(await signInPerson(desk, upstream, ada, source)).toEqual({ ok: false, reason: 'account_disabled' })
    expect(await rows('upstream_identity')).toBe(1)
    await removeAccount(accounts, first.accountId, by)
    expect(await rows('upstream_identity')).toBe(0)
    expect(await signInPerson(desk, upstream, ada, source)).toMatchObject({ ok: true, isNew: true })
  })

  it('H14: who left the group does not come in any more', async () => {
    const { desk } = await openFederation(kind)
    const strict = madeUpstream({ rules: { groups: ['staff'] } })
    expect(await signInPerson(desk, strict, madePerson(strict, { groups: ['staff'] }), source)).toMatchObject({
      ok: true,
    })
    const left = await signInPerson(desk, strict, madePerson(strict, { groups: [] }), source)
    expect(left).toEqual({ ok: false, reason: 'group' })
  })

  it('groups make administrators and members; without such groups roles stay; the last administrator stays one', async () => {
    const { desk, accounts, person } = await openFederation(kind)
    const silent = madeUpstream()
    const speaking = madeUpstream({ rules: { adminGroups: ['admins'] } })
    const roleAfter = async (by: typeof silent, groups: string[]) => {
      const outcome = await signInPerson(desk, by, madePerson(by, { groups }), source)
      if (!outcome.ok) throw new Error(outcome.reason)
      return (await accounts.store.find(outcome.accountId))?.role
    }
    expect(await roleAfter(speaking, ['admins'])).toBe('admin')
    expect(await roleAfter(silent, [])).toBe('admin')
    // The only administrator there is.
    expect(await roleAfter(speaking, [])).toBe('admin')
    await person('root@acme.example', { role: 'admin' })
    expect(await roleAfter(speaking, ['admin'])).toBe('member')
    expect(await roleAfter(silent, ['admins'])).toBe('member')
    expect(await roleAfter(speaking, ['x', 'admins'])).toBe('admin')
  })
})

describe.each(databaseKinds)('linking on %s', (kind) => {
  it('ties an identity to the account that is signed in; nobody else gets it', async () => {
    const { desk, person } = await openFederation(kind)
    const mine = await person('me@acme.example')
    const other = await person('other@acme.example')
    expect(await linkPerson(desk, mine.id, upstream, ada, source)).toEqual({ ok: true })
    expect(await linkPerson(desk, mine.id, upstream, ada, source)).toEqual({ ok: false, reason: 'linked_already' })
    expect(await linkPerson(desk, other.id, upstream, ada, source)).toEqual({ ok: false, reason: 'taken' })
    expect(await linkPerson(desk, 'gone', upstream, madePerson(upstream, { sub: 'x' }), source)).toEqual({
      ok: false,
      reason: 'gone',
    })
    expect(await signInPerson(desk, upstream, ada, source)).toEqual({ ok: true, accountId: mine.id, isNew: false })
  })

  it('asks no new account of the rules, and every list', async () => {
    const { desk, person } = await openFederation(kind)
    const { id } = await person('me@acme.example')
    const closed = madeUpstream({ rules: { create: false, groups: ['staff'] } })
    expect(await linkPerson(desk, id, closed, madePerson(closed))).toEqual({ ok: false, reason: 'group' })
    const staff = madePerson(closed, { groups: ['staff'], email_verified: false })
    expect(await linkPerson(desk, id, closed, staff)).toEqual({ ok: true })
  })
})

describe.each(databaseKinds)('unlinking on %s', (kind) => {
  it.each([
    ['with a password', { hasPassword: true, passwords: true }, 'unlinked'],
    ['without anything', { hasPassword: false, passwords: true }, 'last_way_in'],
    ['with a password that lets nobody in', { hasPassword: true, passwords: false }, 'last_way_in'],
    ['with a passkey', { hasPassword: false, passwords: false, passkey: true }, 'unlinked'],
    ['with another identity', { hasPassword: false, passwords: false, other: 'on' }, 'unlinked'],
    [
      'with another identity of an upstream that is off',
      { hasPassword: false, passwords: false, other: 'off' },
      'last_way_in',
    ],
    [
      'with another identity of a removed upstream',
      { hasPassword: false, passwords: false, other: 'gone' },
      'last_way_in',
    ],
  ] as const)('%s', async (_case, given, expected) => {
    const room = await openFederation(kind, { passwords: given.passwords })
    const { desk, database, upstreams } = room
    await upstreams.add(upstream)
    const { id } = await room.person('me@acme.example', { hasPassword: given.hasPassword })
    await linkPerson(desk, id, upstream, ada)
    if ('passkey' in given) {
      await database.sql.run(
        'INSERT INTO passkey (id, account_id, public_key, counter, transports, name, aaguid, backed_up, created_at) VALUES (?, ?, ?, 0, ?, ?, ?, ?, 1)',
        ['c', id, 'k', '', 'n', 'a', 0],
      )
    }
    if ('other' in given) {
      const other = madeUpstream({ id: 'other', issuer: 'https://other.example', enabled: given.other === 'on' })
      await linkPerson(desk, id, { ...other, enabled: true }, madePerson(other))
      if (given.other !== 'gone') await upstreams.add(other)
    }
    const identity = (await desk.identities.ofAccount(id)).find(({ issuer }) => issuer === upstream.issuer)
    expect(await unlinkIdentity(desk, id, identity?.id ?? '', by)).toBe(expected)
    const left = await desk.identities.ofAccount(id)
    expect(left.some(({ issuer }) => issuer === upstream.issuer)).toBe(expected === 'last_way_in')
    if (expected === 'last_way_in')
      expect(await unlinkIdentity(desk, id, identity?.id ?? '', by, true)).toBe('unlinked')
  })

  it('two links taken away at once leave one', async () => {
    const room = await openFederation(kind)
    const { desk, upstreams } = room
    const other = madeUpstream({ id: 'other', issuer: 'https://other.example' })
    await Promise.all([upstreams.add(upstream), upstreams.add(other)])
    const { id } = await room.person('me@acme.example', { hasPassword: false })
    await linkPerson(desk, id, upstream, ada)
    await linkPerson(desk, id, other, madePerson(other))
    const both = await desk.identities.ofAccount(id)
    const outcomes = await Promise.all(both.map((identity) => unlinkIdentity(desk, id, identity.id, by)))
    expect(outcomes.toSorted()).toEqual(['last_way_in', 'unlinked'])
  })

  it('nobody unlinks what is somebody else’s', async () => {
    const room = await openFederation(kind)
    const mine = await room.person('me@acme.example')
    const other = await room.person('other@acme.example')
    await linkPerson(room.desk, other.id, upstream, ada)
    const [identity] = await room.desk.identities.ofAccount(other.id)
    expect(await unlinkIdentity(room.desk, mine.id, identity?.id ?? '', by)).toBe('unknown')
    expect(await room.desk.identities.ofAccount(other.id)).toHaveLength(1)
  })
})
