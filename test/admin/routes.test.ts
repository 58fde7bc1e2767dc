import { describe, expect, it } from 'vitest'
import { type House, openHouse, type Person } from '../me/room.ts'

const pages = [
  '/admin',
  '/admin/resources',
  '/admin/resources/new',
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

describe('the home page', () => {
  it('holds every address to copy, and a line for each client', async () => {
    const house = await openHouse()
    const { name, text } = await house.browserOf('root').get('/admin')
    expect(name).toBe('home')
    expect(text).toContain('http://localhost:8414/.well-known/oauth-authorization-server')
    expect(text).toContain('claude mcp add --transport http acme-notes https://notes.example/mcp')
  })
})

describe('MCP servers', () => {
  it('are added with their scopes, canonical, and listed', async () => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const answer = await root.post('/admin/resources', { ...deploy, origin: 'file', id: 'chosen', created_at: '0' })
    expect(answer.status).toBe(303)
    const added = (await house.resources.store.list())[1]
    expect(added).toMatchObject({
      identifier: 'https://deploy.example/mcp',
      aliases: ['https://deploy.example', 'https://www.deploy.example/mcp'],
      origin: 'operator',
      tokenLifetimeSeconds: 600,
      signingAlg: 'EdDSA',
      scopes: [
        { name: 'deploy:status', description: 'See deployments', risk: 'read', isDefault: true },
        { name: 'deploy:drop', description: 'Delete deployments', risk: 'destructive', isDefault: false },
      ],
    })
    expect(added?.id).not.toBe('chosen')
    expect((await root.get('/admin/resources')).text).toContain('https://deploy.example/mcp')
  })

  it.each([
    ['an address with a fragment', { identifier: 'https://a.example/#x' }, 'without fragment'],
    ['no address', { identifier: '' }, 'Type the address'],
    ['an address that is taken', { identifier: 'https://notes.example/mcp/' }, 'already belongs to'],
    ['a lifetime above an hour', { token_lifetime_seconds: '3601' }, 'to 3600'],
    ['a lifetime that is no number', { token_lifetime_seconds: '1e3' }, 'whole number'],
    ['an unknown algorithm', { signing_alg: 'none' }, 'not one of'],
    ['a scope for everything (E12)', { scope_0_name: 'deploy:*' }, 'means everything'],
    ['an unknown risk', { scope_0_risk: 'harmless' }, 'Nothing was saved'],
  ])('with %s are refused, and what was typed is shown again', async (_title, over, words) => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const answer = await root.post('/admin/resources', { ...deploy, ...over })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(words)
    expect(answer.html).toContain('value="See deployments"')
    expect(await house.resources.store.list()).toHaveLength(1)
  })

  it('are changed, all but the address', async () => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const path = `/admin/resources/${house.notes.id}`
    expect((await root.get(path)).html).toContain('value="Read your notes"')
    expect((await root.post(path, { ...deploy, aliases: '' })).status).toBe(303)
    const [changed] = await house.resources.store.list()
    expect(changed).toMatchObject({
      identifier: 'https://notes.example/mcp',
      name: 'Deploy',
      tokenLifetimeSeconds: 600,
    })
  })

  it('are removed only when the word is typed', async () => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const path = `/admin/resources/${house.notes.id}/remove`
    expect(await root.post(path, { confirm: 'yes' })).toMatchObject({ status: 400, error: 'not_confirmed' })
    expect(await house.resources.store.list()).toHaveLength(1)
    expect((await root.post(path, { confirm: ' Remove ' })).status).toBe(303)
    expect(await house.resources.store.list()).toHaveLength(0)
  })

  it('of the file are shown with a badge and cannot be changed or removed', async () => {
    const house = await openHouse()
    await house.database.sql.run("UPDATE resource SET origin = 'file'")
    const root = await withToken(house, 'root')
    const path = `/admin/resources/${house.notes.id}`
    const page = await root.get(path)
    expect(page.text).toContain('set by file')
    expect(page.html).not.toContain('>Save<')
    expect(await root.post(path, deploy)).toMatchObject({ status: 409, error: 'set_by_file' })
    expect(await root.post(`${path}/remove`, { confirm: 'remove' })).toMatchObject({
      status: 409,
      error: 'set_by_file',
    })
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
    expect(all.text).toContain('account:ada')
    const filtered = await root.get('/admin/audit?type=client.registered')
    expect(filtered.text).toContain('client:evil')
    expect(filtered.text).not.toContain('account:ada')
    expect((await root.get('/admin/audit?type=%27%20OR%201=1&before=%00')).status).toBe(200)
  })
})
