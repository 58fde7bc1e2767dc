import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { describeConfig, describeSettings } from '../../src/config/print.ts'

const load = (SMTP_URL: string | undefined, MAIL_FROM: string | undefined = 'id@acme.example') =>
  loadConfig({ SALLYPORT_SMTP_URL: SMTP_URL, SALLYPORT_MAIL_FROM: MAIL_FROM })

describe('SMTP_URL', () => {
  it.each([
    ['smtps://mail.example', { host: 'mail.example', port: 465, tls: 'implicit', user: undefined }],
    ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'required' }],
    ['smtp://mail.example:2525?tls=off', { host: 'mail.example', port: 2525, tls: 'none' }],
    ['smtp://localhost:1025', { host: 'localhost', port: 1025, tls: 'none' }],
    ['smtp://[::1]:25', { host: '::1', port: 25, tls: 'none' }],
    ['smtps://ann%40acme.example:p%3Ass@mail.example', { user: 'ann@acme.example', password: 'p:ss' }],
  ])('%s', (text, expected) => expect(load(text).smtp).toMatchObject(expected))

  it.each([
    ['mail.example', 'URL'],
    ['https://mail.example', 'smtp://'],
    ['smtp://mail.example/x', 'path'],
    ['smtp://mail.example?tls=never', 'tls=off'],
    ['smtp://ann:hunter22@mail.example?tls=off', 'without TLS'],
    ['smtp://ann@mail.example', 'or neither'],
    ['smtps://%ff:hunter22@mail.example', 'spelling'],
  ])('%s is refused, and its password not repeated', (text, words) => {
    expect(() => load(text)).toThrow(words)
    expect(() => load(text)).not.toThrow('hunter22')
  })

  it('goes together with MAIL_FROM', () => {
    expect(() => loadConfig({ SALLYPORT_SMTP_URL: 'smtp://localhost' })).toThrow('SALLYPORT_MAIL_FROM')
    expect(() => loadConfig({ SALLYPORT_MAIL_FROM: 'id@acme.example' })).toThrow('SALLYPORT_SMTP_URL')
    expect(load('smtp://localhost', 'Acme ID <id@acme.example>').mailFrom).toBe('Acme ID <id@acme.example>')
    for (const from of ['Acme', 'a@b, c@d', 'Acme\r\nBcc: x <a@b>']) {
      expect(() => load('smtp://localhost', from)).toThrow('MAIL_FROM')
    }
  })

  it('is printed without its password', () => {
    const config = load('smtps://ann:hunter22@mail.example')
    expect(JSON.stringify(describeConfig(config))).not.toContain('hunter22')
    const told = describeSettings(config).find(({ key }) => key === 'smtp')
    expect(told).toMatchObject({ value: 'mail.example:465, signed in', secret: false })
  })
})
