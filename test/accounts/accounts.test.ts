import { describe, expect, it } from 'vitest'
import { type NewAccount, normaliseEmail, normaliseName } from '../../src/accounts/account.ts'
import { disableAccount, enableAccount, removeAccount } from '../../src/accounts/close.ts'
import { createDirectory, type Directory } from '../../src/accounts/directory/store.ts'
import {
  type AccountDesk,
  isSetupOpen,
  openSetup,
  registerAccount,
  registerConfiguredAdministrator,
  registerFirstAdministrator,
} from '../../src/accounts/register.ts'
import { createAccountStore } from '../../src/accounts/store.ts'
import { createAudit } from '../../src/audit/record.ts'
import { sha256Base64url } from '../../src/crypto/digest.ts'
import type { Database } from '../../src/db/database.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const at = new Date('2026-03-01T12:00:00Z')
const clock = { now: () => at }
const by = { address: '192.0.2.1', requestId: 'r' }
const ann: NewAccount = { email: 'ann@acme.example', name: 'Ann', role: 'member', passwordHash: 'hash-a' }
const administrator = { email: 'root@acme.example', name: 'Root', passwordHash: 'hash-r' }

function deskOn(database: Database): AccountDesk & { directory: Directory; types(): Promise<string[]> } {
  const audit = createAudit(database, clock, new Uint8Array(32))
  return {
    store: createAccountStore(database),
    directory: createDirectory(database),
    auditStatement: audit.statement,
    clock,
    types: async () => (await audit.list({ limit: 50 })).map((event) => event.type).sort(),
  }
}

