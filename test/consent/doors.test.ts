// Who stands before the pages: the wrong person, the wrong tab, a client that changed in between, an edited form.
import { describe, expect, it } from 'vitest'
import { mostCounted } from '../../src/consent/page.ts'
import type { AuthorizationInProgress } from '../../src/oauth/interaction.ts'
import { Browser } from './browser.ts'
import { proven } from './question.ts'
import { ada, anAuthorization, notes, openRoom, registered } from './room.ts'

const page = '/interaction/uid-1/consent'
const acts = ['consent', 'block', 'unblock', 'vouch'] as const

/** A room whose authorization is another one from a moment on. */
async function openChanging(first: AuthorizationInProgress) {
  let authorization: AuthorizationInProgress | null = first
  const room = await openRoom({
    account: { ...ada, role: 'admin' },
    get authorization() {
      return authorization
    },
  })
  const change = (next: AuthorizationInProgress | null) => {
    authorization = next
  }
  return { ...room, change }
}

describe('whoever is to sign in first', () => {
  it.each([
    ['nobody is signed in', { prompt: 'consent' as const, accountId: undefined }],
    ['the client wants a fresh sign-in', { prompt: 'login' as const, accountId: 'ada' }],
  ])('sees the sign-in on every address, and does nothing: %s (G02)', async (_title, over) => {
    const room = await openChanging(anAuthorization())
    await room.browser.get(page)
    room.change(anAuthorization(over))
    expect((await room.browser.get(page)).html).toBe('sign-in of uid-1')
    for (const act of acts) {
      const answer = await room.browser.post(`/interaction/uid-1/${act}`, { decision: 'allow' })
      expect(answer).toMatchObject({ status: 200, html: 'sign-in of uid-1' })
    }
    expect(room.outcomes).toEqual([])
    expect(room.grants).toEqual([])
    expect(room.adminActs).toEqual([])
  })
})

describe('an authorization that is over', () => {
  it.each([
    ['answered, or too old', null],
    ['another tab’s', anAuthorization({ uid: 'uid-2' })],
  ])('does nothing on any address: %s (G05, G12, G13)', async (_title, other) => {
    const room = await openChanging(anAuthorization())
    await room.browser.get(page)
    room.change(other)
    for (const act of [...acts, 'switch', 'answer'])
      expect(await room.browser.post(`/interaction/uid-1/${act}`, { decision: 'allow' })).toMatchObject({
        status: 400,
        error: 'interaction_expired',
      })
    expect(room.outcomes).toEqual([])
    expect(room.adminActs).toEqual([])
  })

  it('addresses are as they are written', async () => {
    const { browser } = await openRoom()
    expect((await browser.get('/interaction/uid-1/Consent')).status).toBe(404)
  })
})

describe('an administrator (G19)', () => {
  const admin = { ...ada, role: 'admin' as const }

  it.each([
    ['proved too little for the console', { lacksSecondFactor: true }],
    ['has no session here', null],
    ['sits at the session of somebody else', { account: { ...admin, id: 'eve' } }],
  ])('who %s decides for themselves alone', async (_title, session) => {
    const room = await openRoom({ account: admin, session })
    const seen = await room.browser.get(page)
    expect(seen.html).not.toContain('/vouch')
    expect(seen.text).not.toContain('Block it for everyone')
    expect(await room.browser.post('/interaction/uid-1/vouch', {})).toMatchObject({ status: 404 })
    const blocked = await room.browser.post('/interaction/uid-1/block', {})
    expect(blocked.text).toContain('cannot ask you any more')
    expect(room.adminActs).toEqual([])
  })
})

describe('a client that changed while the person read (D13)', () => {
  it('is answered nothing; the person starts again', async () => {
    const room = await openChanging(anAuthorization({ clientDigest: 'digest-1' }))
    expect((await room.browser.get(page)).status).toBe(200)
    room.change(anAuthorization({ clientDigest: 'digest-0' }))
    const answer = await room.browser.post(page, { decision: 'allow' })
    expect(answer).toMatchObject({ status: 409, error: 'client_changed' })
    expect(answer.text).toContain('Nothing was allowed')
    expect(room.grants).toEqual([])
    room.change(anAuthorization({ clientDigest: 'digest-1' }))
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow' })
    expect(room.grants).toHaveLength(1)
  })
})

