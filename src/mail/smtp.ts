import type { Transporter } from 'nodemailer'
import type { SmtpServer } from '../config/smtp.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Letter, Mailer, MailFault } from './mail.ts'

// Ours: an administrator waits for the answer; a mail server that takes longer is as good as none.
const deadlineMilliseconds = 15_000
// Ours: a flood of requests for links must not become a flood of connections.
const mostAtOnce = 8

/** Makes the mailer of a mail server. Connects at each letter; nothing is kept open between them. */
export function createSmtpMailer({
  server,
  from,
  logger,
  timeoutMilliseconds = deadlineMilliseconds,
}: {
  readonly server: SmtpServer
  readonly from: string
  readonly logger: Pick<Logger, 'warn'>
  readonly timeoutMilliseconds?: number
}): Mailer {
  let transport: Promise<Transporter> | undefined
  let running = 0

  async function sendNow(letter: Letter): Promise<MailFault | null> {
    transport ??= openTransport(server, timeoutMilliseconds)
    const { to, subject, text, html } = letter
    // RFC 3834 §5: no out-of-office answer comes back to the sender.
    const headers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }
    try {
      await withDeadline((await transport).sendMail({ from, to, subject, text, html, headers }), timeoutMilliseconds)
      return null
    } catch (error) {
      const fault = faultOf(error)
      // Not the error itself: the server's words may repeat the address or the letter.
      logger.warn({ host: server.host, port: server.port, fault, ...codesOf(error) }, 'a letter was not sent')
      return fault
    }
  }

  return {
    async send(letter) {
      if (running >= mostAtOnce) return 'too_busy'
      running += 1
      try {
        return await sendNow(letter)
      } finally {
        running -= 1
      }
    },
  }
}

async function openTransport(server: SmtpServer, timeout: number): Promise<Transporter> {
  // Loaded late: most servers never send a letter.
  const { createTransport } = await import('nodemailer')
  const { host, port, tls, user, password } = server
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    // RFC 8314 §5.2: without TLS nothing is sent, whatever the other side says it can do.
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    auth: user === undefined ? undefined : { user, pass: password ?? '' },
    dnsTimeout: timeout,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // A letter is made of our texts alone: nothing in it may name a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  })
}

async function withDeadline(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(Object.assign(new Error('the mail server took too long'), { code: 'ETIMEDOUT' }))
  }, milliseconds)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
    // What comes after the deadline has nobody to tell.
    work.catch(() => {})
  }
}

const faults: Readonly<Record<string, MailFault>> = {
  ECONNECTION: 'unreachable',
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EDNS: 'unreachable',
  ENOTFOUND: 'unreachable',
  ESOCKET: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ETLS: 'not_trusted',
  EAUTH: 'sign_in_refused',
  EENVELOPE: 'refused',
  EMESSAGE: 'refused',
  EPROTOCOL: 'refused',
}

function faultOf(error: unknown): MailFault {
  const { code } = codesOf(error)
  if (code !== undefined && isCertificateFault(error)) return 'not_trusted'
  return (code === undefined ? undefined : faults[code]) ?? 'unknown'
}

// A certificate that is not trusted arrives as a socket error; only its words tell.
function isCertificateFault(error: unknown): boolean {
  return error instanceof Error && /certificate|self[- ]signed|altnames|wrong version number/i.test(error.message)
}

function codesOf(error: unknown): { readonly code?: string; readonly responseCode?: number } {
  if (!(error instanceof Error)) return {}
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const responseCode =
    'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined
  return { code, responseCode }
}
