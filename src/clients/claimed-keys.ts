import { invalidClientMetadata } from '../oauth/errors.ts'
import type { PublicJwk } from './metadata.ts'

const maximumKeys = 10
const maximumMemberLength = 4096
const publicMembers = [
  'kty',
  'use',
  'key_ops',
  'alg',
  'kid',
  'crv',
  'x',
  'y',
  'n',
  'e',
  'pub',
  'x5c',
  'x5t',
  'x5t#S256',
]
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv', 'seed']

/**
 * Checks the keys that a client hands over inline: public, asymmetric, few. Members that no key has are dropped.
 *
 * @throws OAuthError invalid_client_metadata; a private key that was sent is compromised and is refused, not repaired (F10)
 * @see RFC 7517 §5
 */
export function checkClaimedKeys(jwks: unknown): { readonly keys: readonly PublicJwk[] } {
  if (!isObject(jwks) || !Array.isArray(jwks.keys) || jwks.keys.length === 0) {
    throw invalidClientMetadata('jwks must be an object with keys')
  }
  if (jwks.keys.length > maximumKeys) throw invalidClientMetadata(`jwks must not hold more than ${maximumKeys} keys`)
  return { keys: jwks.keys.map(checkKey) }
}

function checkKey(key: unknown): PublicJwk {
  if (!isObject(key) || typeof key.kty !== 'string') throw invalidClientMetadata('jwks must hold keys with a kty')
  if (key.kty === 'oct' || secretMembers.some((member) => Object.hasOwn(key, member))) {
    throw invalidClientMetadata('jwks must hold public keys only')
  }
  const kept = publicMembers
    .filter((member) => Object.hasOwn(key, member))
    .map((member) => [member, key[member]] as const)
  if (kept.some(([, value]) => JSON.stringify(value).length > maximumMemberLength)) {
    throw invalidClientMetadata('jwks holds a key that is too large')
  }
  if (kept.some(([, value]) => typeof value !== 'string' && !isStrings(value))) {
    throw invalidClientMetadata('jwks holds a key that is malformed')
  }
  return Object.fromEntries(kept)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => typeof member === 'string')
}
