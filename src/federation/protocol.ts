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
import { createWire, type Wire } from './wire.ts'

/** What the protocol stands on. */
export interface ProtocolOptions extends EndpointRules {
  /** A guarded fetch of its own for each upstream: one that hangs takes no place from the others. */
  readonly openFetch: () => GuardedFetch
  readonly clock: Clock
  readonly breaker?: Breaker
}

// Ours: over all requests of one step together. Each request has the deadline of the guarded fetch besides.
const stepMs = 12_000

/** Makes the protocol side of federation, with deadlines and the breaker around both adapters (H12). */
export function createUpstreamProtocol(options: ProtocolOptions): Adapter {
  const { openFetch, clock, breaker = createBreaker() } = options
  const wires = new Map<string, Wire>()
  const wireOf = ({ id }: Pick<Upstream, 'id'>): Wire => {
    const wire = wires.get(id) ?? createWire(openFetch())
    wires.set(id, wire)
    return wire
  }
  const adapters: Readonly<Record<'oidc' | 'github', Adapter>> = {
    oidc: createOidcAdapter(wireOf, options),
    github: createGithubAdapter(wireOf),
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
      if (error instanceof UpstreamFault && error.kind === 'down') breaker.failed(id, clock.now())
      else breaker.answered(id)
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
