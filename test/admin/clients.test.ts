import { describe, expect, it } from 'vitest'
import { addClient } from '../../src/clients/change.ts'
import { makeClient } from '../../src/clients/client.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type House, openHouse, type Person } from '../me/room.ts'

/** A browser that has a form token, with this person signed in. */
async function withToken(house: House, person: Person = 'root') {
  const browser = house.browserOf(person)
  await browser.get('/account/sessions')
  return browser
}

const show = (id: string) => `/admin/clients/show?id=${encodeURIComponent(id)}`

describe('the list of clients', () => {
  it('shows claim, proof, use and destination, all of it as text (G21, D12)', async () => {
    const house = await openHouse()
    await house.addClient('client-1', { name: '<img src=x onerror=alert(1)> {{7*7}}' })
    await house.connect('a')
    await house.connect('b', { accountId: 'bob' })
    await house.addClient('https://claude.ai/oauth/client.json', {
      name: 'Claude',
      origin: 'document',
      redirectUri: 'http://localhost:1/cb',
    })
    const { html, text } = await house.browserOf('root').get('/admin/clients')
    expect(html).not.toContain('<img')
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt; {{7*7}}')
    expect(text).toContain('claude.ai')
    expect(text).toContain('loopback')
    expect(text).toContain('registered itself')
    expect(html).toMatch(/data-label="People">2</)
  })

  it('folds what is one program into a row with a count, and unfolds it by a link (D01, D10)', async () => {
    const house = await openHouse()
    for (const id of ['c1', 'c2', 'c3']) await house.addClient(id, { name: 'Same' })
    await house.addClient('clone', { name: 'Same', redirectUri: 'https://evil.example/cb' })
    const root = house.browserOf('root')
    const folded = await root.get('/admin/clients')
    expect(folded.text).toContain('3 alike')
    expect([...folded.html.matchAll(/<tr [^>]*data-client="([^"]+)"/g)].map(([, id]) => id)).toHaveLength(2)
    const leader = /<tr [^>]*data-client="(c\d)"/.exec(folded.html)?.[1] ?? ''
    const open = await root.get(`/admin/clients?open=${leader}`)
    for (const id of ['c1', 'c2', 'c3']) expect(open.html).toContain(`id="each-${id}"`)
    expect(open.html).not.toContain('id="each-clone"')
  })

  it('is filtered and paged by the database; what does not fit is left out', async () => {
    const house = await openHouse()
    for (let index = 0; index < 53; index += 1) await house.addClient(`n${index}`, { name: `Number ${index}` })
    await house.clients.block('n7')
    const root = house.browserOf('root')
    const first = await root.get('/admin/clients')
    const rows = (html: string) => [...html.matchAll(/<tr [^>]*data-client="([^"]+)"/g)].map(([, id]) => id)
    expect(rows(first.html)).toHaveLength(50)
    const older = /href="([^"]*after=[^"]*)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(rows((await root.get(older)).html)).toHaveLength(3)
    expect(rows((await root.get('/admin/clients?state=blocked')).html)).toEqual(['n7'])
    expect(rows((await root.get('/admin/clients?q=number+52')).html)).toEqual(['n52'])
    expect((await root.get('/admin/clients?q=nobody')).text).toContain('No client fits')
    expect((await root.get('/admin/clients?after=%27%20OR&origin=x&state=%00&unused=1&open=?')).status).toBe(200)
  })
})

describe('one client', () => {
  it('shows what is known beside what it claims, and what changed in its document (F14)', async () => {
    const house = await openHouse()
    const id = 'https://app.example/client.json'
    for (const client_name of ['First name', 'Second name']) {
      const said = { client_name, redirect_uris: ['http://127.0.0.1/cb'], client_uri: 'https://app.example' }
      const outcome = normaliseClientMetadata(said, { origin: 'document' })
      if (!outcome.ok) throw new Error(outcome.description)
      await house.clients.see(
        makeClient({ id, origin: 'document', metadata: outcome.metadata, now: systemClock.now() }),
      )
    }
    const page = await house.browserOf('root').get(show(id))
    expect(page.html).toContain('<del><bdi>First name</bdi></del>')
    expect(page.html).toContain('<ins><bdi>Second name</bdi></ins>')
    // F17: every answer goes to this computer.
    expect(page.text).toContain('Any program there can say that it is this one')
    expect(await house.browserOf('root').get(show('nobody'))).toMatchObject({ status: 404, error: 'not_found' })
  })

  it('is blocked with all that it holds, and unblocked into the queue where nobody had let it in', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('a')
    const root = await withToken(house)
    const answer = await root.post('/admin/clients/block', { client_id: 'client-1' })
    expect(answer.headers.get('location')).toBe('/admin/clients/show?id=client-1&done=blocked')
    expect((await house.clients.find('client-1'))?.state).toBe('blocked')
    expect(await house.grantIds()).toEqual([])
    expect(await root.post('/admin/clients/block', { client_id: 'client-1' })).toMatchObject({ status: 409 })
    await root.post('/admin/clients/unblock', { client_id: 'client-1' })
    expect((await house.clients.find('client-1'))?.state).toBe('pending')
    expect(await house.eventTypes()).toEqual(['client.blocked', 'consent.revoked', 'client.unblocked'])
  })

  it('is let in for everyone, once, and stays so through a block', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    const root = await withToken(house)
    await root.post('/admin/clients/allow', { client_id: 'client-1' })
    expect((await house.clients.find('client-1'))?.allowedAt).toBeInstanceOf(Date)
    expect((await root.get(show('client-1'))).html).not.toContain('/admin/clients/allow')
    expect(await root.post('/admin/clients/allow', { client_id: 'client-1' })).toMatchObject({ status: 409 })
    await root.post('/admin/clients/block', { client_id: 'client-1' })
    await root.post('/admin/clients/unblock', { client_id: 'client-1' })
    expect((await house.clients.find('client-1'))?.state).toBe('active')
    expect((await house.eventTypes())[0]).toBe('client.allowed')
  })

  it('is removed when its name is typed, with everything people allowed it', async () => {
    const house = await openHouse()
    await house.addClient('client-1', { name: 'Claude  Code' })
    await house.connect('a')
    await house.connect('b', { accountId: 'bob' })
    await house.connect('c', { clientId: 'client-2' })
    const root = await withToken(house)
    for (const confirm of ['', 'remove', 'client-1', 'Claude']) {
      const answer = await root.post('/admin/clients/remove', { client_id: 'client-1', confirm })
      expect(answer).toMatchObject({ status: 400, error: 'not_confirmed' })
    }
    const answer = await root.post('/admin/clients/remove', { client_id: 'client-1', confirm: ' claude code ' })
    expect(answer.status).toBe(303)
    expect((await house.clients.find('client-1'))?.state).toBe('removed')
    expect(await house.grantIds()).toEqual(['c'])
    expect(await house.eventTypes()).toEqual(['client.removed', 'consent.revoked', 'consent.revoked'])
  })

  it('whose name nobody can type is removed by its id (D11)', async () => {
    const house = await openHouse()
    await house.addClient('client-1', { name: '🦀🦀' })
    const root = await withToken(house)
    expect((await root.get(show('client-1'))).text).toContain('Type the client id “client-1” to confirm')
    expect((await root.post('/admin/clients/remove', { client_id: 'client-1', confirm: 'client-1' })).status).toBe(303)
  })

  it('of the file cannot be changed', async () => {
    const house = await openHouse()
    await house.addClient('nightly', { origin: 'operator', setByFile: true })
    const root = await withToken(house)
    expect((await root.get('/admin/clients')).text).toContain('set by file')
    expect((await root.get(show('nightly'))).html).not.toContain('/admin/clients/remove')
    for (const act of ['block', 'unblock', 'remove', 'allow']) {
      const answer = await root.post(`/admin/clients/${act}`, { client_id: 'nightly', confirm: 'claude' })
      expect(answer).toMatchObject({ status: 409, error: 'set_by_file' })
    }
  })
})

