import { canonicalResource } from '../oauth/resource-uri.ts'
import type { Clock } from '../runtime/clock.ts'
import { neededAlgs } from './check.ts'
import type { Resource, SigningAlg } from './resource.ts'
import type { ResourceStore } from './store.ts'

/** Looks resources up for the protocol; every request goes through here, so it answers from memory. */
export interface ResourceRegistry {
  /** The resource meant by a `resource` parameter, in whichever spelling; null when it is unknown or no acceptable URI. */
  find(text: string): Promise<Resource | null>
  /** The resource with this id, or null. */
  byId(id: string): Promise<Resource | null>
  /** Every resource, oldest first. */
  all(): Promise<readonly Resource[]>
  /** The resource, when exactly one is registered; a request that names none is bound to it. */
  only(): Promise<Resource | null>
  /** The algorithms that tokens for these resources are signed with. */
  algs(): Promise<readonly SigningAlg[]>
  /** Forgets what it remembers; called after every change made in this process. */
  invalidate(): void
}

// Ours: a change made by another instance or by the command line is seen here after at most this long.
const cacheMilliseconds = 5_000

interface Snapshot {
  readonly takenAt: number
  readonly all: readonly Resource[]
  readonly byText: ReadonlyMap<string, Resource>
  readonly byId: ReadonlyMap<string, Resource>
}

/**
 * Remembers all resources for five seconds: there are few of them, and they change rarely.
 * Look-ups that come together while it reads share one reading; a reading begun before a change is not kept.
 */
export function createResourceRegistry(store: Pick<ResourceStore, 'list'>, clock: Clock): ResourceRegistry {
  let snapshot: Snapshot | undefined
  let reading: Promise<Snapshot> | undefined
  let generation = 0

  async function read(): Promise<Snapshot> {
    const begunIn = generation
    const fresh = index(await store.list(), clock.now().getTime())
    if (begunIn === generation) {
      snapshot = fresh
      reading = undefined
    }
    return fresh
  }

  function current(): Promise<Snapshot> | Snapshot {
    if (snapshot !== undefined) {
      const age = clock.now().getTime() - snapshot.takenAt
      if (age >= 0 && age < cacheMilliseconds) return snapshot
    }
    if (reading === undefined) {
      const begun = read()
      reading = begun
      // A failed reading must not be handed to later callers.
      begun.catch(() => {
        if (reading === begun) reading = undefined
      })
    }
    return reading
  }

  return {
    async find(text) {
      // What is spelled as we keep it needs no parsing: all that we keep is canonical.
      const exact = (await current()).byText.get(text)
      if (exact !== undefined) return exact
      // RFC 8707 §2, E02: what is no acceptable identifier is simply not known here.
      const canonical = canonicalResource(text)
      return canonical === null ? null : ((await current()).byText.get(canonical) ?? null)
    },
    async byId(id) {
      return (await current()).byId.get(id) ?? null
    },
    async all() {
      return (await current()).all
    },
    async only() {
      const { all } = await current()
      return all.length === 1 ? (all[0] ?? null) : null
    },
    async algs() {
      return neededAlgs((await current()).all)
    },
    invalidate() {
      generation += 1
      snapshot = undefined
      reading = undefined
    },
  }
}

function index(all: readonly Resource[], takenAt: number): Snapshot {
  const byText = new Map<string, Resource>()
  for (const resource of all) for (const alias of resource.aliases) byText.set(alias, resource)
  // Identifiers last: should two instances ever write a colliding alias at once, the identifier wins.
  for (const resource of all) byText.set(resource.identifier, resource)
  return { takenAt, all, byText, byId: new Map(all.map((resource) => [resource.id, resource])) }
}
