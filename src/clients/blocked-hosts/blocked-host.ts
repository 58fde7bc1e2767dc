import type { Clock } from '../../runtime/clock.ts'

/** A host whose documents, keys and logos are not used here, nor those of any host below it. */
export interface BlockedHost {
  /** Lower case, punycode, without port. */
  readonly host: string
  readonly since: Date
}

/** What is blocked, as it was read at most five seconds ago. */
export interface BlockedHosts {
  /** Whether this host or a domain above it is blocked, by what was read last. */
  covers(hostname: string): boolean
  /** Reads again when it is time. Whoever lets a client in calls it first. */
  refresh(): Promise<void>
  /** After a change: the next `refresh` reads. */
  forget(): void
}

// As for the rows of clients: other processes' acts are seen this soon.
const keptMs = 5000

/**
 * Brings what a person typed into the form of a host name: `Évil.Example` → `xn--vil-9la.example`, also out of an address.
 *
 * @returns undefined for what is no host name with a dot: to block `com` is a slip, not an intention
 */
export function readHost(text: string): string | undefined {
  const typed = text.trim().replace(/^\*?\./, '')
  const url = URL.parse(typed.includes('://') ? typed : `https://${typed}`)
  const host = url?.hostname.replace(/\.$/, '') ?? ''
  const isPlain =
    url?.username === '' && host.length <= 253 && /^(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$|^\[.*\]$/.test(host)
  return isPlain ? host : undefined
}

/** Whether a host is a blocked one or lies below it. */
export function coversHost(blocked: string, hostname: string): boolean {
  const bare = hostname.replace(/\.$/, '')
  return bare === blocked || bare.endsWith(`.${blocked}`)
}

/** Keeps the list in memory, for rules that are asked at every request and cannot wait. */
export function createBlockedHosts(store: { list(): Promise<readonly BlockedHost[]> }, clock: Clock): BlockedHosts {
  let hosts: ReadonlySet<string> = new Set()
  let freshUntil = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    // Set before the read: what changes while it runs is read again.
    freshUntil = clock.now().getTime() + keptMs
    try {
      hosts = new Set((await store.list()).map(({ host }) => host))
    } catch (error) {
      freshUntil = Number.NEGATIVE_INFINITY
      throw error
    } finally {
      reading = undefined
    }
  }

  return {
    covers(hostname) {
      if (hosts.size === 0) return false
      const labels = hostname.replace(/\.$/, '').split('.')
      return labels.some((_label, index) => hosts.has(labels.slice(index).join('.')))
    },
    async refresh() {
      if (clock.now().getTime() < freshUntil && reading === undefined) return
      reading ??= read()
      await reading
    },
    forget() {
      freshUntil = Number.NEGATIVE_INFINITY
    },
  }
}