describe('the log of edited forms (G04)', () => {
  it.each([
    ['nothing', {}, []],
    ['a scope', { scope: ['notes:read', 'admin'] }, [{ clientId: 'client-1', foreign: ['admin'], unknownFields: [] }]],
    ['a field', { resource: 'x' }, [{ clientId: 'client-1', foreign: [], unknownFields: ['resource'] }]],
  ])('has a line for %s that no page of ours sends', async (_title, fields, lines) => {
    const room = await openRoom()
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow', ...fields })
    expect(room.warnings).toHaveLength(lines.length)
    expect(room.warnings).toMatchObject(lines)
  })
})

describe('the book', () => {
  it.each([
    [
      'allow',
      'consent.granted',
      {
        consentId: expect.stringMatching(/^[\w-]{22}$/),
        scopes: ['notes:read', 'notes:write'],
        redirectHost: 'app.example',
        stayConnected: true,
        reason: 'new-client',
        expiresAt: expect.stringMatching(/Z$/),
      },
    ],
    ['deny', 'consent.denied', { scopes: ['notes:read', 'notes:write'], redirectHost: 'app.example' }],
  ])('tells of %s who, what and where to', async (decision, type, detail) => {
    const room = await openRoom({ authorization: anAuthorization({ scopes: ['notes:read', 'notes:write'] }) })
    await room.browser.get(page)
    await room.browser.post(page, { decision, scope: ['notes:write'], duration: 'hour' })
    const [event, ...others] = await room.database.sql.all<{ detail: string }>(
      'SELECT type, actor, account_id, client_id, resource, detail FROM audit_event',
    )
    expect(others).toEqual([])
    expect({ ...event, detail: JSON.parse(event?.detail ?? '') }).toEqual({
      type,
      actor: 'account:ada',
      account_id: 'ada',
      client_id: 'client-1',
      resource: notes.identifier,
      detail,
    })
  })
})

describe('the page', () => {
  it('counts people to a thousand and says so', async () => {
    const room = await openRoom()
    const fill = (from: number, to: number) =>
      room.database.sql.run(
        `WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
         SELECT 'c' || i, 'a' || i, 'client-1', 'loopback', 'r', '', 'd', 1, i FROM n`,
        [from, to],
      )
    await fill(1, mostCounted)
    expect((await room.browser.get(page)).text).toContain('1,000 people here use it')
    await fill(mostCounted + 1, mostCounted + 7)
    expect((await room.browser.get(page)).text).toContain('more than 1,000 people here use it')
  })

  it('may be answered for a program on another machine', async () => {
    const room = await openRoom({ authorization: anAuthorization({ redirectUri: 'http://127.0.0.1:5/cb' }) })
    await room.browser.get(page)
    await room.browser.post(page, { decision: 'allow', by_hand: 'yes' })
    expect(room.outcomes).toEqual([{ uid: 'uid-1', grantId: 'grant-1', byHand: true }])
  })

  it('has a tile, an address and words of its own for who comes back (G11)', async () => {
    const answered = {
      uid: 'uid-1',
      clientId: 'client-1',
      resource: notes.identifier,
      target: 'http://127.0.0.1:5/cb?code=c',
      byHand: false,
    }
    const known = await openRoom({ answered, client: proven })
    expect((await known.browser.get(page)).text).toContain('“Claude” may use Acme Notes as you.')
    const gone = await openRoom({ answered, client: null, resource: null })
    expect((await gone.browser.get(page)).text).toContain('“client-1” may use https://notes.example/mcp as you.')
    // Another tab's answer is not this one's.
    const other = await openRoom({ answered: { ...answered, uid: 'uid-2' } })
    expect((await other.browser.get(page)).name).toBe('consent')
    const asked = await other.browser.post('/interaction/uid-1/answer', {})
    expect(asked.html).not.toContain('code=c')
  })
})

describe('what went wrong is said in the person’s language', () => {
  const german = (url: string) => new Browser(url, { 'Accept-Language': 'de' })

  it.each([
    ['a form without a decision', 'consent', {}, 'Wählen Sie Erlauben oder Ablehnen.'],
    ['a duration of its own', 'consent', { decision: 'allow', duration: 'x' }, 'Wählen Sie eine der Zeitspannen.'],
    ['what only administrators may', 'vouch', {}, 'Unter dieser Adresse gibt es keine Seite'],
  ])('%s', async (_title, act, fields, words) => {
    const browser = german((await openRoom()).url)
    await browser.get(page)
    expect((await browser.post(`/interaction/uid-1/${act}`, fields)).text).toContain(words)
  })

  it('an MCP server that is gone', async () => {
    const room = await openRoom({ resource: null, client: registered })
    expect((await german(room.url).get(page)).text).toContain('ist hier nicht mehr registriert')
  })
})
