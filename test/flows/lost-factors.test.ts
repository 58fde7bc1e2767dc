// Who has lost phone and paper, and what is known of second factors: export and removal.
import { expect, it } from 'vitest'
import { removePerson } from '../../src/connection-desk.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { signInWithPassword, withApp } from '../support/second-factor.ts'

const rows = async ({ app }: TestApp) => {
  const counts = ['totp_factor', 'passkey', 'recovery_code', 'pending_sign_in'].map(async (table) => {
    const row = await app.rooms.database.sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)
    return Number(row?.n)
  })
  return Promise.all(counts)
}

it('an administrator takes lost factors away: sessions and half sign-ins end, and the history tells', async () => {
  const app = await startApp()
  const root = await app.person('root', 'admin')
  const ada = await app.person('ada')
  const { browser } = await withApp(app, ada)
  const half = new Browser(app.issuer)
  expect((await signInWithPassword(half, ada)).name).toBe('second-factor')
  const admin = new Browser(app.issuer)
  await signInWithPassword(admin, root, 'console')
  const page = await admin.open(`/admin/people/${ada.id}`)
  expect(page.body).toContain('authenticator app and 10 recovery codes')
  const done = await admin.post(`/admin/people/${ada.id}/reset-factors`, { _csrf: csrfOf(page) })
  expect(done.body).toContain('are gone, and the sessions have ended')
  expect(await rows(app)).toEqual([0, 0, 0, 0])
  expect((await browser.open('/account/connections')).name).toBe('sign-in')
  expect((await signInWithPassword(browser, ada)).name).toBe('connections')
  await app.app.rooms.audit.flush()
  const history = await browser.open('/account/history')
  expect(history.body).toContain('Your authenticator app, passkeys and recovery codes were removed.')
  expect(history.body).toContain('by an administrator')
})

it('G21 a member resets nobody, and an administrator only after a recent sign-in', async () => {
  const app = await startApp()
  const [ada, eve] = [await app.person('ada'), await app.person('eve')]
  await withApp(app, ada)
  const member = new Browser(app.issuer)
  const page = await signInWithPassword(member, eve)
  expect((await member.post(`/admin/people/${ada.id}/reset-factors`, { _csrf: csrfOf(page) })).status).toBe(404)
  expect((await rows(app))[0]).toBe(1)
})

it('their data holds what there is to know of them, and nothing that lets anybody in', async () => {
  const app = await startApp()
  const { browser, held } = await withApp(app, await app.person('ada'))
  const page = await browser.open('/account/data')
  const { body } = await browser.post('/account/data/export', { _csrf: csrfOf(page) })
  const data: { secondFactors: { recoveryCodes: unknown; authenticatorApp: unknown } } = JSON.parse(body)
  expect(data.secondFactors).toMatchObject({ passkeys: [], recoveryCodes: { left: 10 } })
  expect(Object.keys(data.secondFactors.authenticatorApp ?? {})).toEqual(['createdAt'])
  for (const secret of [held.seed, ...held.recoveryCodes]) expect(body).not.toContain(secret)
})

it('all of it goes with the account', async () => {
  const app = await startApp()
  const ada = await app.person('ada')
  await withApp(app, ada)
  await signInWithPassword(new Browser(app.issuer), ada)
  expect((await rows(app)).slice(0, 1)).toEqual([1])
  await removePerson(app.app.rooms, ada.id, { actor: 'operator' }, 'test')
  expect(await rows(app)).toEqual([0, 0, 0, 0])
})
