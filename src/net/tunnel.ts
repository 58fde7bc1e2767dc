import { request as requestByHttp } from 'node:http'
import { request as requestByHttps } from 'node:https'
import type { Socket } from 'node:net'
import { GuardedFetchError } from './fetch-error.ts'

/**
 * Asks the operator's proxy for a tunnel to an address that was checked here. The proxy is given the address and not the name: it would
 * resolve the name again, and might find another address than the one that was checked (F04).
 *
 * @param proxy http or https, user information allowed
 * @returns the socket, on which TLS with the host itself begins next
 * @throws GuardedFetchError `proxy` when it refuses
 * @see RFC 9110 §9.3.6
 */
export async function openTunnel(
  proxy: URL,
  { address, port }: { readonly address: string; readonly port: number },
  signal: AbortSignal,
): Promise<Socket> {
  const authority = `${address.includes(':') ? `[${address}]` : address}:${port}`
  const send = proxy.protocol === 'https:' ? requestByHttps : requestByHttp
  const asked = send({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...credentialsOf(proxy) },
    agent: false,
    signal,
  })
  return await new Promise<Socket>((resolve, reject) => {
    asked.once('error', reject)
    // Comes for every answer to CONNECT, whatever its status; `response` never does.
    asked.once('connect', (answer, socket, head) => {
      // Bytes of a host that TLS has not begun with are nobody's.
      if (answer.statusCode === 200 && head.length === 0) return resolve(socket as Socket)
      socket.destroy()
      reject(new GuardedFetchError('proxy', `the proxy answered CONNECT with ${answer.statusCode}`))
    })
    asked.end()
  })
}

function credentialsOf({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
