import { describe, expect, it } from 'vitest'
import { startApp } from '../support/app.ts'

describe('the first administrator of the settings', () => {
  it.each([
    ['trustno1', 'is a password that everybody tries first'],
    ['Sallyport-2026', 'is little more than a name that everybody knows'],
    ['ada.lovelace1', 'is little more than a name that everybody knows'],
  ])('G17 with the password %s does not come to be, and the start says why', async (password, problem) => {
    const settings = { ADMIN_EMAIL: 'ada.lovelace@example.test', ADMIN_PASSWORD: password }
    await expect(startApp({ settings })).rejects.toMatchObject({
      name: 'ConfigError',
      faults: [{ name: 'SALLYPORT_ADMIN_PASSWORD', problem }],
    })
  })

  it('with a good one signs in; on a database that has an administrator the setting is not looked at', async () => {
    const settings = { ADMIN_EMAIL: 'ada.lovelace@example.test', ADMIN_PASSWORD: 'several words in a row' }
    const app = await startApp({ settings })
    expect(await app.app.rooms.accounts.store.countAdmins()).toBe(1)
    await app.app.close()
    const again = await startApp({ beside: app, settings: { ...settings, ADMIN_PASSWORD: 'trustno1' } })
    expect(await again.app.rooms.accounts.store.countAdmins()).toBe(1)
  })
})
