import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerPlainly } from './plain-answer.ts'

/** Which hosts this server answers for. */
export interface HostGuardOptions {
  readonly issuer: string
  /** Paths that answer under any host, for probes that call by address; nothing on them may depend on the host. */
  readonly anyHostPaths?: readonly string[]
}

/** Lets a request pass, or answers it. */
export type HostGuard = (req: IncomingMessage, res: ServerResponse) => boolean

/**
 * Makes the guard that stands before everything, the router and koa included: a request for another host gets 421, so that
 * no address in an answer can come from a stranger's `Host` (threats M7, K01).
 *
 * @returns true when the request may go on, false when it was answered here
 * @see RFC 9110 §7.4, §15.5.20
 */
export function createHostGuard({ issuer, anyHostPaths = [] }: HostGuardOptions): HostGuard {
  const own = new URL(issuer)
  const defaultPort = own.protocol === 'https:' ? '443' : '80'
  const accepted = new Set([own.host, `${own.hostname}:${own.port === '' ? defaultPort : own.port}`])
  const anyHost = new Set(anyHostPaths)

  return function guardHost(req, res) {
    const target = req.url ?? ''
    // RFC 9112 §3.2.2: the absolute form carries a host of its own; we are no proxy.
    if (!target.startsWith('/')) return answer(res, 400, 'bad request target')
    if (anyHost.has(target.split('?', 1)[0] ?? '')) return true
    // Only the Host header: X-Forwarded-Host, Forwarded and X-Original-URL count for nothing (threats K02, K03).
    // RFC 9112 §3.2: more than one Host is a bad request, whichever comes first.
    if (req.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length > 1)
      return answer(res, 400, 'bad request: more than one Host')
    const host = req.headers.host?.toLowerCase()
    if (host === undefined || !accepted.has(host))
      return answer(res, 421, `this server does not answer for that host; its address is ${issuer}`)
    return true
  }
}

function answer(res: ServerResponse, status: number, text: string): false {
  answerPlainly(res, status, text)
  return false
}
