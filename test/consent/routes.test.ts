import { describe, expect, it } from 'vitest'
import type { AskingClient } from '../../src/consent/client-card.ts'
import type { Consent } from '../../src/consent/consent.ts'
import { ada, addGrant, anAuthorization, notes, openRoom, registered } from './room.ts'

const page = '/interaction/uid-1/consent'
const proven: AskingClient = { ...registered, origin: 'document', provenHost: 'claude.ai', claimedName: 'Claude Code' }

const consent: Consent = {
  id: 'earlier',
  accountId: 'ada',
  clientId: 'client-1',
  redirectHost: 'app.example',
  resourceId: notes.id,
  scopes: ['notes:read'],
  metadataDigest: 'digest-1',
  stayConnected: true,
  grantedAt: new Date('2026-01-01T00:00:00Z'),
  expiresAt: undefined,
  revokedAt: undefined,
}

function boxes(html: string): Record<string, string> {
  const found = [...html.matchAll(/<input type="checkbox"[^>]* name="scope" value="([^"]+)"([^>]*)>/g)]
  return Object.fromEntries(found.map(([, scope, rest]) => [scope, (rest ?? '').trim()]))
}

describe('the consent page tells the truth (G24)', () => {
  it('in one sentence: who wants what as whom', async () => {
    const { browser } = await openRoom({ client: proven })
    const seen = await browser.get(page)
    expect(seen.status).toBe(200)
    expect(seen.name).toBe('consent')
    expect(seen.text).toContain('“Claude Code” from claude.ai wants to use Acme Notes as you')
    expect(seen.text).toContain('notes.example/mcp')
    expect(seen.text).toContain('Ada ada@acme.example')
    expect(seen.text).toContain('not you? switch')
  })

  it.each([
    ['a proven domain', proven, 'https://claude.ai/cb', 'domain-proven', 'claude.ai'],
    [
      'an administrator’s client',
      { ...registered, origin: 'operator' as const },
      'http://localhost:1/cb',
      'operator',
      'added by your admin',
    ],
    ['one that registered itself', registered, 'https://app.example/cb', 'unverified', 'registered itself, unverified'],
    [
      'one with a private scheme',
      registered,
      'cursor://anysphere.cursor-mcp/cb',
      'unverified',
      'registered itself, unverified',
    ],
    [
      'a program on this computer',
      registered,
      'http://127.0.0.1:5/cb',
      'local-program',
      'local program on this computer',
    ],
  ])('%s has its own badge', async (_title, client, redirectUri, identity, words) => {
    const { browser } = await openRoom({ client, authorization: anAuthorization({ redirectUri }) })
    const seen = await browser.get(page)
    expect(seen.html).toContain(`data-identity="${identity}"`)
    expect(seen.text).toContain(words)
  })

  it('a name that is only claimed stands in quotes, the proven host in the same heading (F17, D10)', async () => {
    const { browser } = await openRoom()
    const seen = await browser.get(page)
    expect(seen.text).toContain('A client that calls itself “Claude” wants to use Acme Notes as you')
    const provenPage = await (await openRoom({ client: proven })).browser.get(page)
    expect(/<h1.*<\/h1>/s.exec(provenPage.html)?.[0]).toContain('<bdi class="proven">claude.ai</bdi>')
  })

  it.each([
    [
      'http://localhost:51999/cb',
      ['a program on this computer', 'localhost:51999', 'Continue only if you started this just now'],
    ],
    [
      'cursor://anysphere.cursor-mcp/oauth/cb?x=1',
      ['answers to cursor://', 'cursor://anysphere.cursor-mcp/oauth/cb', 'Any app on this device'],
    ],
    ['com.example.app:/cb', ['answers to com.example.app:', 'Continue only if you started this just now']],
    ['https://app.example:8443/cb', ['app.example:8443', 'another host than claude.ai']],
    ['https://xn--pple-43d.example/cb', ['xn--pple-43d.example', 'letters beyond a to z']],
  ])('says where %s takes the answer (A12, A13, A15)', async (redirectUri, words) => {
    const { browser } = await openRoom({ client: proven, authorization: anAuthorization({ redirectUri }) })
    const { text } = await browser.get(page)
    for (const word of words) expect(text).toContain(word)
  })

  it('a hostile name is text, kept apart from the sentence (D11, D12)', async () => {
    const claimedName = '<img src=x onerror=alert(1)>" onmouseover="x </title>{{7*7}}'
    const { browser } = await openRoom({ client: { ...registered, claimedName } })
    const { html } = await browser.get(page)
    expect(html).not.toContain('<img')
    expect(html).not.toContain('" onmouseover="')
    expect(html).toContain(
      '<bdi class="claimed">&lt;img src=x onerror=alert(1)&gt;&quot; onmouseover=&quot;x &lt;/title&gt;{{7*7}}</bdi>',
    )
  })

  it('a destructive permission is named so and not ticked, the required one is locked (E12)', async () => {
    const { browser } = await openRoom()
    const { html, text } = await browser.get(page)
    expect(boxes(html)).toEqual({ 'notes:read': 'checked disabled', 'notes:write': 'checked', 'notes:delete': '' })
    expect(text).toContain('Cannot be undone')
    expect(text.indexOf('Delete your notes for good')).toBeLessThan(text.indexOf('Read your notes'))
  })

  it('each permission unfolds to the tools that it opens, and to its scope where nobody named any', async () => {
    const { browser } = await openRoom({})
    const seen = await browser.get(page)
    const unfolding = [...seen.html.matchAll(/<summary>([^<]*)<\/summary>\s*(?:<ul[^>]*>(.*?)<\/ul>)?/g)]
    const words = unfolding.map(([, summary, list = '']) => [
      summary,
      [...list.matchAll(/<code>(.*?)<\/code>/g)].length,
    ])
    expect(words.slice(0, 3)).toEqual([
      ['How programs call it', 0],
      ['opens 1 tool', 1],
      ['opens 2 tools', 2],
    ])
    expect(seen.html).toContain('<code>search_notes</code>')
    expect(seen.text).toContain('How programs call it: notes:read')
  })

  it('Deny and Allow are two buttons of one form', async () => {
    const { browser } = await openRoom()
    const { html } = await browser.get(page)
    expect(html).toMatch(
      /<div class="actions">\s*<button type="submit" name="decision" value="deny"[^>]*>Deny<\/button>\s*<button type="submit" name="decision" value="allow"[^>]*>Allow<\/button>/,
    )
  })

  it('shows stay connected only to a client that may refresh', async () => {
    expect((await (await openRoom()).browser.get(page)).text).toContain('Stay connected')
    expect(
      (await (await openRoom({ client: { ...registered, grantTypes: ['authorization_code'] } })).browser.get(page))
        .text,
    ).not.toContain('Stay connected')
  })

  it('asked again, it says why and what is new beside what was allowed (E11)', async () => {
    const room = await openRoom()
    await room.store.grant(consent)
    const { html, text } = await room.browser.get(page)
    expect(html).toContain('data-reason="new-scope"')
    expect(text).toContain('It asks for more than you allowed before.')
    expect(text).toContain('Already allowed: Read your notes.')
    expect(text).toContain('New: Change your notes · Delete your notes for good.')
  })
})

