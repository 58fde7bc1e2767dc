import { describe, expect, it } from 'vitest'
import type { SmtpServer } from '../../src/config/smtp.ts'
import { type LetterFacts, writeLetter } from '../../src/mail/letter.ts'
import { createSmtpMailer } from '../../src/mail/smtp.ts'
import { makeCertificate } from '../fixtures/self-signed.ts'
import { type MailServer, startMailServer } from './smtp-server.ts'

const token = 'k'.repeat(43)
const facts: LetterFacts = {
  kind: 'invitation',
  locale: 'en',
  to: { name: 'Jürgen “<b>” Groß', address: 'juergen@acme.example' },
  url: `https://id.acme.example/invitation/${token}`,
  endsAt: new Date('2026-03-08T12:00:00Z'),
  product: 'Acme & Söhne ID',
  issuerHost: 'id.acme.example',
}

function mailerFor({ port }: Pick<MailServer, 'port'>, over: Partial<SmtpServer> = {}) {
  const lines: unknown[] = []
  const server: SmtpServer = { host: '127.0.0.1', port, tls: 'none', user: undefined, password: undefined, ...over }
  const logger = { warn: (...given: unknown[]) => lines.push(given) }
  const mailer = createSmtpMailer({ server, from: 'Acme ID <id@acme.example>', logger, timeoutMilliseconds: 300 })
  return { mailer, log: () => JSON.stringify(lines) }
}

describe('a letter', () => {
  it('goes out as text and HTML, with its link in both', async () => {
    const server = await startMailServer()
    const { mailer, log } = mailerFor(server)
    expect(await mailer.send(writeLetter(facts))).toBeNull()
    const letter = await server.letter()
    expect([letter.from, letter.to]).toEqual(['id@acme.example', ['juergen@acme.example']])
    expect(letter.headers.get('from')).toBe('Acme ID <id@acme.example>')
    expect(letter.headers.get('subject')).toBe('Your invitation to Acme & Söhne ID')
    expect(letter.headers.get('auto-submitted')).toBe('auto-generated')
    expect(letter.parts.get('text/plain')).toContain(facts.url)
    expect(letter.parts.get('text/plain')).toContain('until 8 March 2026, 12:00 UTC')
    expect(letter.parts.get('text/html')).toContain(`href="${facts.url}"`)
    expect(log()).toBe('[]')
  })

  it.each(['en', 'de'] as const)('in %s: whole in both forms, names escaped, nothing to load', (locale) => {
    for (const kind of ['invitation', 'reset'] as const) {
      const { html, subject, text } = writeLetter({ ...facts, kind, locale })
      expect(`${html}${subject}${text}`).not.toMatch(/\{\w+\}|undefined/)
      expect(html).toContain(`<html lang="${locale}" dir="ltr">`)
      expect(html).toContain('Jürgen “&lt;b&gt;” Groß')
      expect(html).toContain('Acme &amp; Söhne ID')
      expect(html).not.toMatch(/<(img|script|link|iframe)|url\(|src=/)
      expect(text).toContain('Jürgen “<b>” Groß')
    }
  })

  it('a line break in a name makes no header', async () => {
    const server = await startMailServer()
    const letter = writeLetter({ ...facts, to: { name: 'Eve\r\nBcc: all@acme.example', address: 'eve@acme.example' } })
    expect(await mailerFor(server).mailer.send(letter)).toBeNull()
    const arrived = await server.letter()
    expect(arrived.to).toEqual(['eve@acme.example'])
    expect(arrived.headers.get('bcc')).toBeUndefined()
  })
})

describe('a mail server that does not do its part', () => {
  it.each([
    ['refuses_recipient', 'refused'],
    ['silent', 'unreachable'],
    ['hangs_up', 'unreachable'],
  ] as const)('%s: %s, in time, and the log holds neither link nor address', async (mode, fault) => {
    const { mailer, log } = mailerFor(await startMailServer({ mode }))
    const startedAt = performance.now()
    expect(await mailer.send(writeLetter(facts))).toBe(fault)
    expect(performance.now() - startedAt).toBeLessThan(3000)
    expect(log()).toContain(fault)
    for (const secret of [token, 'juergen', 'Jürgen']) expect(log()).not.toContain(secret)
  })

  it('a port where nobody listens', async () => {
    expect(await mailerFor({ port: 1 }).mailer.send(writeLetter(facts))).toBe('unreachable')
  })

  it('that refuses our name and password: the log does not have them', async () => {
    const { mailer, log } = mailerFor(await startMailServer({ mode: 'refuses_sign_in' }), {
      user: 'acme',
      password: 'hunter22',
    })
    expect(await mailer.send(writeLetter(facts))).toBe('sign_in_refused')
    expect(log()).not.toMatch(/hunter22|AGFjbWUAaHVudGVyMjI/)
  })

  it('without TLS where it is required: nothing of the letter leaves', async () => {
    const server = await startMailServer()
    const { mailer } = mailerFor(server, { tls: 'required', user: 'acme', password: 'hunter22' })
    expect(await mailer.send(writeLetter(facts))).toBe('not_trusted')
    expect(server.heard.join('\n')).not.toMatch(/AUTH|MAIL|RCPT/)
    expect(server.letters).toEqual([])
  })

  it('with a certificate that nobody vouches for: nothing of the letter leaves', async () => {
    const server = await startMailServer({ tls: makeCertificate(['localhost']) })
    const { mailer } = mailerFor(server, { tls: 'required' })
    expect(await mailer.send(writeLetter(facts))).toBe('not_trusted')
    expect(server.letters).toEqual([])
  })

  it('more letters than fit at once are told so', async () => {
    const { mailer } = mailerFor(await startMailServer({ mode: 'silent' }))
    const all = await Promise.all(Array.from({ length: 9 }, () => mailer.send(writeLetter(facts))))
    expect(all.filter((fault) => fault === 'too_busy')).toHaveLength(1)
  })
})
