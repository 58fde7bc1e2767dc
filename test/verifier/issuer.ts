import { createServer, type IncomingMessage } from 'node:http'
import { base64url, exportJWK, generateKeyPair, type JWK } from 'jose'
import { createVerifier, type Verifier, type VerifierOptions } from '../../verifier/src/index.ts'

/** What the issuer answers at one path instead of the right thing. */
export interface Fault {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** A signing key of a test, private half in hand. */
export interface TestKey {
  readonly kid: string
  readonly publicJwk: JWK
  readonly privateKey: CryptoKey
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}

/** A small issuer on loopback: real HTTP, real keys, and every word of it can be bent. */
export interface TestIssuer {
  readonly url: string
  readonly key: TestKey
  /** What is published; push to rotate. */
  readonly keys: JWK[]
  /** By path: what to answer instead. */
  readonly faults: Map<string, Fault>
  /** Every request as "path", in order. */
  readonly requests: string[]
  /** The clock of the verifier and of the tokens. */
  readonly clock: { now: Date }
  readonly resource: string
  claims(changes?: Record<string, unknown>): Record<string, unknown>
  mint(changes?: Record<string, unknown>, header?: Record<string, unknown>, key?: TestKey): Promise<string>
  verifier(options?: Partial<VerifierOptions>): Verifier
  close(): Promise<void>
}

export const resource = 'http://localhost:9728/mcp'

export async function startIssuer(path = ''): Promise<TestIssuer> {
  const key = await makeKey('key-1')
  const keys: JWK[] = [key.publicJwk]
  const faults = new Map<string, Fault>()
  const requests: string[] = []
  const clock = { now: new Date('2026-11-20T12:00:00Z') }
  const server = createServer((request: IncomingMessage, response) => {
    const asked = request.url ?? ''
    requests.push(asked)
    const fault = faults.get(asked)
    const document = documentAt(asked)
    response.statusCode = fault?.status ?? (document === undefined ? 404 : 200)
    for (const [name, value] of Object.entries(fault?.headers ?? {})) response.setHeader(name, value)
    response.end(fault?.body ?? JSON.stringify(document ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const url = `http://127.0.0.1:${address.port}${path}`

  function documentAt(asked: string): unknown {
    if (asked === `/.well-known/oauth-authorization-server${path}`) return { issuer: url, jwks_uri: `${url}/jwks` }
    if (asked === `${path}/jwks`) return { keys }
    return undefined
  }

  const issuer: TestIssuer = {
    url,
    key,
    keys,
    faults,
    requests,
    clock,
    resource,
    claims: (changes = {}) => {
      const now = Math.floor(clock.now.getTime() / 1000)
      const claims = {
        iss: url,
        sub: 'account-1',
        aud: resource,
        client_id: 'client-1',
        jti: 'token-1',
        iat: now,
        exp: now + 300,
        scope: 'notes:read',
        ...changes,
      }
      return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
    },
    mint: (changes = {}, header = {}, by = key) =>
      signText(JSON.stringify(headerOf(by, header)), JSON.stringify(issuer.claims(changes)), by),
    verifier: (options = {}) =>
      createVerifier({ issuer: url, resource, scopes: ['notes:read'], now: () => clock.now, ...options }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return issuer
}

/** The header that the issuer writes; a member set to undefined is left out. */
export function headerOf(key: TestKey, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const header = { alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...changes }
  return Object.fromEntries(Object.entries(header).filter(([, value]) => value !== undefined))
}

/** Signs any text as header and payload, well-formed or not: every signature in these tests is a good one unless said. */
export function signText(header: string, payload: string, key: TestKey): Promise<string> {
  const encoder = new TextEncoder()
  return signBytes(encoder.encode(header), encoder.encode(payload), key)
}

export async function signBytes(header: Uint8Array, payload: Uint8Array, key: TestKey): Promise<string> {
  const input = `${base64url.encode(header)}.${base64url.encode(payload)}`
  return `${input}.${base64url.encode(await key.sign(new TextEncoder().encode(input)))}`
}

const keyKinds = {
  ES256: { hash: 'SHA-256', sign: { name: 'ECDSA', hash: 'SHA-256' } },
  RS256: { sign: { name: 'RSASSA-PKCS1-v1_5' } },
  PS256: { sign: { name: 'RSA-PSS', saltLength: 32 } },
  EdDSA: { sign: { name: 'Ed25519' } },
} as const

export async function makeKey(kid: string, alg: keyof typeof keyKinds = 'ES256'): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return {
    kid,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(keyKinds[alg].sign, privateKey, bytes)),
  }
}

/** Resolves to "accepted", or to `<status> <reason>` of the refusal; anything else that is thrown is a fault of the test. */
export async function judge(verifier: Verifier, token: string): Promise<string> {
  try {
    await verifier.verify(token)
    return 'accepted'
  } catch (error) {
    if (error instanceof Error && 'status' in error && 'reason' in error) return `${error.status} ${error.reason}`
    throw error
  }
}