describe('a client added by hand', () => {
  const machine = { client_name: 'Nightly', client_id: 'nightly', kind: 'machine' }

  it('gets a secret that is shown once and stored as a digest (G22)', async () => {
    const house = await openHouse()
    const root = await withToken(house)
    const answer = await root.post('/admin/clients', {
      ...machine,
      ceiling: [`${house.notes.id} notes:read`, 'other-id all', `${house.notes.id} admin`],
      origin: 'document',
      set_by_file: 'yes',
    })
    expect(answer.status).toBe(200)
    const secret = /data-client-secret>([^<]+)</.exec(answer.html)?.[1] ?? ''
    expect(secret).toHaveLength(43)
    expect(await house.clients.find('nightly')).toMatchObject({
      origin: 'operator',
      setByFile: false,
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      resourceCeiling: { 'https://notes.example/mcp': ['notes:read'] },
    })
    const rows = JSON.stringify([
      await house.database.sql.all('SELECT payload, secret_digest FROM client'),
      await house.database.sql.all('SELECT detail FROM audit_event'),
    ])
    expect(rows).not.toContain(secret)
    expect((await root.get(show('nightly'))).html).not.toContain(secret)
  })

  it('of an MCP server asks about its tokens, and needs no permission for that', async () => {
    const house = await openHouse()
    const root = await withToken(house)
    const page = await root.get(`/admin/clients/new?introspects=${encodeURIComponent(house.notes.identifier)}`)
    expect(page.html).toMatch(/value="machine" checked/)
    expect(page.html).toMatch(/name="introspects" value="https:\/\/notes.example\/mcp" checked/)
    const answer = await root.post('/admin/clients', {
      ...machine,
      introspects: [house.notes.identifier, 'https://not-registered.example/mcp'],
    })
    expect(answer.status).toBe(200)
    expect(await house.clients.find('nightly')).toMatchObject({
      introspects: [house.notes.identifier],
      resourceCeiling: {},
    })
  })

  it('proves itself in the way that is chosen', async () => {
    const house = await openHouse()
    const root = await withToken(house)
    const people = { client_name: 'Portal', kind: 'confidential', redirect_uris: 'https://a.example/cb' }
    await root.post('/admin/clients', { ...people, client_id: 'post', auth_method: 'client_secret_post' })
    expect(await house.clients.find('post')).toMatchObject({
      tokenEndpointAuthMethod: 'client_secret_post',
    })
    const jwks_uri = 'https://a.example/keys'
    const signed = { ...people, client_id: 'jwt', auth_method: 'private_key_jwt', jwks_uri }
    const answer = await root.post('/admin/clients', signed)
    expect(answer.html).not.toContain('data-client-secret')
    expect(await house.clients.find('jwt')).toMatchObject({
      tokenEndpointAuthMethod: 'private_key_jwt',
      secretDigest: null,
    })
  })

  it.each([
    ['no name', { client_name: '' }, 'Give the client a name'],
    ['no redirect address', { redirect_uris: '' }, 'at least one redirect'],
    ['a dangerous redirect address', { redirect_uris: 'javascript:alert(1)' }, 'Nothing was saved'],
    ['an id that is taken', { client_id: 'client-1' }, 'already'],
    ['an id with a slash (F21)', { client_id: 'https://a.example/x' }, 'letters, digits'],
    ['an unknown kind', { kind: 'admin' }, 'Choose what kind'],
    ['a machine without limits', { kind: 'machine' }, 'what the machine may use'],
    ['a secret for an app', { auth_method: 'client_secret_post' }, 'keeps no secret'],
    ['questions about tokens for an app', { introspects: 'https://notes.example/mcp' }, 'cannot prove itself'],
    ['signatures without keys', { kind: 'confidential', auth_method: 'private_key_jwt' }, 'address of its keys'],
  ])('with %s is refused', async (_title, over, words) => {
    const house = await openHouse()
    await house.addClient('client-1')
    const root = await withToken(house)
    const fields = {
      client_name: 'Mine',
      client_id: '',
      kind: 'public',
      redirect_uris: 'https://a.example/cb',
      ...over,
    }
    const answer = await root.post('/admin/clients', fields)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(words)
    expect(await house.clients.list()).toHaveLength(1)
  })
})

