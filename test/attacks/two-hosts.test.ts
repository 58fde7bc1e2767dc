import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startApp } from '../support/app.ts'

// RFC 9112 §3.2. Addresses come from the issuer, so nothing hangs on it here; a proxy in front may see the other one.
test('K01 a request with two Hosts is refused, whichever comes first', async () => {
  const app = await startApp()
  const { host, port } = new URL(app.issuer)
  for (const hosts of [
    [host, 'evil.example'],
    ['evil.example', host],
    [host, host],
  ]) {
    const lines = ['GET /jwks HTTP/1.1', ...hosts.map((one) => `Host: ${one}`), 'Connection: close', '', '']
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(lines.join('\r\n'))
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(Buffer.from(chunk))
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 /)
  }
})
