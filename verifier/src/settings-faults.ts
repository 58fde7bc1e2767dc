import { isSigningAlgorithm } from './key-set.ts'
import { isScopeToken } from './scopes.ts'
import type { VerifierSettings } from './settings.ts'
import { isRecord } from './strict-json.ts'
import { isHttpUrl, isIssuer, isSafeUrl } from './urls.ts'

// Ours: beyond a minute a clock is not skewed but wrong, and every expiry with it.
const maxClockSkewSeconds = 60
// Ours: an old proof is a stolen proof; five minutes is the longest that any deployment guide asks for.
const maxProofAgeSeconds = 300
const maxIntrospectionCacheSeconds = 60
// Ours: requests wait for it.
const maxFetchTimeoutSeconds = 60

/**
 * Names everything that is wrong with settings, each in the words of the option.
 *
 * @returns sentences without a full stop; none when all is well
 */
export function listFaults(settings: VerifierSettings): readonly string[] {
  const { dpop, revocations, introspection } = settings
  const checks: readonly (readonly [boolean, string])[] = [
    [isIssuer(settings.issuer), 'issuer must be an https URL (http on loopback) without query and fragment'],
    [isSafeUrl(settings.resource), 'resource must be an https URL (http on loopback) without fragment'],
    [settings.scopes.every(isScopeToken), 'scopes must be scope tokens'],
    [
      settings.tools === undefined || isScopeTable(settings.tools),
      'tools must map each name to a list of scope tokens',
    ],
    [isScopeTable(settings.scopeHierarchy), 'scopeHierarchy must map each scope to a list of scope tokens'],
    [areAlgorithms(settings.algorithms), 'algorithms must be asymmetric signature algorithms, at least one'],
    [isFilled(settings.audience), 'audience must not be empty'],
    // Whoever writes 'false' means it.
    [isBoolean(settings.acceptAudienceArrays), 'acceptAudienceArrays must be true or false'],
    [
      settings.acceptTypes.length > 0 && settings.acceptTypes.every((type) => type === 'at+jwt' || type === 'jwt'),
      'acceptTypes must be at+jwt, JWT or both',
    ],
    [Object.values(settings.claimNames).every(isFilled), 'claimNames must be names of claims'],
    [isPositive(settings.maxLifetimeSeconds), 'maxLifetimeSeconds must be a positive number'],
    [
      isBetween(settings.clockSkewSeconds, 0, maxClockSkewSeconds),
      `clockSkewSeconds must be between 0 and ${maxClockSkewSeconds}`,
    ],
    [isPositive(settings.maxTokenBytes), 'maxTokenBytes must be a positive number'],
    [
      Number.isSafeInteger(settings.rememberedTokens) && settings.rememberedTokens >= 0,
      'rememberedTokens must be a whole number, 0 or more',
    ],
    [settings.jwksUri === undefined || isHttpUrl(settings.jwksUri), 'jwksUri must be an http or https URL'],
    [isPositive(settings.keysMaxAgeSeconds), 'keysMaxAgeSeconds must be a positive number'],
    [
      isPositive(settings.keysStaleSeconds) && settings.keysStaleSeconds >= settings.keysMaxAgeSeconds,
      'keysStaleSeconds must be a number not below keysMaxAgeSeconds',
    ],
    [isPositive(settings.keysCooldownSeconds), 'keysCooldownSeconds must be a positive number'],
    [
      isPositive(settings.fetchTimeoutSeconds) && settings.fetchTimeoutSeconds <= maxFetchTimeoutSeconds,
      `fetchTimeoutSeconds must be a positive number, at most ${maxFetchTimeoutSeconds}`,
    ],
    [
      settings.resourceDocumentation === undefined || isHttpUrl(settings.resourceDocumentation),
      'resourceDocumentation must be an http or https URL',
    ],
    [dpop === undefined || areAlgorithms(dpop.algorithms), 'dpop.algorithms must be asymmetric, at least one'],
    [
      dpop === undefined || (isPositive(dpop.maxAgeSeconds) && dpop.maxAgeSeconds <= maxProofAgeSeconds),
      `dpop.maxAgeSeconds must be a positive number, at most ${maxProofAgeSeconds}`,
    ],
    [
      dpop === undefined || (isBoolean(dpop.required) && isBoolean(dpop.nonces)),
      'dpop.required and dpop.nonces must be true or false',
    ],
    [
      dpop?.nonceSecret === undefined || dpop.nonceSecret.length >= 32,
      'dpop.nonceSecret must be 32 characters or longer',
    ],
    [revocations === undefined || isHttpUrl(revocations.url), 'revocations.url must be an http or https URL'],
    [
      revocations === undefined || isPositive(revocations.pollSeconds),
      'revocations.pollSeconds must be a positive number',
    ],
    [revocations === undefined || isPolicy(revocations.whenStale), 'revocations.whenStale must be accept or refuse'],
    [
      introspection === undefined || isSafeUrl(introspection.url),
      'introspection.url must be an https URL (http on loopback)',
    ],
    [
      introspection === undefined || isBetween(introspection.cacheSeconds, 0, maxIntrospectionCacheSeconds),
      `introspection.cacheSeconds must be between 0 and ${maxIntrospectionCacheSeconds}`,
    ],
    [
      introspection === undefined ||
        typeof introspection.authorization === 'function' ||
        isFilled(introspection.authorization),
      'introspection.authorization must be the value of a header or a function that makes it',
    ],
    [
      introspection === undefined || isPolicy(introspection.whenUnavailable),
      'introspection.whenUnavailable must be accept or refuse',
    ],
  ]
  return checks.flatMap(([holds, fault]) => (holds ? [] : [fault]))
}

function isPositive(value: number): boolean {
  return Number.isFinite(value) && value > 0
}

// A number, and not text that is compared like one: '5' added to a time makes it ten times as late, and nothing ever expires.
function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

// A plain object: the entries of a Map would not be seen, nor those that `__proto__` in a literal makes.
function isScopeTable(value: unknown): boolean {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false
  return Object.values(value).every((scopes) => Array.isArray(scopes) && scopes.every(isScopeToken))
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isPolicy(value: unknown): boolean {
  return value === 'accept' || value === 'refuse'
}

function areAlgorithms(names: readonly unknown[]): boolean {
  return names.length > 0 && names.every(isSigningAlgorithm)
}
