import { compactVerify, importJWK } from 'jose'
import type { Account } from '../accounts/account.ts'
import type { Client } from '../clients/client.ts'
import { type KeyAlg, keyAlgs, type PublicJwk, type SigningKey } from '../keys/key.ts'
import type { Messages } from '../messages/messages.ts'
import type { Resource } from '../resources/resource.ts'
import { longestToken, type TokenMembers, takeApart, tokenIn } from './diagnostics-compact.ts'

/** What a finding is called; its sentence is in the catalogue. */
export type FindingCode = keyof Messages['diagnostics']['findings']

/** A value in a finding's sentence: words, a moment, a span in seconds. */
export type FindingValue = string | number | Date

/** One thing that was looked at. */
export interface Finding {
  readonly code: FindingCode
  /** stop: a verifier refuses it for this. */
  readonly tone: 'good' | 'care' | 'stop'
  readonly values?: Readonly<Record<string, FindingValue>>
}

/** A token as read. */
export interface TokenReading {
  readonly findings: readonly Finding[]
  /** Undefined when it cannot be taken apart. */
  readonly parts: { readonly header: TokenMembers; readonly claims: TokenMembers } | undefined
}

/** What is asked about a token. */
export interface TokenLookups {
  readonly issuer: string
  readonly publicKeys: () => readonly PublicJwk[]
  readonly keys: () => readonly SigningKey[]
  readonly findResource: (identifier: string) => Promise<Resource | null>
  readonly findClient: (clientId: string) => Promise<Client | null>
  readonly findAccount: (accountId: string) => Promise<Account | null>
  readonly grantOf: (tokenId: string, clientId: string, issuedAt: Date) => Promise<GrantState>
}

/** What became of the connection of a token; unknown: the book does not say which one it is. */
export type GrantState = 'alive' | 'paused' | 'gone' | 'unknown'

// The verifier's own: 5 seconds of skew, an hour of life.
const skewSeconds = 5
const longestLifeSeconds = 3600
const neededClaims = ['sub', 'client_id', 'jti', 'iat'] as const

/**
 * Reads an access token and says what is wrong with it. Decides nothing: verifiers do. Stores nothing, logs nothing and
 * fetches nothing, whatever the token names (V12).
 */
export async function readToken(pasted: string, lookups: TokenLookups, now: Date): Promise<TokenReading> {
  const compact = takeApart(pasted)
  if (!compact.ok) {
    const values = { count: compact.count, most: longestToken }
    return { findings: [{ code: compact.problem, tone: 'stop', values }], parts: undefined }
  }
  const { header, claims, duplicates } = compact
  const findings = [
    ...(duplicates.length === 0 ? [] : [stop('duplicate', { names: duplicates.join(' ') })]),
    ...headerFindings(header),
    await signatureFinding(tokenIn(pasted), header, lookups),
    typeFinding(header),
    issuerFinding(claims, lookups.issuer),
    ...(await audienceFindings(claims, lookups)),
    ...timeFindings(claims, now),
    ...(await holderFindings(claims, lookups)),
  ]
  return { findings, parts: { header, claims } }
}

/** Would a verifier take it? */
export function isAcceptable({ findings, parts }: TokenReading): boolean {
  return parts !== undefined && findings.every(({ tone }) => tone !== 'stop')
}

function headerFindings(header: TokenMembers): Finding[] {
  const carried = ['jwk', 'x5c', 'jku', 'x5u'].filter((name) => name in header)
  const found: Finding[] = []
  if (carried.length > 0) found.push({ code: 'embedded_key', tone: 'care', values: { names: carried.join(' ') } })
  // RFC 7515 §4.1.11: whoever does not understand a critical extension refuses the token.
  if ('crit' in header) found.push(stop('crit', { names: [header.crit].flat().map(String).join(' ') }))
  return found
}

async function signatureFinding(token: string, header: TokenMembers, lookups: TokenLookups): Promise<Finding> {
  const said = typeof header.alg === 'string' ? header.alg : ''
  if (said === '' || said.toLowerCase() === 'none') return stop('alg_none')
  if (/^HS/i.test(said)) return stop('alg_symmetric', { alg: said })
  const alg: KeyAlg | undefined = keyAlgs.find((one) => one === said)
  if (alg === undefined) return stop('alg_unknown', { alg: said })
  const kid = typeof header.kid === 'string' ? header.kid : undefined
  const published = lookups.publicKeys()
  if (kid !== undefined) {
    const key = published.find((one) => one.kid === kid)
    if (key === undefined) return stop('key_unknown', { kid })
    if (key.alg !== alg) return stop('alg_differs', { alg, expected: key.alg })
    return (await isSignedBy(token, key)) ? goodSignature(kid, lookups) : stop('signature_bad')
  }
  for (const key of published.filter((one) => one.alg === alg)) {
    if (await isSignedBy(token, key)) return goodSignature(key.kid, lookups)
  }
  return stop('key_missing')
}

function goodSignature(kid: string, lookups: TokenLookups): Finding {
  const state = lookups.keys().find((key) => key.kid === kid)?.state ?? 'current'
  return { code: 'signature_good', tone: 'good', values: { kid, state } }
}

async function isSignedBy(token: string, key: PublicJwk): Promise<boolean> {
  try {
    await compactVerify(token, await importJWK(key, key.alg), { algorithms: [key.alg] })
    return true
  } catch {
    // Whatever jose has against it, to the reader it is one thing: the signature does not hold.
    return false
  }
}

