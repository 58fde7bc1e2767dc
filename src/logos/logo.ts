// Room: logos. Pictures of clients, without their clients: fetched through the guard, drawn anew as a small PNG, kept for a day,
// served from /logos/<digest>.png of our own origin. No page ever links a stranger's picture, and no page waits for one (F18).
// Which clients may show a picture is decided by the page that shows it.
import { sha256Base64url } from '../crypto/digest.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'
import { drawLogo } from './draw.ts'
import type { LogoStore } from './store.ts'

/** A client, as far as its picture is concerned. */
export interface Pictured {
  readonly id: string
  /** `logo_uri` of its metadata; absent when it has none. */
  readonly logoUri: string | undefined
}

/** The pictures of clients. */
export interface Logos {
  /**
   * The address of a client's picture below the issuer, or undefined when there is none to show now. Answers from the
   * database at once; what is missing or older than a day is fetched behind the answer, for the next page.
   */
  addressOf(client: Pictured): Promise<string | undefined>
  /** The picture at such an address, or null when it is not the one that we have. */
  png(clientId: string, digest: string): Promise<Uint8Array | null>
  /** Resolves when nothing is being fetched any more. */
  settled(): Promise<void>
}

/** What the room stands on. */
export interface LogosDependencies {
  readonly store: LogoStore
  readonly guardedFetch: GuardedFetch
  /** Whether this host may be asked for pictures at all: an operator can turn fetches off or list hosts. */
  readonly mayFetch: (uri: string) => boolean
  readonly clock: Clock
  readonly logger: { debug(details: object, message: string): void }
}

// Ours: a day, for pictures and for failures alike: a host that has none is not asked at every page (F18).
const keptMs = 24 * 3600 * 1000
// Ours: a picture is worth this many fetches at once and no more; the page has a letter instead.
const mostAtOnce = 4

/** Makes the room. */
export function createLogos(dependencies: LogosDependencies): Logos {
  const { store, guardedFetch, mayFetch, clock, logger } = dependencies
  const underWay = new Map<string, Promise<void>>()

  async function renew({ id, logoUri: uri = '' }: Pictured): Promise<void> {
    try {
      const png = await fetchLogo(guardedFetch, uri).catch((error: unknown) => {
        logger.debug({ clientId: id, err: error }, 'the logo of a client could not be had')
        return null
      })
      await store.save({ clientId: id, uri, png, fetchedAt: clock.now() })
    } catch (error) {
      // Behind an answer that has left: nobody waits for it, and the next page tries again.
      logger.debug({ clientId: id, err: error }, 'the logo of a client could not be kept')
    } finally {
      underWay.delete(id)
    }
  }

  return {
    async addressOf(client) {
      if (client.logoUri === undefined) return undefined
      const kept = await store.find(client.id)
      const isOfThisUri = kept?.uri === client.logoUri
      const isFresh = isOfThisUri && clock.now().getTime() - kept.fetchedAt.getTime() < keptMs
      if (!isFresh && !underWay.has(client.id) && underWay.size < mostAtOnce && mayFetch(client.logoUri)) {
        underWay.set(client.id, renew(client))
      }
      // A picture of another address is another claim, and is not shown; an old one of the same is, until there is a new one.
      if (!isOfThisUri || kept.png === null) return undefined
      return `/logos/${digestOf(kept.png)}.png?client=${encodeURIComponent(client.id)}`
    },

    async png(clientId, digest) {
      const kept = await store.find(clientId)
      return kept?.png && digestOf(kept.png) === digest ? kept.png : null
    },

    async settled() {
      await Promise.all(underWay.values())
    },
  }
}

async function fetchLogo(guardedFetch: GuardedFetch, uri: string): Promise<Uint8Array> {
  const response = await guardedFetch(uri, { headers: { accept: 'image/png, image/webp, image/jpeg' } })
  if (response.status !== 200) throw new Error(`the logo was answered with ${response.status}`)
  return drawLogo(new Uint8Array(await response.arrayBuffer()), response.headers.get('content-type') ?? '')
}

function digestOf(png: Uint8Array): string {
  // 22 characters = 132 bits: it names the content, so that browsers may keep it.
  return sha256Base64url(Buffer.from(png).toString('latin1')).slice(0, 22)
}
