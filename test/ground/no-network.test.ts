import dns from 'node:dns/promises'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { describe, expect, it } from 'vitest'

describe('the network is off in tests', () => {
  it.each(['192.0.2.1', '10.0.0.1', '2001:db8::1'])('a connection to %s fails loudly', async (host) => {
    expect(() => net.connect({ host, port: 80 })).toThrow(/network is off/)
    await expect(fetch(`http://${host.includes(':') ? `[${host}]` : host}/`)).rejects.toThrow()
  })

  it('a foreign name is not even looked up', async () => {
    await expect(dns.lookup('mcp.example.com')).rejects.toThrow(/network is off/)
    await expect(fetch('https://mcp.example.com/')).rejects.toThrow()
  })

  it('loopback works', async () => {
    const server = http.createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here')
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe('here')
    server.close()
  })
})