describe('who may ask about tokens', () => {
  const machine = { clientId: 'nightly', clientName: 'Nightly', grantTypes: ['client_credentials'] }
  const shown = (html: string) => /data-introspects>(.*?)<\/dd>/s.exec(html)?.[1] ?? ''

  it('is set and cleared on the page of the client, shown there and on the page of the server, and in the book', async () => {
    const house = await openHouse()
    const root = await withToken(house)
    const gone = 'https://gone.example/mcp'
    await addClient(house.clientDesk, { ...machine, introspects: [gone] }, { actor: 'operator' })
    const page = await root.get(show('nightly'))
    expect(shown(page.html)).toContain(gone)
    expect(shown(page.html)).toContain('not registered here')
    // A program of one's own needs no host that proves it, and nobody is sent back to it.
    expect(page.text).toContain('none needed: an administrator added it')
    expect(page.text).not.toContain('nobody vouches')
    expect(page.text).not.toContain('Answers go to')
    const server = `/admin/resources/${house.notes.id}`
    expect((await root.get(server)).html).toMatch(/data-introspectors>.*<li>nobody<\/li>/s)

    const set = (introspects: string[]) =>
      root.post('/admin/clients/introspects', { client_id: 'nightly', introspects })
    const answer = await set([house.notes.identifier, 'https://made-up.example/mcp', 'x'])
    expect(answer.headers.get('location')).toBe('/admin/clients/show?id=nightly&done=introspects')
    expect((await house.clients.find('nightly'))?.introspects).toEqual([house.notes.identifier])
    const after = await root.get(`${show('nightly')}&done=introspects`)
    expect(after.text).toContain('Saved: whose tokens')
    expect(shown(after.html)).toContain(server)
    expect(after.html).not.toContain(gone)
    expect((await root.get(server)).html).toMatch(/data-introspectors>.*<a href="\/admin\/clients\/show\?id=nightly">/s)

    await set([])
    expect((await house.clients.find('nightly'))?.introspects).toEqual([])
    expect(shown((await root.get(show('nightly'))).html)).toBe('')
    await house.audit.flush()
    const events = await house.audit.list({ type: 'client.introspection_changed', limit: 10 })
    expect(events.map(({ actor, clientId, detail }) => [actor, clientId, detail])).toEqual([
      ['account:root', 'nightly', { clientName: 'Nightly', added: [], removed: [house.notes.identifier] }],
      ['account:root', 'nightly', { clientName: 'Nightly', added: [house.notes.identifier], removed: [gone] }],
    ])
    expect((await root.get('/admin/audit')).text).toContain('about whose tokens “Nightly” may ask')
  })

  it('is nothing that a stranger, an app or a client of the file is offered, or given (G21)', async () => {
    const house = await openHouse()
    const root = await withToken(house)
    const by = { actor: 'operator' } as const
    await house.addClient('client-1')
    await house.addClient('https://a.example/client.json', { origin: 'document' })
    await house.addClient('of-file', { origin: 'operator', setByFile: true })
    const app = { clientId: 'app', tokenEndpointAuthMethod: 'none', redirectUris: ['https://a.example/cb'] }
    await addClient(house.clientDesk, app, by)
    const refusals = { 'client-1': 409, 'https://a.example/client.json': 409, 'of-file': 409, app: 400, nobody: 404 }
    for (const [client_id, status] of Object.entries(refusals)) {
      expect((await root.get(show(client_id))).html).not.toContain('/admin/clients/introspects')
      const answer = await root.post('/admin/clients/introspects', { client_id, introspects: house.notes.identifier })
      expect([client_id, answer.status]).toEqual([client_id, status])
      expect((await house.clients.find(client_id))?.introspects ?? []).toEqual([])
    }
    await addClient(house.clientDesk, machine, by)
    const member = await withToken(house, 'ada')
    const tried = await member.post('/admin/clients/introspects', {
      client_id: 'nightly',
      introspects: house.notes.identifier,
    })
    expect(tried.status).toBe(404)
    expect((await house.clients.find('nightly'))?.introspects).toEqual([])
  })
})

