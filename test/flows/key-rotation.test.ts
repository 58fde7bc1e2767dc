import { afterEach, expect, test, vi } from 'vitest'
import { createVerifier } from '../../verifier/src/index.ts'
import { notes, startApp } from '../support/app.ts'
import { connect, refresh } from '../support/flow.ts'

afterEach(() => void vi.useRealTimers())

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

test('signing keys rotate without a restart and without one failed verification', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const app = await startApp()
  const person = await app.person()
  // The verifier reads the keys now and, like every client of a JWKS, not again until it must.
  const verifier = createVerifier({ issuer: app.issuer, resource: notes.identifier, now: () => new Date() })
  const { keys } = app.app.rooms
  const { client, accessToken, refreshToken } = await connect(app, person)
  const before = await verifier.verify(accessToken)
  expect(before.sub).toBe(person.id)
  const [firstKid] = keys.keyset().published.keys.map(({ kid }) => kid)

  // Published first: nothing signs with the new key yet, and everybody can already read it.
  expect((await keys.rotate()).map(({ outcome }) => outcome)).toEqual(['published'])
  const published = (await (await fetch(`${app.issuer}/jwks`)).json()) as { keys: { kid: string }[] }
  expect(published.keys.map(({ kid }) => kid)).toContain(firstKid)
  expect(published.keys).toHaveLength(2)
  const second = await refresh(app, client, refreshToken)
  expect(headerOf(second.body.access_token)).toMatchObject({ kid: firstKid })
  await verifier.verify(second.body.access_token ?? '')

  // After the lead every verifier has it; then it signs, and tokens of the old key still pass.
  pass(keys.policy.publishLeadSeconds + 1)
  await keys.tick()
  const third = await refresh(app, client, second.body.refresh_token ?? '')
  expect(third.status).toBe(200)
  expect(headerOf(third.body.access_token).kid).not.toBe(firstKid)
  await verifier.verify(third.body.access_token ?? '')
  const after = (await (await fetch(`${app.issuer}/jwks`)).json()) as { keys: { kid: string }[] }
  expect(after.keys.map(({ kid }) => kid)).toContain(firstKid)

  // The session of the person and the connection lived through it.
  pass(keys.policy.retirementSeconds + 1)
  await keys.tick()
  const last = (await (await fetch(`${app.issuer}/jwks`)).json()) as { keys: { kid: string }[] }
  expect(last.keys.map(({ kid }) => kid)).not.toContain(firstKid)
  const fourth = await refresh(app, client, third.body.refresh_token ?? '')
  expect(fourth.status).toBe(200)
})

test.each(['ES256', 'EdDSA', 'RS256'] as const)('a resource may have its tokens signed with %s', async (signingAlg) => {
  const app = await startApp({ resources: [{ ...notes, signingAlg }] })
  const person = await app.person()
  const { accessToken } = await connect(app, person)
  expect(headerOf(accessToken)).toMatchObject({ alg: signingAlg, typ: 'at+jwt' })
  const verifier = createVerifier({ issuer: app.issuer, resource: notes.identifier })
  expect((await verifier.verify(accessToken)).scopes).toEqual(['notes:read'])
})

function headerOf(token: string | undefined): { kid?: string } {
  return JSON.parse(Buffer.from(token?.split('.')[0] ?? '', 'base64url').toString())
}
