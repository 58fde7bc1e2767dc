// Recovery codes: ten, shown once, each good once, for who has lost everything else. Only digests are kept.
import { randomBytes } from 'node:crypto'
import { sha256Base64url } from '../../crypto/digest.ts'

/** How many there are after each making. */
export const recoveryCodeCount = 10

// Crockford's base32: no letter that could be taken for another or for a digit.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
// 16 characters of 32 = 80 bits: a plain digest is enough, even where somebody took the database along.
const characters = 16

/** New codes in the form they are shown in: `7c1k-09xd-hv2m-qqt4`. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    // 256 is a multiple of 32, so no character is likelier than another.
    const text = [...randomBytes(characters)].map((byte) => alphabet[byte % alphabet.length]).join('')
    return text.match(/.{4}/g)?.join('-') ?? text
  })
}

/**
 * The digest under which a code of an account is kept, or null when the text cannot be one.
 *
 * @param typed as a person reads it off paper: spaces and hyphens are nothing, o is 0, i and l are 1
 */
export function recoveryDigest(accountId: string, typed: string): string | null {
  const text = typed.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')
  if (text.length !== characters || ![...text].every((one) => alphabet.includes(one))) return null
  return sha256Base64url(`${accountId}:${text}`)
}
