import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import { type KeyAlg, keyAlgs, type PrivateJwk, type PublicJwk } from './key.ts'

const generate = promisify(generateKeyPair)

/** Sizes of RSA keys that are made. 2048 bits hold until 2030 (NIST SP 800-57); 3072 sign at a third of the speed. */
export type RsaBits = 2048 | 3072

/**
 * Makes a key pair for an algorithm.
 *
 * @returns the private JWK with `alg`, `use` and the RFC 7638 thumbprint as `kid`
 */
export async function generateKey(alg: KeyAlg, rsaBits: RsaBits = 2048): Promise<PrivateJwk> {
  return toPrivateJwk(alg, await exportJWK(await generatePrivateKey(alg, rsaBits)))
}

/**
 * The public half of a private key: only the members that RFC 7517 and RFC 8037 call public are taken over,
 * so that a private member cannot slip through.
 */
export function publicHalf({ kty, kid, alg, crv, x, y, n, e }: PrivateJwk): PublicJwk {
  switch (kty) {
    case 'EC':
      return { kty, kid, alg, use: 'sig', crv, x, y }
    case 'OKP':
      return { kty, kid, alg, use: 'sig', crv, x }
    case 'RSA':
      return { kty, kid, alg, use: 'sig', n, e }
    default:
      throw new TypeError(`a key of type ${String(kty)} is none of ours`)
  }
}

/**
 * Reads a private key back from the text in its sealed box.
 *
 * @returns null when it is not the key its row says it is
 */
export function readPrivateJwk(text: string, kid: string): PrivateJwk | null {
  // Parse boundary: the box was sealed by this room; its authenticity has been checked when it was opened.
  const jwk = JSON.parse(text) as Partial<PrivateJwk>
  const alg = keyAlgs.find((known) => known === jwk.alg)
  if (jwk.kid !== kid || typeof jwk.d !== 'string' || alg === undefined) return null
  return { ...jwk, kid, alg, use: 'sig', d: jwk.d }
}

async function generatePrivateKey(alg: KeyAlg, rsaBits: RsaBits): Promise<KeyObject> {
  switch (alg) {
    case 'ES256':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey
    case 'EdDSA':
      return (await generate('ed25519')).privateKey
    case 'RS256':
      return (await generate('rsa', { modulusLength: rsaBits, publicExponent: 0x10001 })).privateKey
  }
}

async function toPrivateJwk(alg: KeyAlg, jwk: JWK): Promise<PrivateJwk> {
  if (jwk.d === undefined) throw new TypeError('a private key was expected')
  return { ...jwk, d: jwk.d, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk, 'sha256') }
}
