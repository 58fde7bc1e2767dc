import type { GuardedFetch } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Adapter, Arrival } from './adapter.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import type { EndpointRules } from './endpoints.ts'
import { UpstreamFault } from './fault.ts'
import { createGithubAdapter } from './github.ts'
import { createOidcAdapter } from './oidc.ts'
import { presets } from './presets.ts'
import type { Upstream } from './upstream.ts'
import { createWire } from './wire.ts'

/** What the protocol stands on. */
export interface ProtocolOptions extends EndpointRules {
  /** Limits how many requests a host has open at a time: one that hangs takes no place from the others. */
  readonly fetch: GuardedFetch
  readonly clock: Clock
  readonly breaker?: Breaker
}

// Ours: over all requests of one step together. Each request has the deadline of the guarded fetch besides.
const stepMs = 12_000

/** Makes the protocol side of federation, with deadlines and the breaker around both adapters (H12). */
export function createUpstreamProtocol(options: ProtocolOptions): Adapter {
  const { clock, breaker = createBreaker() } = options
  const wire = createWire(options.fetch)
  const adapters: Readonly<Record<'oidc' | 'github', Adapter>> = {
    oidc: createOidcAdapter(wire, options),
    github: createGithubAdapter(wire),
  }
  const adapterOf = ({ preset }: Upstream): Adapter => adapters[presets[preset].protocol]

  async function guarded<T>({ id }: Upstream, step: () => Promise<T>): Promise<T> {
    if (!breaker.mayAsk(id, clock.now())) throw new UpstreamFault('down', 'resting')
    try {
      const result = await withDeadline(step())
      breaker.answered(id)
      return result
    } catch (error) {
      // A code that is refused is an answer: nobody can send an upstream to rest by making codes up.
      if (!(error instanceof UpstreamFault) || error.kind !== 'down') breaker.answered(id)
      // `busy`: our own limit. Those who wait there already will tell.
      else if (error.reason !== 'busy') breaker.failed(id, clock.now())
      throw error
    }
  }

  return {
    authorizationUrl: (upstream, hop) => guarded(upstream, () => adapterOf(upstream).authorizationUrl(upstream, hop)),
    redeem: (upstream, answer, hop, now): Promise<Arrival> =>
      guarded(upstream, () => adapterOf(upstream).redeem(upstream, answer, hop, now)),
  }
}

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new UpstreamFault('down', 'timeout')), stepMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
