import { commonPasswords } from './common-passwords.ts'

/** Why a new password is refused. */
export type PasswordFault = 'too_short' | 'too_long' | 'common' | 'about_you'

// ASVS 6.2.1, 6.2.9: characters as a person counts them, after NFC.
const fewestCharacters = 8
const mostCharacters = 128
// 128 characters are at most 512 bytes; what is longer than this is nobody's password and is not hashed (threat G17).
const mostBytes = 1024

/**
 * Decides about a new password: 8 to 128 characters of any kind, not one that everybody tries, not little more than a name
 * that everybody knows. No rule about kinds of characters (ASVS 6.2.5).
 *
 * @param about texts that are known of the person and of this server: address, name, product
 * @see ASVS 5.0, 6.2.1 to 6.2.11
 */
export function passwordFault(password: string, about: readonly string[] = []): PasswordFault | null {
  if (isTooLarge(password)) return 'too_long'
  const text = password.normalize('NFC')
  const characters = [...text].length
  if (characters < fewestCharacters) return 'too_short'
  if (characters > mostCharacters) return 'too_long'
  const folded = text.toLowerCase()
  if (commonPasswords().has(folded) || new Set(folded).size === 1) return 'common'
  return isOnlyNames(folded, about) ? 'about_you' : null
}

/** Is this longer than anything that is hashed? Looked at before everything else, the normal form included. */
export function isTooLarge(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') > mostBytes
}

// Ours: shorter parts stand in too many good passwords.
const shortestName = 3

/** ASVS 6.2.11: nothing but names, digits and signs: `Ann.Smith-2026!`, `acmesallyport1`. A name among other words is fine. */
function isOnlyNames(folded: string, about: readonly string[]): boolean {
  const names = new Set(['sallyport', ...about.flatMap(namesIn)])
  // Longest first, so that no part of a name is left over.
  const sorted = [...names].filter((name) => name.length >= shortestName).sort((a, b) => b.length - a.length)
  let left = folded
  for (const name of sorted) left = left.replaceAll(name, ' ')
  return left !== folded && !/\p{L}/u.test(left)
}

function namesIn(text: string): string[] {
  const folded = text.normalize('NFC').toLowerCase()
  return [folded, ...folded.split(/[^\p{L}\p{N}]+/u)]
}
