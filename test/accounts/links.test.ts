import { describe, expect, it } from 'vitest'
import { disableAccount } from '../../src/accounts/close.ts'
import { createDirectory } from '../../src/accounts/directory/store.ts'
import { invitePerson } from '../../src/accounts/invite.ts'
import { createForgottenRequests, sendForgotten } from '../../src/accounts/links/forgotten.ts'
import { openLink, redeemLink } from '../../src/accounts/links/redeem.ts'
import { makeLink } from '../../src/accounts/links/send.ts'
import { createLinkStore } from '../../src/accounts/links/store.ts'
import { registerAccount } from '../../src/accounts/register.ts'
import { setRole } from '../../src/accounts/role.ts'
import { createAccountStore } from '../../src/accounts/store.ts'
import { createAudit } from '../../src/audit/record.ts'
import { sha256Base64url } from '../../src/crypto/digest.ts'
import type { Letter, MailFault } from '../../src/mail/mail.ts'
import { sweepExpired } from '../../src/provider/adapter/sweep.ts'
import { type DatabaseKind, databaseKinds, openTestDatabase } from '../support/database.ts'

const start = new Date('2026-03-01T12:00:00Z')
const day = 86_400_000
const operator = { actor: 'operator' } as const
const source = { address: '192.0.2.1', requestId: 'r' }
const request = { locale: 'en', method: 'test' } as const
const bob = { email: 'bob@acme.example', name: 'Bob', role: 'member' } as const

async function openDesk(kind: DatabaseKind, answer?: () => MailFault | null) {
  const database = await openTestDatabase(kind)
  let now = start
  const clock = { now: () => now }
  const audit = createAudit(database, clock, new Uint8Array(32))
  const letters: Letter[] = []
  const ended: string[] = []
  const mailer = answer && {
    send: async (letter: Letter) => {
      letters.push(letter)
      return answer()
    },
  }
  return {
    database,
    store: createAccountStore(database),
    directory: createDirectory(database),
    links: createLinkStore(database),
    auditStatement: audit.statement,
    record: audit.record,
    clock,
    mailer,
    issuer: 'https://id.acme.example',
    product: 'Acme ID',
    accent: undefined,
    cleanUps: [async (id: string) => void ended.push(id)],
    letters,
    ended,
    later: (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds)
    },
    types: async () => (await audit.list({ limit: 50 })).map((event) => event.type).sort(),
    audit,
  }
}

const tokenOf = (url: string | undefined): string => url?.split('/').at(-1) ?? ''

