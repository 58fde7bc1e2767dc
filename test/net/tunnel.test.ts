import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGuardedFetch, type GuardedFetchOptions } from '../../src/net/guarded-fetch.ts'
import { openFarAway, publicAddress, publicAddress6, sendJson } from '../support/far-away.ts'

/** A proxy that leads every tunnel to one place. */
async function startProxy(leadTo: () => number, answer?: (request: IncomingMessage, socket: Socket) => void) {
  const asked: { authority: string; credentials: string | undefined }[] = []
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    const socket = client as Socket
    asked.push({ authority: request.url ?? '', credentials: request.headers['proxy-authorization'] })
    if (answer !== undefined) return answer(request, socket)
    const inner = connect(leadTo(), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      inner.pipe(socket).pipe(inner)
    })
    for (const end of [inner, socket]) end.on('error', () => end.destroy())
    return undefined
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { asked, url: (user = '') => new URL(`http://${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`) }
}

async function openStage() {
  const far = await openFarAway(['app.example'])
  far.hosts.set('app.example', sendJson({ a: 1 }))
  // The proxy is given the address that was checked; only it knows the way.
  const { dial, ...stage } = far.stage
  const fetch = (options: Partial<GuardedFetchOptions>) =>
    createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], ...stage, ...options })
  return { far, fetch, port: () => dial(publicAddress, 443).port }
}
const url = 'https://app.example/client.json'

describe('through a proxy', () => {
  it('F04 the tunnel goes to the address that was checked, and TLS to the name', async () => {
    const { far, fetch, port } = await openStage()
    const proxy = await startProxy(port)
    expect(await (await fetch({ proxy: proxy.url() })(url)).json()).toEqual({ a: 1 })
    expect(proxy.asked).toEqual([{ authority: `${publicAddress}:443`, credentials: undefined }])
    expect(far.requests).toEqual(['app.example /client.json'])
  })

  it('an IPv6 address goes in brackets, and the name and password of the proxy in their header', async () => {
    const { far, fetch, port } = await openStage()
    far.addresses.set('app.example', [[publicAddress6]])
    const proxy = await startProxy(port)
    await fetch({ proxy: proxy.url('ann:p%40ss@') })('https://app.example:8443/x')
    const credentials = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`
    expect(proxy.asked).toEqual([{ authority: `[${publicAddress6}]:8443`, credentials }])
  })

  it('F01 F02 F04 what is refused is refused before the proxy hears of it', async () => {
    const { far, fetch, port } = await openStage()
    const proxy = await startProxy(port)
    far.addresses.set('app.example', [[publicAddress, '10.0.0.7']])
    for (const address of [url, 'https://169.254.169.254/x', 'https://intranet/x', 'https://2130706433/x']) {
      await expect(fetch({ proxy: proxy.url() })(address)).rejects.toMatchObject({ code: 'address_refused' })
    }
    expect(proxy.asked).toEqual([])
  })

  it('a listed host inside is connected to directly', async () => {
    const { far, fetch, port } = await openStage()
    const proxy = await startProxy(port)
    far.addresses.set('app.example', [['10.0.0.7']])
    const options = { proxy: proxy.url(), allowedInternalHosts: ['app.example'] }
    const dial = () => far.stage.dial(publicAddress, 443)
    expect((await fetch({ ...options, dial })(url)).status).toBe(200)
    expect(proxy.asked).toEqual([])
  })

  it.each([
    ['says no', 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'],
    ['wants a password', 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'],
    ['wants to be asked later', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['sends elsewhere', 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n'],
    ['gives a page in place of a tunnel', 'HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno'],
    ['opens what is no tunnel', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['speaks for the host', 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}'],
  ])('one that %s is a fault of its own', async (_title, says) => {
    const { far, fetch, port } = await openStage()
    const proxy = await startProxy(port, (_request, socket) => void socket.end(says))
    await expect(fetch({ proxy: proxy.url() })(url)).rejects.toMatchObject({ code: 'proxy' })
    expect(far.requests).toEqual([])
  })

  it('F16 a refusal leaves no connection with the proxy', async () => {
    const { fetch, port } = await openStage()
    const closed = Promise.withResolvers<unknown>()
    const proxy = await startProxy(port, (_request, socket) => {
      socket.on('error', () => undefined)
      socket.once('end', () => closed.resolve(socket.end()))
      socket.resume().write('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await expect(fetch({ proxy: proxy.url() })(url)).rejects.toMatchObject({ code: 'proxy' })
    await closed.promise
  })

  it.each([
    ['ann@', 'ann:'],
    [':secret@', ':secret'],
    ['%C3%A4:%3A@', 'ä::'],
  ])('%s is a name and password of the proxy, too', async (user, pair) => {
    const { fetch, port } = await openStage()
    const proxy = await startProxy(port)
    await fetch({ proxy: proxy.url(user) })(url)
    expect(proxy.asked[0]?.credentials).toBe(`Basic ${Buffer.from(pair).toString('base64')}`)
  })

  it('F07 one that keeps silent runs into the deadline', async () => {
    const { fetch, port } = await openStage()
    const proxy = await startProxy(port, () => undefined)
    await expect(fetch({ proxy: proxy.url(), timeoutMs: 150 })(url)).rejects.toMatchObject({ code: 'timeout' })
  })

  it('an https proxy needs a certificate that is trusted', async () => {
    const { fetch } = await openStage()
    const { makeCertificate } = await import('../fixtures/self-signed.ts')
    const secure = createSecureServer(makeCertificate(['localhost']))
    secure.listen(0, '127.0.0.1')
    await once(secure, 'listening')
    onTestFinished(() => void secure.close())
    const proxy = new URL(`https://localhost:${(secure.address() as AddressInfo).port}`)
    await expect(fetch({ proxy })(url)).rejects.toMatchObject({ code: 'network' })
  })
})
