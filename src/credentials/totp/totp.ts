// Authenticator apps: one-time passwords of time, as every app knows them (RFC 6238: HMAC-SHA-1, six digits, 30 seconds).
// This file is the arithmetic; store.ts keeps the sealed seed and the step that counted last.
import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'

const periodSeconds = 30
const digits = 6
// Ours: one step to either side, for clocks that go wrong and people who type slowly (RFC 6238 §5.2, §6).
const window = 1
// 20 bytes, the length of SHA-1: RFC 4226 §4 R6.
const seedBytes = 20

/** A new seed: 160 random bits in base32, 32 characters, as apps take it by hand. */
export function newSeed(): string {
  return new Secret({ size: seedBytes }).base32
}

/**
 * The time step that a code belongs to, or null when it is wrong. The caller lets each step count once (RFC 6238 §5.2).
 *
 * @param seed base32
 * @param code as typed; spaces are nothing
 */
export function stepOf(seed: string, code: string, now: Date): number | null {
  const token = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return null
  // Compares in constant time, all steps of the window.
  const delta = totp(seed).validate({ token, timestamp: now.getTime(), window })
  return delta === null ? null : Math.floor(now.getTime() / 1000 / periodSeconds) + delta
}

/** The code of a moment; for tests and for apps of our own making. */
export function codeAt(seed: string, now: Date): string {
  return totp(seed).generate({ timestamp: now.getTime() })
}

/** How an app is told of a seed: an address, its picture, and the seed in groups of four for those who type. */
export interface SeedWords {
  /** SVG of the QR code, black on white whatever the page: cameras want it so. */
  readonly picture: string
  readonly grouped: string
}

/**
 * Puts a seed into the forms that apps take.
 *
 * @param place what the app shows as the issuer: the product's name and this host
 */
export function seedWords(seed: string, person: string, place: string): SeedWords {
  const uri = totp(seed, person, place).toString()
  // The words beside it say what it is; a reader of the page need not be told of its squares.
  const picture = renderSVG(uri, { border: 2 }).replace('<svg ', '<svg aria-hidden="true" focusable="false" ')
  return { picture, grouped: seed.match(/.{1,4}/g)?.join(' ') ?? seed }
}

function totp(seed: string, label = '', issuer = ''): TOTP {
  const secret = Secret.fromBase32(seed)
  return new TOTP({ issuer, label, secret, algorithm: 'SHA1', digits, period: periodSeconds })
}
