import { createRemoteJWKSet, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { notes, startApp } from '../support/app.ts'
import { connect, refresh } from '../support/flow.ts'

test('a client registers, a person consents, the token is bound to the MCP server and refreshes', async () => {
  const app = await startApp()
  const person = await app.person()
  const { accessToken, refreshToken, client, callback, answer } = await connect(app, person)

  expect(callback.searchParams.get('iss')).toBe(app.issuer)
  expect(answer.headers.get('cache-control')).toContain('no-store')
  expect(answer.body.scope).toBe('notes:read')
  const keys = createRemoteJWKSet(new URL(`${app.issuer}/jwks`))
  const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
    issuer: app.issuer,
    audience: notes.identifier,
    typ: 'at+jwt',
  })
  expect(protectedHeader.alg).toBe('ES256')
  expect(payload).toMatchObject({
    sub: person.id,
    client_id: client.client_id,
    scope: 'notes:read',
    aud: notes.identifier,
  })
  expect(payload.auth_time).toBeTypeOf('number')

  const next = await refresh(app, client, refreshToken)
  expect(next.status).toBe(200)
  expect(next.body.refresh_token).not.toBe(refreshToken)
})
