import { expect, test } from 'vitest'
import { startApp } from '../support/app.ts'
import { authorizationRequest, register } from '../support/flow.ts'

test('an unknown MCP server is refused with its address in the audit book, for the console to offer as an alias', async () => {
  const app = await startApp()
  const client = await register(app)
  const secret = 'S'.repeat(20) + 's'.repeat(23)
  for (const resource of ['http://localhost:9728/', `https://a.example/x?token=${secret}`]) {
    await fetch(authorizationRequest(app, client.client_id, { resource }).url, { redirect: 'manual' })
  }
  await app.app.rooms.audit.flush()
  const events = await app.app.rooms.audit.list({ type: 'authorization.refused', limit: 9 })
  expect(events.map(({ resource }) => resource).sort()).toEqual(['http://localhost:9728/', 'https://a.example/x'])
  expect(JSON.stringify(events)).not.toContain(secret)
})
