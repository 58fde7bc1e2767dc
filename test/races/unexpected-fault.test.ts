import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, startServer } from '../ground/clean-copy.ts'
import { RawSocket } from '../support/raw-socket.ts'

const root = join(import.meta.dirname, '..', '..')
const command = ['node', '--import', join(import.meta.dirname, 'fault-on-signal.ts'), 'src/main.ts']

test.each(['SIGUSR2', 'SIGHUP'] as const)(
  'K14 K28 a fault that nobody caught (%s): what is in progress is answered, then the process ends and says so',
  async (signal) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'fault-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
    const port = await freePort()
    const server = await startServer(command, root, {
      SALLYPORT_DATA_DIR: join(dataDir, 'data'),
      SALLYPORT_PORT: String(port),
      SALLYPORT_RATE_LIMITS: 'off',
    })
    const issuer = `http://localhost:${port}`
    const body = 'grant_type=refresh_token&refresh_token=none&client_id=none'
    const raw = new RawSocket(issuer)
    raw.send(
      `POST /token HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    )
    // Another request, answered in full, shows that the first one has reached the server.
    await (await fetch(`${issuer}/healthz`, { headers: { connection: 'close' } })).text()
    const ended = once(server.child, 'exit')
    const told = new Promise<void>((resolve) =>
      server.child.stdout?.on('data', () => server.stdout().includes('"level":"fatal"') && resolve()),
    )
    server.child.kill(signal)
    await told
    raw.send(body.slice(10))
    await raw.closed
    expect(raw.text).toMatch(/^HTTP\/1\.1 40[01] /)
    expect(raw.text).toContain('invalid_client')
    const [code] = await ended
    expect(code).toBe(1)
    const lines = server.stdout().trimEnd().split('\n')
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
    expect(lines.filter((line) => line.includes('"level":"fatal"'))).toHaveLength(1)
    expect(server.stdout()).toContain('an unexpected fault')
    expect(server.stdout()).not.toContain('canary-secret')
  },
)