describe('Allow', () => {
  it('writes a consent, makes a grant of the ticked scopes and goes on by a page of ours', async () => {
    const room = await openRoom({ consentLifetimeSeconds: 60 })
    await room.browser.get(page)
    const answer = await room.browser.post(page, {
      decision: 'allow',
      scope: ['notes:delete'],
      stay_connected: ['no', 'yes'],
    })
    expect(answer.status).toBe(200)
    expect(answer.continueTo).toBe('/authorize/uid-1')
    expect(room.grants).toMatchObject([{ scopes: ['notes:read', 'notes:delete'], stayConnected: true }])
    expect(room.outcomes).toEqual([{ uid: 'uid-1', grantId: 'grant-1' }])
    const [stored] = await room.store.listForClient('ada', 'client-1')
    expect(stored).toMatchObject({
      scopes: ['notes:delete', 'notes:read'],
      redirectHost: 'app.example',
      resourceId: 'notes-id',
      metadataDigest: 'digest-1',
      stayConnected: true,
    })
    expect((stored?.expiresAt?.getTime() ?? 0) - (stored?.grantedAt.getTime() ?? 0)).toBe(60_000)
    const events = await room.database.sql.all<{ type: string; address: string }>(
      'SELECT type, address FROM audit_event',
    )
    expect(events).toEqual([{ type: 'consent.granted', address: '192.0.2.7' }])
  })

  it('without stay connected leaves offline_access out', async () => {
    const room = await openRoom({ authorization: anAuthorization({ identityScopes: ['openid', 'offline_access'] }) })
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow', stay_connected: 'no' })
    expect(room.grants).toMatchObject([{ identityScopes: ['openid'], stayConnected: false }])
  })

  it('an edited form gives nothing beyond the stored request, and is logged (G04)', async () => {
    const room = await openRoom({ authorization: anAuthorization({ scopes: ['notes:read'] }) })
    await room.browser.get(page)
    await room.browser.post(page, {
      decision: 'allow',
      scope: ['notes:read', 'notes:delete', 'admin'],
      resource: 'https://other.example/mcp',
      client_id: 'client-2',
    })
    expect(room.grants).toMatchObject([{ scopes: ['notes:read'], clientId: 'client-1', resource: notes.identifier }])
    expect(room.warnings).toMatchObject([
      { foreign: ['notes:delete', 'admin'], unknownFields: ['resource', 'client_id'] },
    ])
  })

  it('with every box left empty is a no', async () => {
    const room = await openRoom({ authorization: anAuthorization({ scopes: ['notes:write'] }) })
    await room.browser.get(page)
    const answer = await room.browser.post(page, { decision: 'allow' })
    expect(answer.error).toBe('access_denied')
    expect(room.outcomes).toEqual([{ uid: 'uid-1', denied: true }])
    expect(room.grants).toEqual([])
  })

  it('at a server without scopes connects', async () => {
    const room = await openRoom({ authorization: anAuthorization({ scopes: [] }), resource: { ...notes, scopes: [] } })
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow' })
    expect(room.grants).toMatchObject([{ scopes: [] }])
  })

  it('replaces the consent of the same key and keeps other installations connected (E11)', async () => {
    const room = await openRoom()
    await room.store.grant({ ...consent, scopes: ['notes:list', 'notes:read'] })
    await addGrant(room.database, {
      id: 'laptop',
      accountId: 'ada',
      clientId: 'client-1',
      consentId: 'earlier',
      resource: notes.identifier,
      scopes: ['notes:read'],
    })
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow', scope: ['notes:write'] })
    const standing = await room.store.listForClient('ada', 'client-1')
    expect(standing).toHaveLength(1)
    expect(standing[0]?.scopes).toEqual(['notes:list', 'notes:read', 'notes:write'])
    expect([...(await room.store.grantIdsOf(standing[0]?.id ?? ''))].sort()).toEqual(['grant-1', 'laptop'])
  })

  it('leaves a consent for another redirect host alone (G01)', async () => {
    const room = await openRoom()
    await room.store.grant({ ...consent, redirectHost: 'other.example' })
    expect((await room.browser.get(page)).html).toContain('data-reason="new-redirect-host"')
    await room.browser.post(page, { decision: 'allow' })
    expect(await room.store.listForClient('ada', 'client-1')).toHaveLength(2)
  })

  it('clicked twice makes one consent and one grant; both answers go on (G12)', async () => {
    const room = await openRoom()
    await room.browser.get(page)
    const first = await room.browser.post(page, { decision: 'allow' })
    const second = await room.browser.post(page, { decision: 'allow' })
    expect([first.continueTo, second.continueTo]).toEqual(['/authorize/uid-1', '/authorize/uid-1'])
    expect(room.grants).toHaveLength(1)
    expect(room.outcomes.map(({ grantId }) => grantId)).toEqual(['grant-1', 'grant-1'])
  })

  it('sent many times at once makes one consent and one grant (G12)', async () => {
    const room = await openRoom()
    await room.browser.get(page)
    const token = room.browser.token
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => room.browser.post(page, { decision: 'allow' }, token)),
    )
    expect(room.grants).toHaveLength(1)
    expect(await room.store.listForClient('ada', 'client-1')).toHaveLength(1)
    for (const answer of answers)
      expect(answer.continueTo ?? answer.error).toMatch(/^(\/authorize\/uid-1|already_answered)$/)
  })
})

