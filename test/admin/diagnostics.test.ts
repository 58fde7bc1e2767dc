import { generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { startApp } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { authorizationRequest, connect, register, token } from '../support/flow.ts'

/** An administrator with a token of a client of their own. */
async function desk() {
  const app = await startApp()
  const ada = await app.person('ada', 'admin')
  const connected = await connect(app, ada)
  await app.app.rooms.audit.flush()
  const browser = new Browser(app.issuer)
  await browser.submit(await browser.open('/admin/diagnostics'), { email: ada.email, password: ada.password })
  const page = await browser.open('/admin/diagnostics')
  const read = async (pasted: string) => {
    const answer = await browser.post('/admin/diagnostics/token', { _csrf: csrfOf(page), token: pasted })
    return { ...answer, codes: [...answer.body.matchAll(/data-finding="([^"]*)"/g)].map(([, code]) => code) }
  }
  return { ...connected, app, ada, browser, page, read }
}

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

it('a good token is good in every respect, and is neither logged nor shown again', async () => {
  const { app, read, accessToken } = await desk()
  const answer = await read(`Authorization: Bearer ${accessToken}`)
  expect(answer.codes.sort()).toEqual([
    'audience_good',
    'client_good',
    'expires',
    'grant_alive',
    'issuer_good',
    'person',
    'scope_good',
    'signature_good',
    'typ_good',
  ])
  expect(answer.body).toContain('data-verdict="accept"')
  const signature = accessToken.split('.')[2] ?? 'none'
  expect(answer.body).not.toContain(signature)
  expect(app.log()).not.toContain(signature)
  const rows = await app.app.rooms.audit.list({ limit: 100 })
  expect(JSON.stringify(rows)).not.toContain(signature)
})

it('the token of a connection that was revoked or paused says so', async () => {
  const { app, read, accessToken } = await desk()
  const { sql } = app.app.rooms.database
  await sql.run('UPDATE protocol_grant SET paused_at = 1')
  expect((await read(accessToken)).codes).toContain('grant_paused')
  await sql.run('DELETE FROM protocol_grant')
  expect((await read(accessToken)).codes).toContain('grant_gone')
})

it.each([
  ['V06 two parts', 'a.b', 'segments'],
  ['V06 padding', 'eyJ9==.e30.AA', 'not_base64url'],
  ['V05 too long', 'a'.repeat(9000), 'too_long'],
  ['V07 encrypted', 'a.b.c.d.e', 'encrypted'],
  ['a refresh token', 'Zm9vYmFy', 'opaque'],
  ['V26 no object', `${part([1])}.${part('1')}.AA`, 'not_json'],
  ['V08 alg none', `${part({ alg: 'nOnE' })}.${part({})}.AA`, 'alg_none'],
  ['V09 HS256', `${part({ alg: 'HS256' })}.${part({})}.AA`, 'alg_symmetric'],
  ['V12 jku', `${part({ alg: 'ES256', jku: 'https://evil.example' })}.${part({})}.AA`, 'embedded_key'],
  ['V13 kid as an object', `${part({ alg: 'ES256', kid: {} })}.${part({})}.AA`, 'key_missing'],
  ['V14 crit', `${part({ alg: 'ES256', crit: ['b64'] })}.${part({})}.AA`, 'crit'],
  ['V16 an ID token', `${part({ alg: 'ES256', typ: 'JWT' })}.${part({})}.AA`, 'typ_id_token'],
  ['V19 several audiences', `${part({ alg: 'ES256' })}.${part({ aud: ['a', 'b'] })}.AA`, 'audience_many'],
  ['V20 exp as text', `${part({ alg: 'ES256' })}.${part({ exp: '1' })}.AA`, 'expiry_wrong'],
  ['V21 a long life', `${part({ alg: 'ES256' })}.${part({ iat: 1, exp: 9999 })}.AA`, 'life_long'],
  ['V23 not yet', `${part({ alg: 'ES256' })}.${part({ nbf: 9999999999 })}.AA`, 'not_yet'],
  ['V24 without claims', `${part({ alg: 'ES256' })}.${part({})}.AA`, 'claims_missing'],
  ['V25 a member twice', `${part({ alg: 'ES256' })}.${part('{"aud":"a","aud":"b"}')}.AA`, 'duplicate'],
])('%s', async (_title, pasted, code) => {
  const { read } = await desk()
  const answer = await read(pasted)
  expect(answer.status).toBe(200)
  expect(answer.codes).toContain(code)
  expect(answer.body).toContain('data-verdict="refuse"')
})

it('V10, V17, V18, V22, V30: another key, issuer, audience, a token that has ended, a changed one', async () => {
  const { app, read, accessToken } = await desk()
  const { privateKey } = await generateKeyPair('ES256')
  const foreign = await new SignJWT({ iss: `${app.issuer}/`, aud: 'http://localhost:9728/mcp/', exp: 1 })
    .setProtectedHeader({ alg: 'ES256', kid: 'theirs', typ: 'at+jwt' })
    .sign(privateKey)
  expect((await read(foreign)).codes).toEqual(
    expect.arrayContaining(['key_unknown', 'issuer_near', 'audience_spelling', 'expired']),
  )
  const [header = '', claims = '', signature = ''] = accessToken.split('.')
  const kid = JSON.parse(Buffer.from(header, 'base64url').toString()).kid
  expect((await read(`${header}.${part({ aud: 'https://else.example' })}.${signature}`)).codes).toEqual(
    expect.arrayContaining(['signature_bad', 'audience_unknown', 'issuer_missing']),
  )
  expect((await read(`${part({ alg: 'RS256', kid })}.${claims}.${signature}`)).codes).toContain('alg_differs')
})

it('what a stranger wrote into a token is text, and nothing of it is invisible', async () => {
  const { read } = await desk()
  const answer = await read(`${part({ alg: '<img src=x>' })}.${part({ iss: '\u202Eevil<script>' })}.AA`)
  expect(answer.body).not.toMatch(/<img src=x|evil<script|\u202E/)
})

it('refusals of the last day are listed with code and request, and found by the request of the error page', async () => {
  const { app, browser, client } = await desk()
  await token(app, {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    code: 'nothing',
    redirect_uri: 'http://127.0.0.1:4321/callback',
    code_verifier: 'a'.repeat(43),
  })
  await app.app.rooms.audit.flush()
  const list = await browser.open('/admin/diagnostics')
  expect(list.body).toContain('/admin/diagnostics/codes?code=invalid_grant')
  const [refused] = await app.app.rooms.audit.list({ type: 'token.refused', limit: 1 })
  const found = await browser.open(`/admin/diagnostics?request=${refused?.requestId}`)
  expect(found.body.match(/data-event="/g)).toHaveLength(1)
  expect((await browser.open('/admin/diagnostics?request=nothing%00')).body).toContain(
    'Nothing was written under this id',
  )
})

it('every code is explained in both languages, for everyone who meets it', async () => {
  const { app, browser } = await desk()
  expect((await browser.open('/admin/diagnostics/codes')).body).toContain('id="invalid_grant"')
  expect((await browser.open('/admin/diagnostics/codes?code=%3Ci%3E')).body).not.toContain('<i>')
  const stranger = new Browser(app.issuer, { 'accept-language': 'de' })
  expect(await stranger.open('/errors/invalid_target')).toMatchObject({ status: 200, name: 'error-code' })
  expect((await stranger.open('/errors/invalid_target')).body).toContain('Was hilft')
  expect((await stranger.open('/errors/__proto__')).status).toBe(404)
})

it('G21 a member sees neither keys nor diagnostics', async () => {
  const app = await startApp()
  const bob = await app.person('bob')
  const browser = new Browser(app.issuer)
  await browser.submit(await browser.open('/account/sessions'), { email: bob.email, password: bob.password })
  for (const path of [
    '/admin/keys',
    '/admin/diagnostics',
    '/admin/diagnostics/codes',
    '/admin/audit/export',
    '/ADMIN/keys',
  ]) {
    expect((await browser.open(path)).status, path).toBe(404)
  }
})

it('error pages show what was asked for as text, name the program, and have a way home', async () => {
  const { app } = await desk()
  const client = await register(app, {
    client_name: 'Claude Code',
    redirect_uris: ['http://localhost:3118/callback'],
  })
  const wrong = await new Browser(app.issuer).open(
    authorizationRequest(app, client.client_id, { redirect_uri: 'http://localhost:3118/other<b>' }).url,
  )
  expect(wrong).toMatchObject({ name: 'error', error: 'invalid_redirect_uri', continueTo: undefined })
  expect(wrong.body).toContain('http://localhost:3118/other&lt;b&gt;')
  expect(wrong.body).toContain('http://localhost:3118/callback')
  expect(wrong.body).toContain('In Claude Code')
  expect(wrong.body).toContain('href="/account"')
  expect(wrong.body).toContain(`request: ${wrong.headers.get('x-request-id')}`)
  const target = await new Browser(app.issuer).open(
    authorizationRequest(app, client.client_id, {
      redirect_uri: 'http://localhost:3118/callback',
      resource: 'http://localhost:9728/other',
    }).url,
  )
  expect(target.error).toBe('invalid_target')
  expect(target.body).toContain('http://localhost:9728/other')
  expect(target.body).toContain('Known here at that host')
  expect(target.body).toContain('For the developer of the program')
})
