import { equalSecrets } from '../crypto/compare.ts'
import { sha256Base64url } from '../crypto/digest.ts'

const mark = 'sha256:'

/**
 * The form in which a client secret is stored. A server-made secret has 256 bits or more: SHA-256 is enough, a slow hash would
 * only let strangers keep us busy.
 */
export function digestSecret(secret: string): string {
  return mark + sha256Base64url(secret)
}

/**
 * Whether a text passes itself off as a stored digest. Such a text is refused wherever a client sends one: stored as it is,
 * it would make the holder of a stolen digest the holder of the secret.
 */
export function hasSecretMark(text: unknown): boolean {
  return typeof text === 'string' && text.startsWith(mark)
}

/** Compares a secret with a stored digest in constant time; false when nothing, or no digest, is stored. */
export function secretMatches(secret: string, digest: string | null | undefined): boolean {
  return typeof digest === 'string' && hasSecretMark(digest) && equalSecrets(digestSecret(secret), digest)
}
