/** One thing wrong with the configuration, and what to do about it. */
export interface Fault {
  /** The setting, or the place in the file: `SALLYPORT_ISSUER`, `sallyport.yaml: resources[0].name`. */
  readonly name: string
  /** Lower case, no full stop, never the value of a secret. */
  readonly problem: string
  readonly cure: string
}

/** All faults of the configuration at once; nothing has been started or written when it is thrown. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(report(faults))
    this.name = 'ConfigError'
    this.faults = faults
  }
}

function report(faults: readonly Fault[]): string {
  const head = faults.length === 1 ? 'the configuration has a fault' : `the configuration has ${faults.length} faults`
  return [head, ...faults.map(({ name, problem, cure }) => `${name}: ${problem}\nhint: ${cure}`)].join('\n')
}

/** The candidate that was most likely meant: one that goes on where the name ends, or with at most a third of the letters changed. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const longer = candidates.find((candidate) => name.length > 4 && candidate.startsWith(name))
  if (longer !== undefined) return longer
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Quotes a value of a setting that is no secret, so that spaces and control characters are seen. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