describe('Deny', () => {
  it('tells the library and grants nothing', async () => {
    const room = await openRoom({ client: proven })
    await room.browser.get(page)
    const answer = await room.browser.post(page, { decision: 'deny', scope: ['notes:write'] })
    expect(answer).toMatchObject({ name: 'error', error: 'access_denied', continueTo: '/authorize/uid-1' })
    expect(room.outcomes).toEqual([{ uid: 'uid-1', denied: true }])
    expect(await room.store.listForClient('ada', 'client-1')).toEqual([])
    const events = await room.database.sql.all<{ type: string }>('SELECT type FROM audit_event')
    expect(events.map(({ type }) => type)).toEqual(['consent.denied'])
  })

  it.each([
    ['a stranger’s website waits for the person', registered, 'https://app.example/cb', false],
    ['a proven client is told at once', proven, 'https://claude.ai/cb', true],
    ['a local program is told at once', registered, 'http://localhost:1/cb', true],
    ['an app is told at once', registered, 'cursor://anysphere.cursor-mcp/cb', true],
  ])('%s (A16)', async (_title, client, redirectUri, atOnce) => {
    const room = await openRoom({ client, authorization: anAuthorization({ redirectUri }) })
    await room.browser.get(page)
    const { html } = await room.browser.post(page, { decision: 'deny' })
    expect(html.includes('http-equiv="refresh"')).toBe(atOnce)
  })

  it('after Allow (back button) takes back what Allow gave (G12)', async () => {
    const room = await openRoom()
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow' })
    await room.browser.post(page, { decision: 'deny' })
    expect(await room.store.listForClient('ada', 'client-1')).toEqual([])
    expect(await room.database.sql.all('SELECT id FROM protocol_grant')).toEqual([])
    const again = await room.browser.post(page, { decision: 'allow' })
    expect(again).toMatchObject({ status: 409, error: 'already_answered' })
  })
})

