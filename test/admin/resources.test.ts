import { describe, expect, it } from 'vitest'
import { startNotesServer } from '../../examples/mcp-server/server.ts'
import { createAccountStore } from '../../src/accounts/store.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type House, openHouse, type Person } from '../me/room.ts'

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
  access: 'everyone',
  scope_0_name: 'deploy:status',
  scope_0_description: 'See deployments',
  scope_0_risk: 'read',
  scope_0_default: 'yes',
  scope_1_name: '',
  scope_1_description: '',
  scope_1_risk: 'read',
  scope_2_name: 'deploy:drop',
  scope_2_tools: ' drop_deployment  purge_logs drop_deployment ',
  scope_2_description: 'Delete deployments',
  scope_2_risk: 'destructive',
}

async function addAccount(house: House, email: string) {
  const account = { email, name: 'Ada', role: 'member', passwordHash: undefined } as const
  const made = await createAccountStore(house.database).create(account, systemClock.now(), () => [])
  if (made === null) throw new Error('taken')
  return made.id
}

describe('MCP servers', () => {
  it('are added with their scopes, canonical, and listed; what else is posted does not exist (G21)', async () => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const answer = await root.post('/admin/resources', {
      ...deploy,
      origin: 'file',
      id: 'chosen',
      created_at: '0',
      members: 'root',
    })
    const added = (await house.resources.store.list())[1]
    expect(answer.headers.get('location')).toBe(`/admin/resources/${added?.id}?done=added`)
    expect(added).toMatchObject({
      identifier: 'https://deploy.example/mcp',
      aliases: ['https://deploy.example', 'https://www.deploy.example/mcp'],
      origin: 'operator',
      tokenLifetimeSeconds: 600,
      signingAlg: 'EdDSA',
      access: 'everyone',
      members: [],
      scopes: [
        { name: 'deploy:status', description: 'See deployments', risk: 'read', isDefault: true, tools: [] },
        {
          name: 'deploy:drop',
          description: 'Delete deployments',
          risk: 'destructive',
          isDefault: false,
          tools: ['drop_deployment', 'purge_logs'],
        },
      ],
    })
    expect(added?.id).not.toBe('chosen')
    expect((await root.get(`/admin/resources/${added?.id}`)).html).toContain('value="drop_deployment purge_logs"')
    const list = await root.get('/admin/resources')
    expect(list.text).toContain('https://deploy.example/mcp')
    expect(list.text).toContain('one destroys')
    expect((await root.get('/admin/resources?q=DEPLOY')).html).not.toContain(`data-resource="${house.notes.id}"`)
    expect((await root.get('/admin/resources?q=nothing&from=x')).text).toContain('No MCP server fits')
  })

  it.each([
    ['a tool that is no name', { scope_2_tools: 'drop <b>' }, 'must be 1 to 128 letters'],
    ['an address with a fragment', { identifier: 'https://a.example/#x' }, 'without fragment'],
    ['no address', { identifier: '' }, 'Type the address'],
    ['an address that is taken', { identifier: 'https://notes.example/mcp/' }, 'already belongs to'],
    ['a lifetime above an hour', { token_lifetime_seconds: '3601' }, 'to 3600'],
    ['a lifetime that is no number', { token_lifetime_seconds: '1e3' }, 'whole number'],
    ['an unknown algorithm', { signing_alg: 'none' }, 'not one of'],
    ['a scope for everything (E12)', { scope_0_name: 'deploy:*' }, 'means everything'],
    ['offline_access (E10)', { scope_0_name: 'offline_access' }, 'meaning of its own'],
    ['an unknown risk', { scope_0_risk: 'harmless' }, 'Nothing was saved'],
    ['an unknown access', { access: 'friends' }, 'not one of everyone, admins, listed'],
    [
      'a person who is not there',
      { access: 'listed', people: 'nobody@acme.example' },
      'no account with the e-mail address nobody@',
    ],
  ])('with %s are refused, and what was typed is shown again', async (_title, over, words) => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const answer = await root.post('/admin/resources', { ...deploy, ...over })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(words)
    expect(answer.html).toContain('value="See deployments"')
    expect(await house.resources.store.list()).toHaveLength(1)
  })

  it('get more empty rows without script, and nothing is saved by that', async () => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const rows = (html: string) => html.match(/name="scope_\d+_name"/g)?.length
    const before = rows((await root.get('/admin/resources/new?by_hand=yes')).html) ?? 0
    const answer = await root.post('/admin/resources', { ...deploy, more_rows: 'yes' })
    expect(answer.status).toBe(200)
    expect(rows(answer.html)).toBeGreaterThan(before + 2)
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
    expect((await root.get(`${path}?done=saved`)).text).toContain('Saved.')
  })

  it('are opened to listed people by their addresses, and stay so when a form does not ask', async () => {
    const house = await openHouse()
    const id = await addAccount(house, 'ada@acme.example')
    const root = await withToken(house, 'root')
    const path = `/admin/resources/${house.notes.id}`
    expect(
      (await root.post(path, { ...deploy, aliases: '', access: 'listed', people: ' ADA@acme.example \r\n' })).status,
    ).toBe(303)
    expect((await house.resources.store.list())[0]).toMatchObject({ access: 'listed', members: [id] })
    expect((await root.get(path)).html).toContain('ada@acme.example</textarea>')
    const { access: _, ...without } = deploy
    await root.post(path, { ...without, aliases: '', name: 'Other' })
    expect((await house.resources.store.list())[0]).toMatchObject({ name: 'Other', access: 'listed', members: [id] })
  })

  it('are removed only when their name is typed', async () => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const path = `/admin/resources/${house.notes.id}/remove`
    expect(await root.post(path, { confirm: 'remove' })).toMatchObject({ status: 400, error: 'not_confirmed' })
    expect(await house.resources.store.list()).toHaveLength(1)
    expect((await root.post(path, { confirm: ' acme notes ' })).status).toBe(303)
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
    expect(page.html).not.toContain('name="more_rows"')
    expect(await root.post(path, deploy)).toMatchObject({ status: 409, error: 'set_by_file' })
    expect(await root.post(`${path}/remove`, { confirm: 'Acme Notes' })).toMatchObject({
      status: 409,
      error: 'set_by_file',
    })
  })

  it('are added by address: what the server says of itself is proposed, nothing is saved before it is read', async () => {
    const house = await openHouse()
    const notes = await startNotesServer({ issuer: 'http://localhost:8414', port: 0 })
    const root = await withToken(house, 'root')
    const found = await root.post('/admin/resources/look', { address: `${notes.url}/` })
    expect(found.status).toBe(200)
    expect(found.html).toContain(`name="identifier" type="url" required maxlength="2048" value="${notes.url}"`)
    expect(found.html).toContain('value="notes:read"')
    expect(found.html).toContain('data-finding="issuer_right"')
    expect(await house.resources.store.list()).toHaveLength(1)
    await notes.close()
  })

  it.each([
    'https://169.254.169.254/x',
    'http://10.0.0.1/mcp',
    'https://[::ffff:a9fe:a9fe]/',
    'https://metadata.google.internal/',
  ])('at %s are not contacted (F01, F02, F03)', async (address) => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const answer = await root.post('/admin/resources/look', { address })
    expect(answer.html).toMatch(/data-finding="(?:not_public|plain_http)"/)
  })

  it('that is no address is asked for again', async () => {
    const house = await openHouse()
    const root = await withToken(house, 'root')
    const answer = await root.post('/admin/resources/look', { address: 'javascript:alert(1)' })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('absolute http or https address')
  })

  it('are tested with the example server, and say what to serve', async () => {
    const house = await openHouse()
    const notes = await startNotesServer({ issuer: 'http://localhost:8414', port: 0 })
    const root = await withToken(house, 'root')
    const scope = { scope_0_name: 'notes:read', scope_0_description: 'Read your notes' }
    await root.post('/admin/resources', { ...deploy, ...scope, aliases: '', identifier: notes.url })
    const id = (await house.resources.store.list())[1]?.id
    expect((await root.post(`/admin/resources/${id}/test`, {})).status).toBe(303)
    const page = await root.get(`/admin/resources/${id}`)
    expect(page.html).toContain('data-light="green"')
    expect(page.text).toContain('WWW-Authenticate: Bearer scope=')
    expect(page.text).toContain('authorization_servers')
    expect((await root.get('/admin/resources')).html).toContain('data-light="green"')
    await notes.close()
    await root.post(`/admin/resources/${id}/test`, {})
    expect((await root.get(`/admin/resources/${id}`)).html).toContain('data-light="red"')
  })

  it('show an alias that a link proposes, and do not save it', async () => {
    const house = await openHouse()
    const root = house.browserOf('root')
    const page = await root.get(
      `/admin/resources/${house.notes.id}?alias=${encodeURIComponent('https://notes.example/"><b>')}`,
    )
    expect(page.html).toContain('https://notes.example/&quot;&gt;&lt;b&gt;</textarea>')
    expect((await house.resources.store.list())[0]?.aliases).toEqual([])
  })

  it('speak German to who reads German', async () => {
    const house = await openHouse()
    const root = house.browserOf('root')
    expect((await root.get(`/admin/resources/${house.notes.id}?ui_locales=de`)).text).toContain('Wer ihn nutzen darf')
  })

  it.each(['/admin/resources/look', '/admin/resources/any/test'])('POST %s: a member gets 404 (G21)', async (path) => {
    const house = await openHouse()
    const ada = await withToken(house, 'ada')
    expect(await ada.post(path, { address: 'https://a.example' })).toMatchObject({ status: 404, error: 'not_found' })
    const root = await withToken(house, 'root')
    expect((await root.post(path, {}, 'forged')).status).toBe(403)
  })
})