describe.each(databaseKinds)('links on %s', (kind) => {
  it('an invitation makes an account that nobody can sign in to, until its person has chosen a password', async () => {
    const desk = await openDesk(kind)
    const made = await invitePerson(desk, bob, operator, request)
    expect(made).toMatchObject({ purpose: 'invitation', delivery: { state: 'to_be_copied' } })
    expect(made?.url).toMatch(/^https:\/\/id\.acme\.example\/invitation\/[\w-]{43}$/)
    expect(await desk.store.passwordHash(made?.account.id ?? '')).toBeUndefined()
    expect(await invitePerson(desk, bob, operator, request)).toBeNull()
    const token = tokenOf(made?.url)
    expect((await openLink(desk, 'invitation', token))?.account.email).toBe(bob.email)
    expect(await openLink(desk, 'reset', token)).toBeNull()
    expect(await redeemLink(desk, 'reset', token, 'hash', source)).toBeNull()
    expect((await redeemLink(desk, 'invitation', token, 'hash-b', source))?.email).toBe(bob.email)
    expect(await desk.store.passwordHash(made?.account.id ?? '')).toBe('hash-b')
    expect(await openLink(desk, 'invitation', token)).toBeNull()
    expect(await desk.types()).toEqual(['account.created', 'account.invitation_accepted', 'account.invited'])
  })

  it('a link is stored as a digest, and its token in no row', async () => {
    const desk = await openDesk(kind)
    const token = tokenOf((await invitePerson(desk, bob, operator, request))?.url)
    const rows = await desk.database.sql.all<{ digest: string }>('SELECT * FROM account_link')
    expect(rows).toMatchObject([{ digest: sha256Base64url(token), purpose: 'invitation' }])
    const everything = [rows, await desk.database.sql.all('SELECT * FROM audit_event')]
    expect(JSON.stringify(everything)).not.toContain(token)
  })

  it('of ten redemptions at once one succeeds, and its password stays', async () => {
    const desk = await openDesk(kind)
    const made = await invitePerson(desk, bob, operator, request)
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        redeemLink(desk, 'invitation', tokenOf(made?.url), `hash-${index}`, source),
      ),
    )
    const winner = all.findIndex((account) => account !== null)
    expect(all.filter((account) => account !== null)).toHaveLength(1)
    expect(await desk.store.passwordHash(made?.account.id ?? '')).toBe(`hash-${winner}`)
    expect((await desk.types()).filter((type) => type === 'account.invitation_accepted')).toHaveLength(1)
  })

  it.each([
    ['invitation', 7 * day],
    ['reset', 3_600_000],
  ] as const)('a link for %s is over when its time is, and swept', async (purpose, lifetime) => {
    const desk = await openDesk(kind)
    const account = purpose === 'reset' ? { ...bob, passwordHash: 'hash' } : { ...bob, passwordHash: undefined }
    const id = (await registerAccount(desk, account, operator, 'test'))?.id ?? ''
    const made = await makeLink(desk, id, operator, request)
    expect(made?.purpose).toBe(purpose)
    desk.later(lifetime - 1)
    expect(await openLink(desk, purpose, tokenOf(made?.url))).not.toBeNull()
    desk.later(1)
    expect(await openLink(desk, purpose, tokenOf(made?.url))).toBeNull()
    expect(await redeemLink(desk, purpose, tokenOf(made?.url), 'new', source)).toBeNull()
    expect(await desk.store.passwordHash(id)).toBe(account.passwordHash)
    desk.later(1)
    expect(await sweepExpired(desk.database, desk.clock.now())).toBe(1)
  })

  it('C14 a reset ends what the account holds, and every other link; an invitation ends nothing', async () => {
    const desk = await openDesk(kind)
    const id = (await registerAccount(desk, { ...bob, passwordHash: 'old' }, operator, 'test'))?.id ?? ''
    const first = tokenOf((await makeLink(desk, id, operator, request))?.url)
    const second = tokenOf((await makeLink(desk, id, operator, request))?.url)
    expect(await openLink(desk, 'reset', first)).toBeNull()
    expect(await redeemLink(desk, 'reset', second, 'new', source)).not.toBeNull()
    expect(desk.ended).toEqual([id])
    expect(await desk.database.sql.all('SELECT * FROM account_link')).toEqual([])
    const made = await invitePerson(desk, { ...bob, email: 'eve@acme.example' }, operator, request)
    await redeemLink(desk, 'invitation', tokenOf(made?.url), 'hash', source)
    expect(desk.ended).toEqual([id])
  })

  it('C14 links die with a changed password, a disabled and a removed account', async () => {
    const desk = await openDesk(kind)
    const id = (await registerAccount(desk, { ...bob, passwordHash: 'old' }, operator, 'test'))?.id ?? ''
    const make = async () => tokenOf((await makeLink(desk, id, operator, request))?.url)
    const changed = await make()
    await desk.store.setPassword(id, 'new', start, [])
    expect(await openLink(desk, 'reset', changed)).toBeNull()
    const disabled = await make()
    await disableAccount(desk, id, operator)
    expect(await redeemLink(desk, 'reset', disabled, 'other', source)).toBeNull()
    expect(await makeLink(desk, id, operator, request)).toBeNull()
    await desk.store.setState(id, 'active', [])
    expect(await openLink(desk, 'reset', disabled)).toBeNull()
    await make()
    await desk.store.remove(id, [])
    expect(await desk.database.sql.all('SELECT * FROM account_link')).toEqual([])
  })

  it('a letter that fails leaves account and link standing, and says why', async () => {
    const desk = await openDesk(kind, () => 'unreachable')
    const made = await invitePerson(desk, bob, operator, { locale: 'de', method: 'test' })
    expect(made?.delivery).toEqual({ state: 'failed', fault: 'unreachable' })
    expect(desk.letters[0]).toMatchObject({ to: { address: bob.email }, subject: 'Ihre Einladung zu Acme ID' })
    expect(desk.letters[0]?.text).toContain(made?.url)
    expect(await openLink(desk, 'invitation', tokenOf(made?.url))).not.toBeNull()
  })

  it('G14 a forgotten password: one letter to whoever is known, none to others, and not one after the other', async () => {
    const desk = await openDesk(kind, () => null)
    const id = (await registerAccount(desk, { ...bob, passwordHash: 'old' }, operator, 'test'))?.id ?? ''
    await sendForgotten(desk, 'nobody@acme.example', 'en', source)
    expect(desk.letters).toEqual([])
    const requests = createForgottenRequests(desk, { warn() {}, error() {} })
    for (let index = 0; index < 10; index += 1) requests.ask(bob.email, 'en', source)
    await requests.settled()
    expect(desk.letters).toHaveLength(1)
    desk.later(120_001)
    await sendForgotten(desk, bob.email, 'en', source)
    expect(desk.letters).toHaveLength(2)
    for (const letter of desk.letters) {
      const token = tokenOf(/https:\S+/.exec(letter.text)?.[0])
      expect(await openLink(desk, 'reset', token)).not.toBeNull()
    }
    await disableAccount(desk, id, operator)
    await sendForgotten(desk, bob.email, 'en', source)
    expect(desk.letters).toHaveLength(2)
  })

  it('a letter for a forgotten password that fails is in the audit book', async () => {
    const desk = await openDesk(kind, () => 'refused')
    await registerAccount(desk, { ...bob, passwordHash: 'old' }, operator, 'test')
    await sendForgotten(desk, bob.email, 'en', source)
    const [event] = await desk.audit.list({ type: 'mail.failed', limit: 2 })
    expect(event).toMatchObject({ actor: 'system', detail: { purpose: 'reset', reason: 'refused' } })
  })
})

