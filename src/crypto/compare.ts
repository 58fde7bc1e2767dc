import { hash, timingSafeEqual } from 'node:crypto'

/**
 * Compares two secrets without telling by the time taken where, or in which length, they differ.
 * Both are hashed first: `timingSafeEqual` wants equal lengths, and returning early on a length would betray it.
 */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}
