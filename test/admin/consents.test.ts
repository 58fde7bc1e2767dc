import { expect, it } from 'vitest'
import { openHouse } from '../me/room.ts'

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
