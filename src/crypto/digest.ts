import { createHmac, hash } from 'node:crypto'

/** SHA-256 of a text as UTF-8, base64url, 43 characters: how live secrets of 256 random bits are stored. */
export function sha256Base64url(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** HMAC-SHA-256 of a text as UTF-8 under a key, base64url, 43 characters. */
export function hmacBase64url(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}
