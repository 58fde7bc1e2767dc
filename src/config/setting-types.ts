// How the text of a setting becomes a value. A message here says what is wrong; the cure stands in the table of settings.
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { redirectHostProblem } from '../oauth/redirect-hosts.ts'

/** An issuer: an absolute https URL (http on loopback only) in its plainest spelling, without trailing slash, query, fragment. */
export const issuer = z.string().superRefine((text, context) => {
  const problem = issuerProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** A whole number in a range. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`)
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: () => `must be one of ${words.join(', ')}` })
}

/** `on` or `off`. */
export const onOff = oneOf(['on', 'off']).transform((word) => word === 'on')

/** Non-empty text of one line. */
export const line = z.string().regex(/^[^\p{Cc}]+$/u, 'must be one line of text without control characters')

/** Text of one line with a limit. */
export function lineOf(most: number) {
  return line.refine((text) => [...text].length <= most && text.trim() !== '', `must have 1 to ${most} characters`)
}

/** An address to listen on. */
export const listenHost = z
  .string()
  .regex(/^[\w.:%-]+$/, 'must be an address or a host name, without brackets and port')

/** `file:<path>` or `postgresql://…`. */
export const databaseUrl = z.string().superRefine((text, context) => {
  if (/^file:.+/.test(text) && !text.includes('?') && !text.startsWith('file://')) return
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return
  // The value is not repeated: it may hold a password.
  context.addIssue({ code: 'custom', message: 'must begin with file: (and a path) or be a postgresql:// URL' })
})

/** An e-mail address; only its form is looked at. */
export const email = z.string().regex(/^[^\s@]{1,64}@[^\s@]{1,189}$/, 'must be an e-mail address')

const commonPasswords = new Set([
  'password',
  'changeme',
  'change-me',
  'admin123',
  'administrator',
  'sallyport',
  '12345678',
])

/** A password as a person may have one: 8 to 128 characters, none that everybody tries first. */
export const password = z
  .string()
  .refine((text) => [...text].length >= 8 && [...text].length <= 128, 'must have 8 to 128 characters')
  .refine((text) => !commonPasswords.has(text.toLowerCase()), 'is a password that everybody tries first')

/** Addresses and CIDR ranges, comma-separated. */
export const addressRanges = list((item) => {
  if (ipaddr.isValid(item)) return undefined
  if (!ipaddr.isValidCIDR(item)) return `has an entry that is neither an address nor a range: ${JSON.stringify(item)}`
  // Threat K: with everybody trusted, anybody writes the address that limits and audit go by.
  return item.endsWith('/0') ? `trusts everybody with ${item}` : undefined
})

/** Host names in the spelling of URLs, comma-separated. */
export const hostNames = list((item) =>
  // A star is a host name to a URL, and would match nothing here.
  !item.includes('*') && URL.parse(`https://${item}/`)?.hostname === item
    ? undefined
    : `has an entry that is no lower-case host name without port: ${JSON.stringify(item)}`,
)

/** Hosts to which answers may go, comma-separated. */
export const redirectHosts = list((item) => {
  const problem = redirectHostProblem(item)
  return problem === undefined ? undefined : `has the entry ${JSON.stringify(item)}, which ${problem}`
})

/** Secrets of at least 256 random bits, base64url, comma-separated; the first one seals. */
export const secrets = z
  .string()
  .superRefine((text, context) => {
    for (const part of text.split(',')) {
      const problem = secretProblem(part.trim())
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }
  })
  .transform((text) => text.split(',').map((part) => new Uint8Array(Buffer.from(part.trim(), 'base64url'))))

/** What is wrong with the text of one secret, or undefined. */
export function secretProblem(text: string): string | undefined {
  if (!/^[\w-]+=*$/.test(text)) return 'must be base64url'
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < 32) return 'is too short: at least 32 random bytes (43 characters of base64url)'
  // 32 random bytes have fewer than 16 different values once in 10^14; a typed placeholder nearly always.
  const isTyped =
    new Set(bytes).size < 16 || /change-?me|placeholder|default|example|sallyport|your-?secret/i.test(text)
  return isTyped ? 'looks like a placeholder, not like random bytes' : undefined
}

function list(problemOf: (item: string) => string | undefined) {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .superRefine((items, context) => {
      for (const item of items) {
        const problem = problemOf(item)
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
      }
    })
}

function issuerProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https URL'
  // RFC 8414 §2: no query, no fragment.
  if (text.includes('?') || text.includes('#')) return 'must have neither query nor fragment'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  // OAuth 2.1 §1.5: without TLS, codes and tokens are readable on the way; loopback does not leave the machine.
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) return 'http is for loopback only'
  if (text.endsWith('/')) return 'must have no trailing slash'
  // Compared character by character by every client (RFC 8414 §3.3), so there must be one spelling.
  const plainest = url.href.replace(/\/$/, '')
  return text === plainest ? undefined : `must be written in its plainest form, ${plainest}`
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}