describe('a person who cannot answer sees a friendly page', () => {
  it.each([
    ['expired, unknown or another browser’s (G05, G13)', { authorization: null }, 400, 'interaction_expired'],
    [
      'the interaction of another tab (G12)',
      { authorization: anAuthorization({ uid: 'uid-2' }) },
      400,
      'interaction_expired',
    ],
    ['a client removed meanwhile', { client: null }, 400, 'unknown_client'],
    ['a client that left a tombstone', { client: { ...registered, state: 'removed' as const } }, 400, 'unknown_client'],
    ['a blocked client', { client: { ...registered, state: 'blocked' as const } }, 403, 'client_blocked'],
    [
      'a client that waits for approval',
      { client: { ...registered, state: 'pending' as const } },
      403,
      'client_pending',
    ],
    ['an MCP server removed meanwhile', { resource: null }, 400, 'unknown_resource'],
    ['an account disabled meanwhile', { account: { ...ada, state: 'disabled' as const } }, 403, 'account_disabled'],
  ])('%s', async (_title, options, status, error) => {
    const room = await openRoom(options)
    const seen = await room.browser.get(page)
    expect(seen).toMatchObject({ status, error, name: 'error' })
    expect(seen.text).not.toContain('Acme Notes as you')
    expect(room.outcomes).toEqual([])
  })

  it('a form that says neither allow nor deny grants nothing', async () => {
    const room = await openRoom()
    await room.browser.get(page)
    expect(await room.browser.post(page, { decision: 'ALLOW' })).toMatchObject({ status: 400, error: 'bad_request' })
    expect(room.outcomes).toEqual([])
  })

  it('a form of another site grants nothing (G03)', async () => {
    const room = await openRoom()
    await room.browser.get(page)
    expect(await room.browser.post(page, { decision: 'allow' }, 'forged')).toMatchObject({ status: 403 })
    expect(room.outcomes).toEqual([])
  })

  it('nobody signed in leads to the sign-in', async () => {
    const room = await openRoom({ authorization: anAuthorization({ prompt: 'login', accountId: undefined }) })
    expect((await room.browser.get(page)).html).toBe('sign-in of uid-1')
  })

  it('“not you?” leads to the sign-in of the same interaction (G02)', async () => {
    const room = await openRoom()
    await room.browser.get(page)
    expect((await room.browser.post('/interaction/uid-1/switch', {})).html).toBe('sign-in of uid-1')
  })
})
