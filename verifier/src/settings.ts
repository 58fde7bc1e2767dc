import { type ClaimNames, defaultClaimNames } from './claims.ts'
import { createMemoryReplays, type ReplayStore } from './dpop-replays.ts'
import type { SigningAlgorithm } from './key-set.ts'
import type { DpopOptions, IntrospectionOptions, RevocationsOptions, VerifierOptions } from './options.ts'
import { canonicalResource } from './resource-metadata.ts'
import { listFaults } from './settings-faults.ts'
import { isSafeUrl } from './urls.ts'

/** {@link VerifierOptions} with every default filled in. */
export type VerifierSettings = Required<Omit<VerifierOptions, OpenEnded | keyof Resolved>> & {
  readonly [Name in OpenEnded]: VerifierOptions[Name] | undefined
} & Resolved
type OpenEnded = 'jwksUri' | 'resourceName' | 'resourceDocumentation' | 'tools' | 'onDecision'
interface Resolved {
  readonly acceptTypes: readonly string[]
  readonly claimNames: Required<ClaimNames>
  readonly dpop: DpopSettings | undefined
  readonly revocations: RevocationsSettings | undefined
  readonly introspection: Required<IntrospectionOptions> | undefined
}

/** {@link DpopOptions} with every default filled in. */
export interface DpopSettings {
  readonly required: boolean
  readonly algorithms: readonly SigningAlgorithm[]
  readonly maxAgeSeconds: number
  readonly nonces: boolean
  readonly nonceSecret: string | undefined
  readonly replays: ReplayStore
  readonly publicUrl: (path: string) => string
}

/** {@link RevocationsOptions} with every default filled in. */
export type RevocationsSettings = Required<RevocationsOptions>

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names every fault, so that a wrong setting stops the start and not the first request
 */
export function resolveOptions(options: VerifierOptions): VerifierSettings {
  for (const name of ['scopes', 'algorithms', 'acceptTypes'] as const) {
    if (!Array.isArray(options[name] ?? [])) throw new TypeError(`createVerifier: ${name} must be a list`)
  }
  const resource = isSafeUrl(options.resource) ? canonicalResource(options.resource) : options.resource
  const settings: VerifierSettings = {
    issuer: options.issuer,
    resource,
    // MCP, Refresh Tokens: offline_access is between client and authorization server and not ours to ask for.
    scopes: (options.scopes ?? []).filter((scope) => scope !== 'offline_access'),
    scopeHierarchy: options.scopeHierarchy ?? {},
    tools: options.tools,
    algorithms: options.algorithms ?? ['ES256', 'EdDSA', 'RS256'],
    audience: options.audience ?? resource,
    acceptAudienceArrays: options.acceptAudienceArrays ?? false,
    acceptTypes: (options.acceptTypes ?? ['at+jwt']).map((type) => String(type).toLowerCase()),
    claimNames: { ...defaultClaimNames, ...options.claimNames },
    maxLifetimeSeconds: options.maxLifetimeSeconds ?? 3600,
    clockSkewSeconds: options.clockSkewSeconds ?? 5,
    maxTokenBytes: options.maxTokenBytes ?? 8192,
    rememberedTokens: options.rememberedTokens ?? 1000,
    jwksUri: options.jwksUri,
    keysMaxAgeSeconds: options.keysMaxAgeSeconds ?? 600,
    keysStaleSeconds: options.keysStaleSeconds ?? 86_400,
    keysCooldownSeconds: options.keysCooldownSeconds ?? 30,
    fetchTimeoutSeconds: options.fetchTimeoutSeconds ?? 5,
    dpop: options.dpop && resolveDpop(options.dpop, resource),
    revocations: options.revocations && resolveRevocations(options.revocations, options.issuer),
    introspection: options.introspection && resolveIntrospection(options.introspection),
    resourceName: options.resourceName,
    resourceDocumentation: options.resourceDocumentation,
    onDecision: options.onDecision,
    onKeysEvent: quietly(options.onKeysEvent),
    // Looked up with every call, not bound once: whoever instruments the globals later is heard.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now: options.now ?? (() => new Date(Date.now())),
  }
  const faults = listFaults(settings)
  if (faults.length > 0) throw new TypeError(`createVerifier: ${faults.join('; ')}`)
  return settings
}

function resolveDpop(options: DpopOptions, resource: string): DpopSettings {
  return {
    required: options.required ?? false,
    algorithms: options.algorithms ?? ['ES256', 'EdDSA', 'Ed25519', 'RS256', 'PS256'],
    maxAgeSeconds: options.maxAgeSeconds ?? 60,
    nonces: options.nonces ?? false,
    nonceSecret: options.nonceSecret,
    replays: options.replays ?? createMemoryReplays(),
    publicUrl: options.publicUrl ?? ((path) => `${new URL(resource).origin}${path}`),
  }
}

function resolveRevocations(options: RevocationsOptions, issuer: string): RevocationsSettings {
  return {
    url: options.url ?? `${issuer.replace(/\/$/, '')}/revocations`,
    pollSeconds: options.pollSeconds ?? 5,
    whenStale: options.whenStale ?? 'accept',
    onEvent: quietly(options.onEvent),
  }
}

function resolveIntrospection(options: IntrospectionOptions): Required<IntrospectionOptions> {
  return {
    url: options.url,
    authorization: options.authorization,
    cacheSeconds: options.cacheSeconds ?? 10,
    whenUnavailable: options.whenUnavailable ?? 'refuse',
    onEvent: quietly(options.onEvent),
  }
}

// A log that fails must not decide about requests, and where nobody waits for what is told (the list is fetched in the background) it
// would end the process.
function quietly<Event>(tell: ((event: Event) => unknown) | undefined): (event: Event) => void {
  return (event) => {
    try {
      const told = tell?.(event)
      if (told instanceof Promise) told.catch(() => {})
    } catch {
      // the log's own affair
    }
  }
}
