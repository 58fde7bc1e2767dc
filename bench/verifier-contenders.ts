// Who is compared: each set up as its own documentation shows, for issuer, audience and algorithm, with keys that are already there.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  createRemoteJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import { createVerifier } from '../verifier/dist/index.js'

export const algorithms = ['ES256', 'EdDSA', 'RS256'] as const
export type Algorithm = (typeof algorithms)[number]

/** Someone who verifies tokens. */
export interface Contender {
  readonly name: string
  /** Remembers tokens: is asked about the same few again. */
  readonly seen: boolean
  /** @throws anything, or rejects, for a token that is no good */
  verify(token: string): unknown
}

/** Someone who issues them. */
export interface Issuer {
  readonly algorithm: Algorithm
  readonly publicKey: CryptoKey
  readonly jwk: JWK
  readonly url: string
  readonly audience: string
  /** All different, all good. */
  readonly tokens: readonly string[]
  mint(claims: JWTPayload, header?: { typ?: string }): Promise<string>
  close(): Promise<void>
}

/** Makes an issuer with so many tokens, each some 490 bytes long. */
export async function makeIssuer(algorithm: Algorithm, count: number): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk: JWK = { ...(await exportJWK(publicKey)), alg: algorithm, kid: 'key-1', use: 'sig' }
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const audience = 'https://mcp.example/mcp'
  const now = Math.floor(Date.now() / 1000)
  let made = 0
  const mint: Issuer['mint'] = (claims, { typ = 'at+jwt' } = {}) =>
    new SignJWT({
      iss: url,
      sub: `account-${made++}`,
      aud: audience,
      client_id: 'https://client.example/oauth/metadata.json',
      scope: 'notes:read notes:write',
      jti: crypto.randomUUID(),
      auth_time: now,
      iat: now,
      exp: now + 3600,
      ...claims,
    })
      .setProtectedHeader({ alg: algorithm, typ, kid: 'key-1' })
      .sign(privateKey)
  const tokens: string[] = []
  for (let at = 0; at < count; at += 1) tokens.push(await mint({}))
  return {
    algorithm,
    publicKey,
    jwk,
    url,
    audience,
    tokens,
    mint,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const peers = createRequire(join(import.meta.dirname, 'peers', 'package.json'))

// Parse boundary: the peers are installed apart, without their types; this is the part of them that is used.
interface Peers {
  'fast-jwt': { createVerifier(options: object): (token: string) => unknown }
  'aws-jwt-verify': {
    JwtVerifier: { create(options: object): { cacheJwks(jwks: object): void; verifySync(token: string): unknown } }
  }
  jsonwebtoken: {
    verify(token: string, key: unknown, options: object, done: (error: unknown, claims: unknown) => void): void
  }
  'jwks-rsa': (options: object) => { getSigningKey(kid: string): Promise<{ getPublicKey(): string }> }
  'express-oauth2-jwt-bearer': {
    auth(options: object): (request: object, response: object, next: (error?: unknown) => void) => void
  }
}
const peer = <Name extends keyof Peers>(name: Name): Peers[Name] => peers(name) as Peers[Name]

/** Makes all that can do the algorithm. */
export async function makeContenders(issuer: Issuer): Promise<readonly Contender[]> {
  const { algorithm, audience, jwk, publicKey, url } = issuer
  const common = { issuer: url, resource: audience, jwksUri: `${url}/jwks`, algorithms: [algorithm] } as const
  const first = createVerifier({ ...common })
  const off = createVerifier({ ...common, rememberedTokens: 0 })
  const seen = createVerifier({ ...common })
  await Promise.all([first, off, seen].map((verifier) => verifier.ready()))
  const forJose = {
    issuer: url,
    audience,
    algorithms: [algorithm],
    typ: 'at+jwt',
    requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'],
  }
  const remote = createRemoteJWKSet(new URL(`${url}/jwks`))
  const pem = await exportSPKI(publicKey)
  const fast = { key: pem, algorithms: [algorithm], allowedIss: url, allowedAud: audience, checkTyp: 'at+jwt' }
  const { createVerifier: createFast } = peer('fast-jwt')
  const aws = peer('aws-jwt-verify').JwtVerifier.create({
    issuer: url,
    audience,
    jwksUri: `https://${new URL(url).host}/jwks`,
  })
  aws.cacheJwks({ keys: [jwk] })
  const all: (Contender | undefined)[] = [
    { name: 'jose jwtVerify, key in hand', seen: false, verify: (token) => jwtVerify(token, publicKey, forJose) },
    { name: 'jose jwtVerify, remote key set', seen: false, verify: (token) => jwtVerify(token, remote, forJose) },
    { name: 'ours, first', seen: false, verify: (token) => first.verify(token) },
    { name: 'ours, first, memory off', seen: false, verify: (token) => off.verify(token) },
    { name: 'ours, seen', seen: true, verify: (token) => seen.verify(token) },
    { name: 'fast-jwt, cache off', seen: false, verify: createFast({ ...fast, cache: false }) },
    { name: 'fast-jwt, cache on', seen: true, verify: createFast({ ...fast, cache: true }) },
    { name: 'aws-jwt-verify', seen: false, verify: (token) => aws.verifySync(token) },
    algorithm === 'EdDSA' ? undefined : withJsonwebtoken(issuer),
    withExpressOauth2(issuer),
  ]
  return all.filter((contender) => contender !== undefined)
}

function withJsonwebtoken({ algorithm, audience, url }: Issuer): Contender {
  const { verify } = peer('jsonwebtoken')
  const client = peer('jwks-rsa')({ jwksUri: `${url}/jwks`, cache: true, rateLimit: true })
  const findKey = ({ kid }: { kid: string }, done: (error: unknown, key?: string) => void) =>
    void client.getSigningKey(kid).then((key) => done(null, key.getPublicKey()), done)
  const options = { issuer: url, audience, algorithms: [algorithm] }
  return {
    name: 'jsonwebtoken + jwks-rsa',
    seen: false,
    verify: (token) =>
      new Promise((resolve, reject) => {
        verify(token, findKey, options, (error, claims) => (error === null ? resolve(claims) : reject(error)))
      }),
  }
}

function withExpressOauth2({ algorithm, audience, url }: Issuer): Contender {
  const { auth } = peer('express-oauth2-jwt-bearer')
  const gate = auth({ issuer: url, audience, jwksUri: `${url}/jwks`, tokenSigningAlg: algorithm, strict: true })
  return {
    name: 'express-oauth2-jwt-bearer',
    seen: false,
    verify: (token) =>
      new Promise<void>((resolve, reject) => {
        const headers = { host: 'mcp.example', authorization: `Bearer ${token}` }
        const request = {
          method: 'POST',
          protocol: 'https',
          host: 'mcp.example',
          originalUrl: '/mcp',
          url: '/mcp',
          headers,
          query: {},
          is: () => false,
          get: () => 'mcp.example',
        }
        gate(request, {}, (error) => (error === undefined ? resolve() : reject(error)))
      }),
  }
}
