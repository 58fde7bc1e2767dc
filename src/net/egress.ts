import { createFetchGate } from './fetch-gate.ts'
import { createGuardedFetch, type FetchOutcome, type GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts'
import { createResolver, type ResolveAddresses } from './resolve-name.ts'

/** What this server fetches for: what strangers name (documents with their keys, logos), and what the operator set up or has walked. */
export type EgressPurpose = 'documents' | 'logos' | 'resources' | 'upstreams' | 'doctor'

/**
 * RFC 6890, "this host on this network": systems take it for loopback, and no operator can list it. What the guard is proved with.
 */
export const guardProbe = '0.0.0.0'

/** What the ways out have in common. */
export interface EgressOptions {
  readonly userAgent: string
  /** Hosts that may be reached although they are internal, for every purpose. */
  readonly allowedHosts: readonly string[]
  /** The same, for what clients say of themselves only. */
  readonly documentHosts: readonly string[]
  /** The issuer is on loopback: a server under development, and so are the servers that its operator sets up beside it. */
  readonly isOnLoopback: boolean
  readonly proxy: URL | undefined
  /** False: nothing is counted by the minute; what runs at a time is. */
  readonly hasRates: boolean
  /** Told the end of every fetch. */
  readonly onFetch?: ((purpose: EgressPurpose, outcome: FetchOutcome) => void) | undefined
}

/** For tests: names, certificates and addresses of their own, shorter deadlines. */
export interface EgressStage {
  readonly resolve?: ResolveAddresses
  readonly certificateAuthority?: string
  readonly dial?: NonNullable<GuardedFetchOptions['dial']>
  readonly timeoutMs?: number
  /** Milliseconds, of any origin. */
  readonly now?: () => number
}

/** Every way out of this server. */
export type Egress = Readonly<Record<EgressPurpose, GuardedFetch>>

// Ours: a document is fetched once in minutes, whoever asks. A host that many clients' documents lie on gets one fetch a second.
const perMinutePerHost = 60
const failuresPerMinutePerHost = 20

/**
 * Opens the ways out. What strangers name shares one gate, what the operator set up has another, so that no flood of client documents
 * keeps people from signing in upstream (F07, F16).
 */
export function createEgress(options: EgressOptions, stage: EgressStage = {}): Egress {
  const { allowedHosts, documentHosts, isOnLoopback: loopback, hasRates } = options
  const strangers = createFetchGate(
    {
      concurrent: 10,
      concurrentPerHost: 3,
      perMinutePerHost: hasRates ? perMinutePerHost : undefined,
      failuresPerMinutePerHost: hasRates ? failuresPerMinutePerHost : undefined,
    },
    stage.now,
  )
  const own = createFetchGate({
    concurrent: 20,
    concurrentPerHost: 10,
    perMinutePerHost: undefined,
    failuresPerMinutePerHost: undefined,
  })
  const shared = {
    ...stage,
    userAgent: options.userAgent,
    proxy: options.proxy,
    resolve: stage.resolve ?? createResolver(),
  }
  const open = (purpose: EgressPurpose, special: Omit<GuardedFetchOptions, 'userAgent'>) =>
    createGuardedFetch({ ...special, ...shared, onEnd: (outcome) => options.onFetch?.(purpose, outcome) })
  const hostsOfClients = [...allowedHosts, ...documentHosts]
  return {
    documents: open('documents', { allowedInternalHosts: hostsOfClients, gate: strangers }),
    // Ours: half a megabyte is more than any logo needs before it is drawn anew.
    logos: open('logos', { allowedInternalHosts: hostsOfClients, gate: strangers, maxBytes: 512 * 1024 }),
    // Decision 0016: an issuer on loopback is a development one, and so are the servers beside it.
    resources: open('resources', { allowedInternalHosts: hostsOfClients, gate: own, loopback }),
    // Ours: people wait for it, and a provider may have to wake up. Its keys and discovery documents are larger than a client's.
    upstreams: open('upstreams', {
      allowedInternalHosts: allowedHosts,
      gate: own,
      loopback,
      mayPost: true,
      maxBytes: 256 * 1024,
      timeoutMs: 8000,
    }),
    // An administrator has the way of a client walked, from the metadata of whatever server to its token endpoint.
    doctor: open('doctor', {
      allowedInternalHosts: allowedHosts,
      // Of its own: an examination must not keep people from signing in upstream.
      maxConcurrent: 20,
      loopback,
      asClient: true,
      maxBytes: 256 * 1024,
      timeoutMs: 6000,
    }),
  }
}
