import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeResource, updateResource } from '../../src/resources/change.ts'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, connect, decide, redeem, refresh, register } from '../support/flow.ts'
import { authorize, expectJsonError, expectSentBack, operatorClient, post, webRedirect } from './stage.ts'

// Granted is never more than asked for, allowed by the person, by the ceiling of the client, and by the server as it is now.

const operator = { actor: 'operator' } as const
let app: TestApp
let person: TestPerson

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
})
afterAll(() => app.close())

function scopeIn(token: string | undefined): unknown {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()).scope
}

async function connectTicking(scopes: readonly string[]) {
  const client = await register(app)
  const request = authorizationRequest(app, client.client_id, { scope: 'notes:read notes:write notes:delete' })
  const page = await decide(new Browser(app.issuer), request, person, { scopes })
  const code = new URL(page.url).searchParams.get('code') ?? ''
  return { client, answer: await redeem(app, client, { code, request }) }
}

test('C12 E08 a box that was left empty cannot be had later, at the first token or at a refresh', async () => {
  const { client, answer } = await connectTicking(['notes:read'])
  expect(answer.body.scope).toBe('notes:read')
  expect(scopeIn(answer.body.access_token)).toBe('notes:read')
  const token = answer.body.refresh_token ?? ''
  for (const scope of ['notes:write', 'notes:delete', 'notes:read notes:write']) {
    const more = await post(`${app.issuer}/token`, {
      grant_type: 'refresh_token',
      client_id: client.client_id,
      refresh_token: token,
      scope,
    })
    expectJsonError(more, 400, 'invalid_scope')
  }
  const plain = await refresh(app, client, token)
  expect(plain.body.scope).toBe('notes:read')
  expect(scopeIn(plain.body.access_token)).toBe('notes:read')
})

test('E08 without "stay connected" there is no refresh token, with offline_access neither', async () => {
  const client = await register(app)
  const request = authorizationRequest(app, client.client_id, { scope: 'notes:read offline_access' })
  const browser = new Browser(app.issuer)
  let page = await browser.open(request.url)
  page = await browser.goOn(await browser.submit(page, { email: person.email, password: person.password }))
  page = await browser.goOn(await browser.submit(page, { decision: 'allow', stay_connected: 'no' }))
  const answer = await redeem(app, client, { code: new URL(page.url).searchParams.get('code') ?? '', request })
  expect(answer.status).toBe(200)
  expect(answer.body).not.toHaveProperty('refresh_token')
})

test('E08 the ceiling of a client holds at the authorization endpoint and at each refresh', async () => {
  const ceiling = (...scopes: string[]) => new Map([[notes.identifier, scopes]])
  const draft = { clientId: 'limited', tokenEndpointAuthMethod: 'none' }
  await operatorClient(app, { ...draft, resources: ceiling('notes:read', 'notes:write') })
  expectSentBack(await authorize(app, 'limited', { scope: 'notes:read notes:delete' }), 'invalid_scope', app)
  const request = authorizationRequest(app, 'limited', { redirect_uri: webRedirect, scope: 'notes:read notes:write' })
  const page = await decide(new Browser(app.issuer), request, person)
  const client = { client_id: 'limited' }
  const answer = await redeem(app, client, { code: new URL(page.url).searchParams.get('code') ?? '', request })
  expect(answer.body.scope).toBe('notes:read notes:write')
  await operatorClient(app, { ...draft, resources: ceiling('notes:read') })
  const next = await refresh(app, client, answer.body.refresh_token ?? '')
  expect(scopeIn(next.body.access_token)).toBe('notes:read')
  expect(next.body.scope).toBe('notes:read')
  await operatorClient(app, { ...draft, resources: new Map([['https://other.example', ['x']]]) })
  const shut = await refresh(app, client, next.body.refresh_token ?? '')
  expect([shut.status, shut.body.error]).toEqual([400, 'invalid_target'])
})

test('E08 a scope that the server no longer has is in no later token; a removed server gives none', async () => {
  const own = await startApp()
  const someone = await own.person()
  const { client, refreshToken } = await connect(own, someone, { scope: 'notes:read notes:write' })
  const resource = await own.app.rooms.registry.find(notes.identifier)
  if (resource === null) throw new Error('no resource')
  const scopes = resource.scopes.filter(({ name }) => name !== 'notes:write')
  await updateResource(own.app.rooms.resources, resource.id, { scopes }, operator)
  const next = await refresh(own, client, refreshToken)
  expect(next.body.scope).toBe('notes:read')
  expect(scopeIn(next.body.access_token)).toBe('notes:read')
  await removeResource(own.app.rooms.resources, resource.id, operator)
  const gone = await refresh(own, client, next.body.refresh_token ?? '')
  expect(gone.status).toBe(400)
  expect(['invalid_grant', 'invalid_target']).toContain(gone.body.error)
})