describe.each(databaseKinds)('the last administrator on %s', (kind) => {
  it('stays one; who was only invited does not count', async () => {
    const desk = await openDesk(kind)
    const root = { email: 'root@acme.example', name: 'Root', role: 'admin', passwordHash: 'hash' } as const
    const id = (await registerAccount(desk, root, operator, 'test'))?.id ?? ''
    const invited = await invitePerson(desk, { ...bob, role: 'admin' }, operator, request)
    expect(await setRole(desk, id, 'member', operator)).toBe(false)
    expect(await desk.store.setState(id, 'disabled', [])).toBe(false)
    expect(await desk.store.remove(id, [])).toBe(false)
    expect(await setRole(desk, invited?.account.id ?? '', 'member', operator)).toBe(true)
    expect(await setRole(desk, invited?.account.id ?? '', 'admin', operator)).toBe(true)
    await redeemLink(desk, 'invitation', tokenOf(invited?.url), 'hash-b', source)
    expect(await setRole(desk, id, 'member', operator)).toBe(true)
    expect(await desk.store.findState(id)).toMatchObject({ role: 'member' })
  })

  it('two that end each other at once: one stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const desk = await openDesk(kind)
      const ids = await Promise.all(
        ['a', 'b', 'c'].map(async (name) => {
          const account = { email: `${name}@acme.example`, name, role: 'admin', passwordHash: 'hash' } as const
          return (await registerAccount(desk, account, operator, 'test'))?.id ?? ''
        }),
      )
      const [a = '', b = '', c = ''] = ids
      await Promise.all([
        setRole(desk, a, 'member', operator),
        disableAccount(desk, b, operator),
        desk.store.remove(c, []),
      ])
      const left = (await Promise.all(ids.map((id) => desk.store.findState(id)))).filter(
        (one) => one?.role === 'admin' && one.state === 'active',
      )
      expect(left).toHaveLength(1)
    }
  })
})

describe.each(databaseKinds)('the directory on %s', (kind) => {
  it('pages after a row, searches by parts, and takes signs of patterns as they are', async () => {
    const desk = await openDesk(kind)
    for (const [email, name] of [
      ['ann@acme.example', 'Ann Äpfel'],
      ['bob_1@acme.example', 'Bob 100 %'],
      ['carl@acme.example', 'CARL'],
    ] as const) {
      await registerAccount(desk, { email, name, role: 'member', passwordHash: 'hash' }, operator, 'test')
    }
    await invitePerson(desk, { email: 'dan@acme.example', name: 'Dan', role: 'admin' }, operator, request)
    const list = async (filter: object) =>
      (await desk.directory.list({ limit: 10, ...filter })).map(({ email }) => email.split('@')[0])
    expect(await list({ limit: 2 })).toEqual(['ann', 'bob_1'])
    expect(await list({ limit: 2, after: 'bob_1@acme.example' })).toEqual(['carl', 'dan'])
    expect(await list({ text: 'carl' })).toEqual(['carl'])
    expect(await list({ text: 'Äpfel' })).toEqual(['ann'])
    expect(await list({ text: '_' })).toEqual(['bob_1'])
    expect(await list({ text: '%' })).toEqual(['bob_1'])
    expect(await list({ text: '\\' })).toEqual([])
    expect(await list({ kind: 'admins' })).toEqual(['dan'])
    expect(await list({ kind: 'invited' })).toEqual(['dan'])
    expect(await list({ kind: 'disabled' })).toEqual([])
    expect(await list({ text: "' OR 1=1 --" })).toEqual([])
  })
})
