// Room: health. Is this process alive, and may it be sent requests? Serves /healthz and /readyz.
// What must work for readiness is handed in by the composition; this room knows no other room.

/** One thing that must work before requests may come. */
export interface Probe {
  /** For the answer of `/readyz`: `database`, `keys`. */
  readonly name: string
  /** Resolves when it works; a rejection or a delay beyond the deadline means that it does not. */
  readonly check: () => Promise<void>
}

/** The outcome of all probes, by name. */
export interface Readiness {
  readonly ready: boolean
  readonly probes: Readonly<Record<string, 'ok' | 'failed'>>
}

// Ours: longer than a busy database needs, shorter than the patience of the usual orchestrator (1 s is its default).
const deadlineMilliseconds = 900

/** Asks all probes at once. Reasons are not told: the page is public, and a fault's text may name hosts and paths. */
export async function askProbes(probes: readonly Probe[]): Promise<Readiness> {
  const outcomes = await Promise.all(probes.map(async (probe) => [probe.name, await outcome(probe)] as const))
  return { ready: outcomes.every(([, one]) => one === 'ok'), probes: Object.fromEntries(outcomes) }
}

async function outcome(probe: Probe): Promise<'ok' | 'failed'> {
  const { promise: late, resolve } = Promise.withResolvers<'failed'>()
  const timer = setTimeout(() => resolve('failed'), deadlineMilliseconds)
  try {
    const done = probe.check().then(
      () => 'ok' as const,
      () => 'failed' as const,
    )
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}
