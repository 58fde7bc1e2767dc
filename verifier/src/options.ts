import type { Fetch } from './json-fetch.ts'
import { isSigningAlgorithm, type SigningAlgorithm } from './key-set.ts'
import type { KeysEvent } from './keys.ts'
import { canonicalResource } from './resource-metadata.ts'
import { isScopeToken, type ScopeHierarchy } from './scopes.ts'

/** The settings of a verifier. `issuer` and `resource` are enough. */
export interface VerifierOptions {
  /** The authorization server, exactly as it writes itself in `iss`. https, or http on loopback. */
  readonly issuer: string
  /** This server, as registered with the authorization server. https, or http on loopback. A trailing slash is dropped. */
  readonly resource: string
  /** What a client should ask for first: the `scope` of a 401 and `scopes_supported`. Default none; `offline_access` is left out. */
  readonly scopes?: readonly string[]
  /** Which scopes a scope brings with it. Default nothing. */
  readonly scopeHierarchy?: ScopeHierarchy
  /** Signature algorithms. Default ES256, EdDSA, RS256. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /** Whether `aud` may be an array that holds our resource among others. Default false. */
  readonly acceptAudienceArrays?: boolean
  /** The longest `exp - iat`. Default 3600. */
  readonly maxLifetimeSeconds?: number
  /** How far the clocks may be apart. Default 5, at most 60. */
  readonly clockSkewSeconds?: number
  /** The longest token that is looked at. Default 8192. */
  readonly maxTokenBytes?: number
  /** Where the keys are, instead of discovery; the only way to an address off the issuer's origin. */
  readonly jwksUri?: string
  /** How long keys are used without asking again. Default 600; a withdrawn key dies after at most as long. */
  readonly keysMaxAgeSeconds?: number
  /** How long keys are used when asking again fails. Default 86400. */
  readonly keysStaleSeconds?: number
  /** How long after a look for an unknown key the next one waits. Default 30. */
  readonly keysCooldownSeconds?: number
  /** How long a document of the issuer may take. Default 5. */
  readonly fetchTimeoutSeconds?: number
  /** `resource_name` of the metadata. */
  readonly resourceName?: string
  /** `resource_documentation` of the metadata, a URL. */
  readonly resourceDocumentation?: string
  /** Called when keys could not be fetched, for logs and metrics. */
  readonly onKeysEvent?: (event: KeysEvent) => void
  /** Default the global `fetch`. */
  readonly fetch?: Fetch
  /** Default the clock of the machine. */
  readonly now?: () => Date
}

/** {@link VerifierOptions} with every default filled in. */
export type VerifierSettings = Required<Omit<VerifierOptions, OpenEnded>> & {
  readonly [Name in OpenEnded]: VerifierOptions[Name] | undefined
}
type OpenEnded = 'jwksUri' | 'resourceName' | 'resourceDocumentation'

// Ours: beyond a minute a clock is not skewed but wrong, and every expiry with it.
const maxClockSkewSeconds = 60

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names every fault, so that a wrong setting stops the start and not the first request
 */
export function resolveOptions(options: VerifierOptions): VerifierSettings {
  const settings: VerifierSettings = {
    issuer: options.issuer,
    resource: isSafeUrl(options.resource) ? canonicalResource(options.resource) : options.resource,
    // MCP, Refresh Tokens: offline_access is between client and authorization server and not ours to ask for.
    scopes: (options.scopes ?? []).filter((scope) => scope !== 'offline_access'),
    scopeHierarchy: options.scopeHierarchy ?? {},
    algorithms: options.algorithms ?? ['ES256', 'EdDSA', 'RS256'],
    acceptAudienceArrays: options.acceptAudienceArrays ?? false,
    maxLifetimeSeconds: options.maxLifetimeSeconds ?? 3600,
    clockSkewSeconds: options.clockSkewSeconds ?? 5,
    maxTokenBytes: options.maxTokenBytes ?? 8192,
    jwksUri: options.jwksUri,
    keysMaxAgeSeconds: options.keysMaxAgeSeconds ?? 600,
    keysStaleSeconds: options.keysStaleSeconds ?? 86_400,
    keysCooldownSeconds: options.keysCooldownSeconds ?? 30,
    fetchTimeoutSeconds: options.fetchTimeoutSeconds ?? 5,
    resourceName: options.resourceName,
    resourceDocumentation: options.resourceDocumentation,
    onKeysEvent: options.onKeysEvent ?? (() => {}),
    // Looked up with every call, not bound once: whoever instruments the globals later is heard.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now: options.now ?? (() => new Date(Date.now())),
  }
  const faults = listFaults(settings)
  if (faults.length > 0) throw new TypeError(`createVerifier: ${faults.join('; ')}`)
  return settings
}

function listFaults(settings: VerifierSettings): readonly string[] {
  const checks: readonly (readonly [boolean, string])[] = [
    [isIssuer(settings.issuer), 'issuer must be an https URL (http on loopback) without query and fragment'],
    [isSafeUrl(settings.resource), 'resource must be an https URL (http on loopback) without fragment'],
    [settings.scopes.every(isScopeToken), 'scopes must be scope tokens'],
    [
      settings.algorithms.length > 0 && settings.algorithms.every(isSigningAlgorithm),
      'algorithms must be asymmetric signature algorithms, at least one',
    ],
    [isPositive(settings.maxLifetimeSeconds), 'maxLifetimeSeconds must be a positive number'],
    [
      settings.clockSkewSeconds >= 0 && settings.clockSkewSeconds <= maxClockSkewSeconds,
      `clockSkewSeconds must be between 0 and ${maxClockSkewSeconds}`,
    ],
    [isPositive(settings.maxTokenBytes), 'maxTokenBytes must be a positive number'],
    [settings.jwksUri === undefined || isHttpUrl(settings.jwksUri), 'jwksUri must be an http or https URL'],
    [isPositive(settings.keysMaxAgeSeconds), 'keysMaxAgeSeconds must be a positive number'],
    [
      isPositive(settings.keysStaleSeconds) && settings.keysStaleSeconds >= settings.keysMaxAgeSeconds,
      'keysStaleSeconds must be a number not below keysMaxAgeSeconds',
    ],
    [isPositive(settings.keysCooldownSeconds), 'keysCooldownSeconds must be a positive number'],
    [isPositive(settings.fetchTimeoutSeconds), 'fetchTimeoutSeconds must be a positive number'],
  ]
  return checks.flatMap(([holds, fault]) => (holds ? [] : [fault]))
}

function isPositive(value: number): boolean {
  return Number.isFinite(value) && value > 0
}

function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

// RFC 8414 §2, RFC 9728 §1.2: https. Loopback is let off for development; it leaves no machine.
function isSafeUrl(value: unknown): value is string {
  if (!isHttpUrl(value)) return false
  const { protocol, hostname, username, password } = new URL(value)
  if (username !== '' || password !== '' || value.includes('#')) return false
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

// RFC 8414 §2: no query, no fragment.
function isIssuer(value: unknown): boolean {
  return isSafeUrl(value) && !value.includes('?')
}
