import { describe, expect, it } from 'vitest'
import { createOverviewStore, rememberOverview, windowSize } from '../../src/admin/overview/store.ts'
import { openHouse } from '../me/room.ts'

const day = 86_400_000

describe('the home page', () => {
  it('leads to the first connected client: four steps, every address, a line for each client', async () => {
    const house = await openHouse()
    const { name, text, html } = await house.browserOf('root').get('/admin')
    expect(name).toBe('home')
    expect(html.match(/data-done="true"/g)).toHaveLength(1)
    for (const value of [
      'http://localhost:8414/.well-known/oauth-authorization-server',
      'https://notes.example/.well-known/oauth-protected-resource/mcp',
      'claude mcp add --transport http acme-notes https://notes.example/mcp',
      'npx @modelcontextprotocol/inspector --transport http --server-url https://notes.example/mcp',
      'Claude Code',
      'ChatGPT',
      'VS Code',
      'Cursor',
    ]) {
      expect(text).toContain(value)
    }
  })

  it('shows no checklist any more once somebody has allowed a client', async () => {
    const house = await openHouse()
    await house.addClient('client-1')
    await house.connect('hers')
    const { html } = await house.browserOf('root').get('/admin')
    expect(html).not.toContain('data-done="false"')
    expect(html).toContain('data-figure="connections">1<')
  })

  it('tells what happens in sentences, names as claims and as text (G21)', async () => {
    const house = await openHouse()
    await house.addClient('client-1', { name: '<script>x</script>' })
    const { identifier: resource } = house.notes
    await house.audit.record({ type: 'token.issued', actor: 'client:client-1', clientId: 'client-1', resource })
    const { html } = await house.browserOf('root').get('/admin/feed')
    expect(html).not.toContain('<script>x')
    expect(html).toContain('<bdi>“&lt;script&gt;x&lt;/script&gt;”</bdi> got a token for <b>Acme Notes</b>')
  })

  it('renews the list by itself sixty times, then stops, so that a forgotten tab does not stay signed in', async () => {
    const house = await openHouse()
    const root = house.browserOf('root')
    expect((await root.get('/admin')).html).toContain('hx-get="/admin/feed?beat=1"')
    expect((await root.get('/admin/feed?beat=59')).html).toContain('hx-get="/admin/feed?beat=60"')
    for (const beat of ['60', '61', '-1', 'x', '1e9']) {
      expect((await root.get(`/admin/feed?beat=${beat}`)).html).not.toContain('hx-get')
    }
  })

  it('loads scripts of our own files only, and no page outside the console loads any', async () => {
    const house = await openHouse()
    const page = await house.browserOf('root').get('/admin')
    expect(page.headers.get('content-security-policy')).toMatch(/; script-src 'self'; connect-src 'self'$/)
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    expect(page.html.match(/<script[^>]*>[^<]/g)).toBeNull()
    expect((await house.browserOf('ada').get('/account/sessions')).html).not.toContain('<script')
  })

  it('groups what was refused by what to do, and offers a spelling as an alias', async () => {
    const house = await openHouse()
    const refused = { type: 'authorization.refused', actor: 'system' } as const
    for (const resource of ['https://notes.example/', 'https://notes.example/', 'https://evil.example/x']) {
      await house.audit.record({ ...refused, resource, detail: { error: 'invalid_target' } })
    }
    await house.audit.record({ ...refused, detail: { error: 'access_denied' } })
    await house.audit.record({ type: 'refresh.reused', actor: 'system', detail: { revoked: true } })
    await house.audit.record({
      type: 'client.registration_refused',
      actor: 'system',
      detail: { error: 'invalid_redirect_uri' },
    })
    const { html, text } = await house.browserOf('root').get('/admin')
    expect([...html.matchAll(/data-refusal="(\w+)"/g)].map(([, code]) => code).sort()).toEqual([
      'denied',
      'registration',
      'reuse',
      'unknownServer',
    ])
    expect(html).toContain(`/admin/resources/${house.notes.id}?alias=${encodeURIComponent('https://notes.example')}`)
    expect(text).toContain('https://evil.example/x')
    expect(html).toContain('data-figure="refused">6<')
    expect(html).toContain('data-figure="reuse">1<')
  })

  it('forgets what is older than a day', async () => {
    const house = await openHouse()
    await house.audit.record({ type: 'refresh.reused', actor: 'system' })
    const overview = createOverviewStore(house.database)
    expect(await overview.hours(new Date(Date.now() - day))).not.toEqual([])
    expect(await overview.hours(new Date(Date.now() + 1000))).toEqual([])
  })

  it('asks for what it counts once in five seconds, however many look', async () => {
    const house = await openHouse()
    let asked = 0
    let now = new Date(0)
    const store = createOverviewStore(house.database)
    const counted = { ...store, connections: () => store.connections().finally(() => (asked += 1)) }
    const overview = rememberOverview(counted, () => now)
    await Promise.all([overview.connections(), overview.connections()])
    expect(asked).toBe(1)
    now = new Date(6000)
    await overview.connections()
    expect(asked).toBe(2)
  })

  it('reads a bounded number of events', () => expect(windowSize).toBeLessThanOrEqual(10_000))
})