function typeFinding({ typ }: TokenMembers): Finding {
  if (typ === undefined) return stop('typ_missing')
  const name = String(typ)
  // RFC 9068 §4: at+jwt, with or without application/ in front, in any case.
  if (/^(?:application\/)?at\+jwt$/i.test(name)) return { code: 'typ_good', tone: 'good', values: { typ: name } }
  return /^jwt$/i.test(name) ? stop('typ_id_token') : stop('typ_wrong', { typ: name })
}

function issuerFinding({ iss }: TokenMembers, issuer: string): Finding {
  if (typeof iss !== 'string') return stop('issuer_missing')
  if (iss === issuer) return { code: 'issuer_good', tone: 'good', values: { issuer } }
  const plain = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replace(/(?<!\/)\/+$/, '')
  return stop(plain(iss) === plain(issuer) ? 'issuer_near' : 'issuer_other', { found: iss, issuer })
}

async function audienceFindings({ aud, scope }: TokenMembers, lookups: TokenLookups): Promise<Finding[]> {
  if (Array.isArray(aud)) return [stop('audience_many')]
  if (typeof aud !== 'string' || aud === '') return [stop('audience_missing')]
  const resource = await lookups.findResource(aud)
  if (resource === null) return [stop('audience_unknown', { audience: aud })]
  if (resource.identifier !== aud)
    return [stop('audience_spelling', { audience: aud, identifier: resource.identifier })]
  const good: Finding = { code: 'audience_good', tone: 'good', values: { name: resource.name, audience: aud } }
  return [good, ...scopeFindings(scope, resource)]
}

function scopeFindings(scope: unknown, resource: Resource): Finding[] {
  const held = typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : []
  if (held.length === 0) return [{ code: 'scope_none', tone: 'care' }]
  const names = resource.scopes.map(({ name }) => name)
  const unknown = held.filter((one) => !names.includes(one) && one !== 'openid' && one !== 'offline_access')
  const found: Finding[] = [{ code: 'scope_good', tone: 'good', values: { scopes: held.join(' ') } }]
  if (unknown.length > 0) found.push({ code: 'scope_unknown', tone: 'care', values: { scopes: unknown.join(' ') } })
  return found
}

function timeFindings({ exp, iat, nbf }: TokenMembers, now: Date): Finding[] {
  const seconds = now.getTime() / 1000
  const end = instantOf(exp)
  const start = instantOf(iat)
  const notBefore = instantOf(nbf)
  const found: Finding[] = []
  if (end === null) found.push(stop('expiry_wrong'))
  else if (end + skewSeconds < seconds) found.push(stop('expired', { moment: dateOf(end) }))
  else found.push({ code: 'expires', tone: 'good', values: { moment: dateOf(end) } })
  if (end !== null && start !== null && end - start > longestLifeSeconds)
    found.push(stop('life_long', { life: end - start }))
  if (notBefore !== null && notBefore > seconds + skewSeconds)
    found.push(stop('not_yet', { moment: dateOf(notBefore) }))
  if (start !== null && start > seconds + skewSeconds) found.push(stop('issued_ahead', { moment: dateOf(start) }))
  return found
}

async function holderFindings(claims: TokenMembers, lookups: TokenLookups): Promise<Finding[]> {
  const { sub, client_id: clientId, jti } = claims
  const missing = neededClaims.filter((name) =>
    name === 'iat' ? instantOf(claims.iat) === null : typeof claims[name] !== 'string',
  )
  const found: Finding[] = missing.length === 0 ? [] : [stop('claims_missing', { names: missing.join(' ') })]
  const isMachine = typeof sub === 'string' && sub.startsWith('client:')
  if (isMachine) found.push({ code: 'machine', tone: 'good' })
  else if (typeof sub === 'string') found.push(personFinding(await lookups.findAccount(sub)))
  if (typeof clientId !== 'string') return found
  found.push(clientFinding(clientId, await lookups.findClient(clientId)))
  const issuedAt = instantOf(claims.iat)
  if (isMachine || typeof jti !== 'string' || issuedAt === null) return found
  const state = await lookups.grantOf(jti, clientId, dateOf(issuedAt))
  return [...found, { code: `grant_${state}`, tone: state === 'alive' ? 'good' : 'care' }]
}

function personFinding(account: Account | null): Finding {
  if (account === null) return { code: 'person_gone', tone: 'care' }
  const values = { email: account.email }
  return account.state === 'active'
    ? { code: 'person', tone: 'good', values }
    : { code: 'person_disabled', tone: 'care', values }
}

function clientFinding(clientId: string, client: Client | null): Finding {
  if (client === null) return { code: 'client_gone', tone: 'care', values: { client: clientId } }
  const values = { client: client.claimedName, state: client.state }
  return {
    code: client.state === 'active' ? 'client_good' : 'client_state',
    tone: client.state === 'active' ? 'good' : 'care',
    values,
  }
}

/** Whole seconds that a date can hold (V20); null for everything else. */
function instantOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 8.64e12 ? value : null
}

function dateOf(seconds: number): Date {
  return new Date(seconds * 1000)
}

function stop(code: FindingCode, values?: Finding['values']): Finding {
  return { code, tone: 'stop', values }
}
