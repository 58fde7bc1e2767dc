import { describe, expect, it } from 'vitest'
import { type House, openHouse, type Person } from '../me/room.ts'

const pages = [
  '/admin',
  '/admin/resources',
  '/admin/resources/new',
  '/admin/feed',
  '/admin/settings',
  '/admin/clients',
  '/admin/clients/new',
  '/admin/clients/clean-up',
  '/admin/approvals',
  '/admin/consents',
  '/admin/audit',
]
const posts = [
  '/admin/resources',
  '/admin/resources/any',
  '/admin/resources/any/remove',
  '/admin/clients',
  '/admin/clients/block',
  '/admin/clients/unblock',
  '/admin/clients/allow',
  '/admin/clients/clean-up',
  '/admin/approvals',
  '/admin/clients/remove',
  '/admin/consents/revoke',
]

/** A browser that has a form token, with this person signed in. */
async function withToken(house: House, person: Person) {
  const browser = house.browserOf(person)
  await browser.get('/account/sessions')
  return browser
}

const deploy = {
  identifier: 'https://Deploy.example:443/mcp/',
  name: 'Deploy',
  aliases: 'https://deploy.example/\r\nhttps://www.deploy.example/mcp',
  token_lifetime_seconds: '600',
  signing_alg: 'EdDSA',
  scope_0_name: 'deploy:status',
  scope_0_description: 'See deployments',
  scope_0_risk: 'read',
  scope_0_default: 'yes',
  scope_1_name: '',
  scope_1_description: '',
  scope_1_risk: 'read',
  scope_2_name: 'deploy:drop',
  scope_2_description: 'Delete deployments',
  scope_2_risk: 'destructive',
}

describe('the console is for administrators', () => {
  it.each(pages)('GET %s: a member gets 404, a stranger the sign-in (G21)', async (path) => {
    const house = await openHouse()
    expect(await house.browserOf('ada').get(path)).toMatchObject({ status: 404, error: 'not_found' })
    const stranger = await house.browserOf(undefined).get(path)
    expect(stranger.headers.get('location')).toMatch(/^\/sign-in/)
    expect((await house.browserOf('root').get(path)).status).toBe(200)
  })

  it.each(posts)('POST %s: a member gets 404 and changes nothing (G21)', async (path) => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('hers')
    const ada = await withToken(house, 'ada')
    const fields = {
      ...deploy,
      client_id: 'client-1',
      consent: 'hers',
      confirm: 'remove',
      client_name: 'x',
      kind: 'public',
    }
    expect(await ada.post(path, fields)).toMatchObject({ status: 404, error: 'not_found' })
    expect(await house.eventTypes()).toEqual([])
    expect(await house.resources.store.list()).toHaveLength(1)
  })

  it.each(posts)('POST %s: a form of another site is refused (G03)', async (path) => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    expect((await root.post(path, deploy, 'forged')).status).toBe(403)
  })
})

describe('consents and audit', () => {
  it('a consent is listed with its names, filtered, and taken back', async () => {
    const house = await openHouse()
    await house.addClient('client-1', { name: 'Claude' })
    await house.connect('a')
    await house.connect('b', { accountId: 'bob' })
    const root = await withToken(house, 'root')
    const all = await root.get('/admin/consents')
    expect(all.text).toContain('“Claude”')
    expect(all.text).toContain('Acme Notes')
    expect((await root.get('/admin/consents?account=bob')).html).not.toContain('data-consent="a"')
    expect((await root.post('/admin/consents/revoke', { consent: 'a' })).status).toBe(303)
    expect(await house.grantIds()).toEqual(['b'])
    expect((await root.get('/admin/consents')).html).not.toContain('data-consent="a"')
    expect(await root.post('/admin/consents/revoke', { consent: 'nothing' })).toMatchObject({ status: 404 })
  })

  it('events are listed, filtered by type, as text (G21)', async () => {
    const house = await openHouse()
    const hostile = { clientName: '<img src=x>', origin: 'registered' } as const
    await house.audit.record({ type: 'client.registered', actor: 'client:evil', clientId: 'evil', detail: hostile })
    await house.audit.record({ type: 'consent.denied', actor: 'account:ada', accountId: 'ada' })
    const root = house.browserOf('root')
    const all = await root.get('/admin/audit')
    expect(all.html).not.toContain('<img')
    expect(all.text).toContain('An account that is gone said no to')
    const filtered = await root.get('/admin/audit?type=client.registered')
    expect(filtered.html).toContain('”</bdi> registered')
    expect(filtered.text).not.toContain('said no')
    expect((await root.get('/admin/audit?type=%27%20OR%201=1&before=%00')).status).toBe(200)
  })
})
