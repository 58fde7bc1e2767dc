import { z } from 'zod'
import { hasReadableCredentials } from './url-credentials.ts'

/** A mail server, as the setting names it. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** `implicit`: TLS from the first byte; `required`: STARTTLS or nothing; `none`: in the clear, on this machine or where the operator says so. */
  readonly tls: 'implicit' | 'required' | 'none'
  readonly user: string | undefined
  readonly password: string | undefined
}

/** `smtp://` or `smtps://`, with name and password where the server asks for them. */
export const smtpUrl = z
  .string()
  .superRefine((text, context) => {
    // The value is not repeated: it may hold a password.
    const problem = problemOf(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .transform((text): SmtpServer => {
    if (problemOf(text) !== undefined) return { host: '', port: 0, tls: 'none', user: undefined, password: undefined }
    const url = new URL(text)
    const implicit = url.protocol === 'smtps:'
    return {
      host: hostOf(url),
      // RFC 8314 §3.3, RFC 6409 §3.1
      port: url.port === '' ? (implicit ? 465 : 587) : Number(url.port),
      tls: implicit ? 'implicit' : isClear(url) ? 'none' : 'required',
      user: url.username === '' ? undefined : decodeURIComponent(url.username),
      password: url.password === '' ? undefined : decodeURIComponent(url.password),
    }
  })

/** A sender: `mail@example.com` or `Example ID <mail@example.com>`. */
export const sender = z
  .string()
  .regex(
    /^(?:[^<>"@,;\p{C}]{1,80} <[^\s<>@,;"]{1,64}@[^\s<>@,;"]{1,189}>|[^\s<>@,;"]{1,64}@[^\s<>@,;"]{1,189})$/u,
    'must be an e-mail address, alone or as Name <address>',
  )

function problemOf(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL'
  const url = new URL(text)
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') return 'must begin with smtp:// or smtps://'
  if (url.hostname === '') return 'must name a host'
  if (url.pathname !== '' && url.pathname !== '/') return 'must have no path'
  if (url.hash !== '' || !['', '?tls=off'].includes(url.search))
    return 'may have tls=off and nothing else behind the host'
  if (!hasReadableCredentials(url)) return 'must have a name and a password in the spelling of URLs'
  if ((url.username === '') !== (url.password === '')) return 'must have a name and a password, or neither'
  if (url.protocol === 'smtps:' && url.search !== '') return 'cannot be smtps:// with tls=off'
  // A password in the clear, once on the wire, is everybody's.
  if (url.password !== '' && isClear(url) && !isLoopback(url)) return 'must not send a password without TLS'
  return undefined
}

function isClear(url: URL): boolean {
  return url.search === '?tls=off' || isLoopback(url)
}

function isLoopback(url: URL): boolean {
  const host = hostOf(url)
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
}
