import { once } from 'node:events'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { askProbes, type Probe } from '../../src/health/probes.ts'
import { healthRoutes } from '../../src/health/routes.ts'

const well: Probe = { name: 'database', check: async () => {} }
const ill: Probe = { name: 'keys', check: async () => Promise.reject(new Error('canary: db.internal refused')) }
const stuck: Probe = { name: 'stuck', check: () => new Promise(() => {}) }

async function ask(path: string, probes: readonly Probe[], draining = false) {
  const app = new Koa().use(healthRoutes({ probes, isDraining: () => draining }).routes())
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  const text = await response.text()
  server.close()
  return { status: response.status, text }
}

describe('/healthz', () => {
  it('answers while the process lives, whatever the probes say', async () => {
    expect(await ask('/healthz', [ill])).toEqual({ status: 200, text: '{"status":"ok"}' })
  })
})

describe('/readyz', () => {
  it('is 200 when every probe is well', async () => {
    expect(await ask('/readyz', [well])).toEqual({ status: 200, text: '{"status":"ready","probes":{"database":"ok"}}' })
  })

  it('is 503 with names and without reasons when one is not', async () => {
    const { status, text } = await ask('/readyz', [well, ill])
    expect(status).toBe(503)
    expect(JSON.parse(text)).toEqual({ status: 'not ready', probes: { database: 'ok', keys: 'failed' } })
  })

  it('is 503 while draining', async () => {
    expect((await ask('/readyz', [well], true)).status).toBe(503)
  })
})

it('a probe that does not answer in time has failed', async () => {
  expect(await askProbes([well, stuck])).toEqual({ ready: false, probes: { database: 'ok', stuck: 'failed' } })
})