describe.each(databaseKinds)('accounts on %s', (kind) => {
  it('an account is found by its id and address, its hash only where it is asked for', async () => {
    const desk = deskOn(await openTestDatabase(kind))
    const account = await registerAccount(desk, ann, { ...by, actor: 'operator' }, 'cli')
    expect(account).toMatchObject({ email: ann.email, name: 'Ann', role: 'member', state: 'active', createdAt: at })
    const id = account?.id ?? ''
    expect(id).toHaveLength(22)
    expect(await desk.store.find(id)).toEqual(account)
    expect(await desk.store.findByEmail(ann.email)).toEqual(account)
    expect(await desk.store.findState(id)).toEqual({ state: 'active', email: ann.email, name: 'Ann', role: 'member' })
    expect(await desk.store.findForSignIn(ann.email)).toEqual({ account, passwordHash: 'hash-a' })
    expect(JSON.stringify(await desk.directory.list({ limit: 10 }))).not.toContain('hash-a')
    expect(await desk.store.find('nobody')).toBeNull()
    expect(await desk.types()).toEqual(['account.created'])
  })

  it('an address is given once, also to two at the same moment', async () => {
    const desk = deskOn(await openTestDatabase(kind))
    const both = await Promise.all([1, 2].map(() => registerAccount(desk, ann, { ...by, actor: 'operator' }, 'cli')))
    expect(both.filter((one) => one !== null)).toHaveLength(1)
    expect(await desk.store.count()).toBe(1)
    expect(await desk.types()).toEqual(['account.created'])
  })

  it('a sign-in is remembered, a hash replaced', async () => {
    const desk = deskOn(await openTestDatabase(kind))
    const id = (await registerAccount(desk, ann, { ...by, actor: 'operator' }, 'cli'))?.id ?? ''
    expect(await desk.store.rememberSignIn(id, 'hash-a', at, undefined, [])).toBe(true)
    expect(await desk.store.passwordHash(id)).toBe('hash-a')
    expect(await desk.store.rememberSignIn(id, 'hash-a', at, 'hash-b', [])).toBe(true)
    expect(await desk.store.passwordHash(id)).toBe('hash-b')
    expect((await desk.store.find(id))?.lastSignInAt).toEqual(at)
    expect(await desk.store.setPassword(id, 'hash-c', at, [])).toBe(true)
    expect(await desk.store.passwordHash(id)).toBe('hash-c')
    // C14: a sign-in with the password from before the change comes too late, and does not bring it back.
    expect(await desk.store.rememberSignIn(id, 'hash-b', at, 'hash-b2', [])).toBe(false)
    expect(await desk.store.passwordHash(id)).toBe('hash-c')
    expect(await desk.store.setPassword('nobody', 'hash-c', at, [])).toBe(false)
  })

  it('G20 every start makes a new setup link, of which only the digest is kept, until an administrator exists', async () => {
    const database = await openTestDatabase(kind)
    const desk = deskOn(database)
    const old = (await openSetup(desk)) ?? ''
    const token = (await openSetup(desk)) ?? ''
    expect(token).toMatch(/^[\w-]{43}$/)
    expect([await isSetupOpen(desk, old), await isSetupOpen(desk, token)]).toEqual([false, true])
    expect(await database.sql.all('SELECT digest FROM setup_link')).toEqual([{ digest: sha256Base64url(token) }])

    const outcome = await registerFirstAdministrator(desk, token, administrator, by)
    expect(outcome).toMatchObject({ ok: true, account: { role: 'admin', email: administrator.email } })
    expect([await isSetupOpen(desk, token), await openSetup(desk)]).toEqual([false, null])
    expect(await desk.types()).toEqual(['account.created', 'setup.completed'])
    expect(await registerFirstAdministrator(desk, token, { ...administrator, email: 'b@acme.example' }, by)).toEqual({
      ok: false,
      reason: 'closed',
    })
  })

  it('G20 of many setups at once one makes an administrator', async () => {
    const desk = deskOn(await openTestDatabase(kind))
    const token = (await openSetup(desk)) ?? ''
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        registerFirstAdministrator(desk, token, { ...administrator, email: `root${index}@acme.example` }, by),
      ),
    )
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1)
    expect([await desk.store.count(), await desk.store.countAdmins()]).toEqual([1, 1])
  })

  it('G20 a living link is worth nothing once an administrator came another way, and a refused setup leaves it alive', async () => {
    const desk = deskOn(await openTestDatabase(kind))
    const token = (await openSetup(desk)) ?? ''
    await registerAccount(desk, ann, { ...by, actor: 'operator' }, 'cli')
    const taken = await registerFirstAdministrator(desk, token, { ...administrator, email: ann.email }, by)
    expect([taken, await isSetupOpen(desk, token)]).toEqual([{ ok: false, reason: 'email_taken' }, true])

    await registerAccount(desk, { ...administrator, role: 'admin' }, { ...by, actor: 'operator' }, 'cli')
    expect(await isSetupOpen(desk, token)).toBe(false)
    const late = await registerFirstAdministrator(desk, token, { ...administrator, email: 'late@acme.example' }, by)
    expect([late, await desk.store.countAdmins()]).toEqual([{ ok: false, reason: 'closed' }, 1])
  })

  it('G20 the settings make an administrator on an empty database only', async () => {
    const desk = deskOn(await openTestDatabase(kind))
    const hash = async (): Promise<string> => 'hash-s'
    expect(await registerConfiguredAdministrator(desk, 'root@acme.example', hash)).toMatchObject({ role: 'admin' })
    expect(
      await registerConfiguredAdministrator(desk, 'other@acme.example', () => Promise.reject(new Error())),
    ).toBeNull()
  })

  it('C14 disabling and removing end everything the account holds, even when one clean-up fails', async () => {
    const desk = deskOn(await openTestDatabase(kind))
    const ended: string[] = []
    const cleanUps = [async () => Promise.reject(new Error('down')), async (id: string) => void ended.push(id)]
    const id = (await registerAccount(desk, ann, { ...by, actor: 'operator' }, 'cli'))?.id ?? ''
    const operator = { ...by, actor: 'operator' } as const
    await expect(disableAccount({ ...desk, cleanUps }, id, operator)).rejects.toThrow('not completed')
    expect([(await desk.store.findState(id))?.state, ended]).toEqual(['disabled', [id]])
    expect(await disableAccount({ ...desk, cleanUps: [] }, id, operator)).toBe(false)
    expect(await enableAccount(desk, id, operator)).toBe(true)
    expect(await removeAccount({ ...desk, cleanUps: cleanUps.slice(1) }, id, operator)).toBe(true)
    expect([await desk.store.find(id), ended]).toEqual([null, [id, id]])
    expect(await desk.types()).toEqual(['account.created', 'account.disabled', 'account.enabled', 'account.removed'])
  })

  it('the last active administrator can be neither disabled nor removed', async () => {
    const desk = { ...deskOn(await openTestDatabase(kind)), cleanUps: [] }
    const operator = { ...by, actor: 'operator' } as const
    const one = (await registerAccount(desk, { ...administrator, role: 'admin' }, operator, 'cli'))?.id ?? ''
    expect([await disableAccount(desk, one, operator), await removeAccount(desk, one, operator)]).toEqual([
      false,
      false,
    ])
    await registerAccount(desk, { ...administrator, role: 'admin', email: 'two@acme.example' }, operator, 'cli')
    expect(await disableAccount(desk, one, operator)).toBe(true)
    expect(await removeAccount(desk, one, operator)).toBe(true)
  })
})

describe('what people type', () => {
  it('names are trimmed and lose what cannot be seen', () => {
    const names = ['  Ann \t B. ', 'x'.repeat(101), '', '\u202e\u0000', 'A\u202en\u200bn'].map(normaliseName)
    expect(names).toEqual(['Ann B.', null, null, null, 'Ann'])
  })

  it.each([
    [' Ann@Acme.EXAMPLE ', 'ann@acme.example'],
    ['root@localhost', 'root@localhost'],
    ['jos\u0065\u0301@acme.example', 'jos\u00e9@acme.example'],
    ['ann', null],
    ['ann@', null],
    ['@acme.example', null],
    ['ann@acme..example', null],
    ['a b@acme.example', null],
    ['ann@acme.example\r\nBcc: x', null],
    ['ann@b@acme.example', null],
    [`${'a'.repeat(250)}@acme.example`, null],
    ['', null],
  ])('e-mail %j → %j', (text, email) => expect(normaliseEmail(text)).toBe(email))
})
