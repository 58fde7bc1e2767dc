import { describe, expect, test, vi } from 'vitest'
import { createPrometheus } from '../../src/metrics/prometheus.ts'
import { freePort, startApp } from '../support/app.ts'
import { obtainCode, redeem, refresh, register, token } from '../support/flow.ts'

async function startMeasured() {
  const port = await freePort()
  const app = await startApp({ settings: { METRICS_PORT: String(port) } })
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return { app, port, read }
}

/** The value of one series, 0 when there is none. */
function countOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

describe('the listener', () => {
  test('K33 answers /metrics alone, and the public listener has nothing of it', async () => {
    const { app, port, read } = await startMeasured()
    const own = `http://127.0.0.1:${port}`
    expect(await read()).toContain('sallyport_http_requests_total')
    for (const path of ['/', '/metrics/', '/metrics?x', '/healthz', '/authorize', '/admin', '/debug/pprof']) {
      expect((await fetch(`${own}${path}`)).status).toBe(404)
    }
    expect((await fetch(`${own}/metrics`, { method: 'POST' })).status).toBe(405)
    const headers = (await fetch(`${own}/metrics`, { headers: { origin: 'https://evil.example' } })).headers
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])

    for (const path of [
      '/metrics',
      '/metrics/',
      '/debug',
      '/debug/vars',
      '/status',
      '/env',
      '/actuator',
      '/heapdump',
    ]) {
      const answer = await fetch(`${app.issuer}${path}`)
      expect([path, answer.status]).toEqual([path, 404])
      expect(await answer.text()).not.toContain('sallyport_')
    }
  })

  test('K33 probes tell words of ours and nothing of the machine', async () => {
    const { app } = await startMeasured()
    expect(await (await fetch(`${app.issuer}/healthz`)).json()).toEqual({ status: 'ok' })
    const ready = await (await fetch(`${app.issuer}/readyz`)).text()
    expect(ready).toMatch(/^[{}":,a-z ]+$/)
  })

  test('K33 without METRICS_PORT nothing is counted and nothing listens', async () => {
    const app = await startApp()
    expect(app.app.rooms.metrics.isOn).toBe(false)
    expect((await fetch(`${app.issuer}/metrics`)).status).toBe(404)
  })

  test('K33 the metrics go away with the server', async () => {
    const { app, port } = await startMeasured()
    await app.close()
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow()
  })
})

describe('what is counted', () => {
  test('K33 requests by pattern, tokens by grant, refusals by error, and no text of a caller or secret', async () => {
    const { app, read } = await startMeasured()
    const client = await register(app, { client_name: 'canary-name' })
    const person = await app.person()
    const obtained = await obtainCode(app, client, person, { state: 'canary-state-9f31' })
    const first = await redeem(app, client, obtained)
    const second = await refresh(app, client, first.body.refresh_token ?? '')
    await token(app, { grant_type: 'refresh_token', client_id: client.client_id, refresh_token: 'canary-token' })
    await token(app, { grant_type: 'canary-grant', client_id: client.client_id })
    await fetch(`${app.issuer}/canary-path`, { method: 'PROPFIND' })
    await fetch(`${app.issuer}/.well-known/oauth-authorization-server`)
    await (await fetch(`${app.issuer}/revocations?since=canary-cursor`)).text()
    const reads = vi.spyOn(app.app.rooms.database.sql, 'all').mockRejectedValue(new Error('no database'))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2000 })
    await (await fetch(`${app.issuer}/revocations`)).text()
    vi.useRealTimers()
    reads.mockRestore()
    await app.app.rooms.audit.seal()
    const text = await read()

    expect(countOf(text, 'sallyport_tokens_issued_total{grant_type="authorization_code"}')).toBe(1)
    expect(countOf(text, 'sallyport_tokens_issued_total{grant_type="refresh_token"}')).toBe(1)
    expect(text).toMatch(/sallyport_auth_denied_total\{kind="token",error="invalid_grant",reason="token.refused"\} 1/)
    expect(text).toMatch(/sallyport_http_requests_total\{method="POST",route="[^"]*token[^"]*",status="200"\} 2/)
    expect(text).toMatch(/sallyport_http_requests_total\{method="other",route="unmatched",status="\d+"\} 1/)
    expect(text).toMatch(/sallyport_http_requests_total\{method="GET",route="ready document",status="200"\} 1/)
    for (const status of [200, 503]) {
      expect(countOf(text, `sallyport_http_requests_total{method="GET",route="/revocations",status="${status}"}`)).toBe(
        1,
      )
    }
    expect(countOf(text, 'sallyport_database_commits')).toBeGreaterThan(3)
    expect(countOf(text, 'sallyport_audit_chain_position')).toBeGreaterThan(3)
    expect(countOf(text, 'sallyport_open_sockets')).toBeGreaterThan(0)

    const secrets = [client.client_id, client.registration_access_token, obtained.code, obtained.request.verifier]
    const tokens = [first.body.access_token, first.body.refresh_token, second.body.refresh_token]
    for (const told of ['canary', person.id, person.email, '127.0.0.1', ...secrets, ...tokens]) {
      expect(text).not.toContain(told)
    }
  })

  test('K33 a stranger makes no series of his own', async () => {
    const metrics = await createPrometheus()
    for (let index = 0; index < 2000; index += 1) {
      metrics.request({ method: `M${index}`, route: `/r${index}`, status: 200, seconds: 0.1 })
      metrics.event({ type: 'token.refused', detail: { error: `e${index}`, reason: `r${index}` } })
      metrics.event({ type: 'token.issued', detail: { grantType: `urn:x:${index}` } })
      metrics.limited(`limit "${index}`)
      metrics.turnedAway(`door${index}`)
      metrics.fetched(`p${index}`, `O\n${index}`)
    }
    const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('sallyport_'))
    const seriesOf = (name: string) => lines.filter((line) => line.startsWith(`${name}{`)).length
    expect(seriesOf('sallyport_http_requests_total')).toBeLessThanOrEqual(401)
    for (const name of ['auth_denied', 'tokens_issued', 'limit_refusals', 'turned_away', 'outbound_fetches']) {
      expect(seriesOf(`sallyport_${name}_total`)).toBeLessThanOrEqual(61)
    }
  })
})
