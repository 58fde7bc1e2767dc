import { expect, test } from 'vitest'
import { startApp, testSecret } from '../support/app.ts'
import { connect, refresh } from '../support/flow.ts'

test('a changed secret ends no connection while the old one is still listed', async () => {
  const before = await startApp()
  const person = await before.person()
  const { client, refreshToken } = await connect(before, person)
  await before.app.close()

  const settings = { PORT: String(before.config.port) }
  const after = await startApp({ beside: before, settings, secrets: [Buffer.alloc(32, 8), testSecret] })
  const next = await refresh(after, client, refreshToken)
  expect(next.status).toBe(200)
  expect((await refresh(after, client, next.body.refresh_token ?? '')).status).toBe(200)
  expect(await after.app.rooms.audit.verify()).toMatchObject({ ok: true })
})
