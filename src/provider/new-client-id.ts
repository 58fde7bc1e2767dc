import { randomId } from '../crypto/random.ts'

/**
 * A client id: a letter, so that no id looks like an option on a command line; the moment, so that registrations of one
 * moment lie together in the index; 128 random bits. Never begins like a document's URL (F21).
 */
export function newClientId(now: Date): string {
  return `c${now.getTime().toString(36)}${randomId()}`
}
