/** Why the gate stays shut: too many at this moment, or too many in this minute. */
export type GateRefusal = 'busy' | 'limited'

/** What may be under way. Rates are counted in windows of a minute; undefined: no rate. */
export interface GateLimits {
  readonly concurrent: number
  readonly concurrentPerHost: number
  readonly perMinutePerHost: number | undefined
  /** Fetches that went wrong: bad names of one host are asked for seldom, good ones are not held back (F13). */
  readonly failuresPerMinutePerHost: number | undefined
}

/** One fetch that was let in. */
export interface Pass {
  /** Counts the address that the host was found at: many names of one victim are one victim. */
  reach(address: string): GateRefusal | undefined
  /** Always called, once. */
  leave(failed: boolean): void
}

/** Lets fetches out, few at a time and few to one place. */
export interface FetchGate {
  enter(host: string): Pass | GateRefusal
}

// Ours: a content network serves many clients' documents from one address, so an address may be asked more often than a host.
const addressFactor = 3
const windowMs = 60_000
const mostPlaces = 10_000

interface Place {
  running: number
  windowAt: number
  started: number
  failed: number
}

/**
 * Makes a gate. Nobody waits in it: who does not get through is told at once, because a queue is what an attacker would fill (F07).
 *
 * @param now milliseconds, of any origin
 */
export function createFetchGate(limits: GateLimits, now: () => number = () => performance.now()): FetchGate {
  // Least recently used first. A place with something under way is never forgotten, or it could be entered anew.
  const places = new Map<string, Place>()
  let running = 0

  function placeOf(key: string): Place {
    const at = now()
    const place = places.get(key) ?? { running: 0, windowAt: at, started: 0, failed: 0 }
    if (at - place.windowAt >= windowMs) Object.assign(place, { windowAt: at, started: 0, failed: 0 })
    places.delete(key)
    places.set(key, place)
    if (places.size > mostPlaces) forgetOne()
    return place
  }

  function forgetOne(): void {
    for (const [key, place] of places) if (place.running === 0) return void places.delete(key)
  }

  function take(place: Place, factor: number): GateRefusal | undefined {
    const { concurrentPerHost, perMinutePerHost = Infinity, failuresPerMinutePerHost = Infinity } = limits
    if (place.started >= perMinutePerHost * factor || place.failed >= failuresPerMinutePerHost * factor)
      return 'limited'
    if (place.running >= concurrentPerHost * factor) return 'busy'
    place.running += 1
    place.started += 1
    return undefined
  }

  return {
    enter(host) {
      if (running >= limits.concurrent) return 'busy'
      const taken: Place[] = []
      const reach = (key: string, factor: number): GateRefusal | undefined => {
        const place = placeOf(key)
        const refusal = take(place, factor)
        if (refusal === undefined) taken.push(place)
        return refusal
      }
      const refusal = reach(`host ${host}`, 1)
      if (refusal !== undefined) return refusal
      running += 1
      return {
        reach: (address) => reach(`address ${address}`, addressFactor),
        leave(failed) {
          running -= 1
          for (const place of taken) {
            place.running -= 1
            if (failed) place.failed += 1
          }
        },
      }
    },
  }
}
