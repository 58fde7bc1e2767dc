import type { Metrics } from './metrics.ts'

/**
 * Counts what a fetch came to, by purpose. Nothing of the address is kept: whom this server asks is in the log, not in a label.
 *
 * @param wayOut any way out; its failures carry a `code`
 * @returns the same, counted; the same function when nothing is counted
 */
export function countedFetch<Args extends readonly unknown[], Result>(
  metrics: Pick<Metrics, 'isOn' | 'fetched'>,
  purpose: string,
  wayOut: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  if (!metrics.isOn) return wayOut
  return async function fetchAndCount(...args) {
    try {
      const answer = await wayOut(...args)
      metrics.fetched(purpose, 'ok')
      return answer
    } catch (error) {
      metrics.fetched(purpose, error instanceof Error && 'code' in error ? String(error.code) : 'failed')
      throw error
    }
  }
}