describe('the clean-up', () => {
  async function withOldClients() {
    const house = await openHouse()
    await house.addClient('old', { name: 'Old' })
    await house.addClient('connected', { name: 'Connected' })
    await house.addClient('young', { name: 'Young' })
    const longAgo = systemClock.now().getTime() - 100 * 86_400_000
    await house.database.sql.run("UPDATE client SET created_at = ? WHERE id <> 'young'", [longAgo])
    await house.connect('g', { clientId: 'connected' })
    return { house, root: await withToken(house) }
  }
  const field = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''

  it('shows what would go, and removes exactly that (D01)', async () => {
    const { house, root } = await withOldClients()
    const page = await root.get('/admin/clients/clean-up?unused_hours=24&idle_days=')
    expect(page.text).toContain('“Old”')
    expect(page.text).not.toContain('“Connected”')
    expect(await house.clients.list()).toHaveLength(3)
    const fields = {
      unused_hours: '24',
      idle_days: '',
      as_of: field(page.html, 'as_of'),
      token: field(page.html, 'token'),
    }
    expect(await root.post('/admin/clients/clean-up', { ...fields, unused_hours: '1' })).toMatchObject({ status: 409 })
    const answer = await root.post('/admin/clients/clean-up', fields)
    expect(answer.headers.get('location')).toBe('/admin/clients/clean-up?removed=1')
    expect((await house.clients.list()).map(({ id }) => id).sort()).toEqual(['connected', 'young'])
    expect((await root.get('/admin/clients/clean-up?removed=1')).text).toContain('1 client is removed')
  })

  it('shows the new preview when something changed meanwhile, and removes nothing', async () => {
    const { house, root } = await withOldClients()
    const page = await root.get('/admin/clients/clean-up?unused_hours=24')
    await house.connect('h', { clientId: 'old' })
    const fields = { unused_hours: '24', as_of: field(page.html, 'as_of'), token: field(page.html, 'token') }
    const answer = await root.post('/admin/clients/clean-up', fields)
    expect(answer).toMatchObject({ status: 409 })
    expect(answer.text).toContain('Nothing would go')
    expect(await house.clients.list()).toHaveLength(3)
  })

  it.each(['unused_hours=&idle_days=', 'unused_hours=0', 'idle_days=1e3', 'unused_hours=-1', 'idle_days=99999'])(
    '%s is refused in words',
    async (query) => {
      const { root } = await withOldClients()
      const page = await root.get(`/admin/clients/clean-up?${query}`)
      expect(page.status).toBe(400)
      expect(page.html).toContain('role="alert"')
    },
  )
})
