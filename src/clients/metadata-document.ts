import { type GuardedFetch, GuardedFetchError } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'
import { keptSeconds } from './document-lifetime.ts'
import { allowDocument, type DocumentPolicy, type DocumentVerdict } from './document-policy.ts'
import type { ClientMetadata } from './metadata.ts'
import { normaliseClientMetadata } from './normalise.ts'

// Ours: the draft suggests 5 kB; every known client's document has less than one.
const maximumBytes = 5 * 1024
const longestStaleMs = 24 * 60 * 60 * 1000
const staleLifetimeSeconds = 60
const pinnedLifetimeSeconds = 3600
// 5 kB each at most.
const mostCopies = 1000

/** Why there is no client behind a document; the message is for the log and for developers of clients. */
export class DocumentError extends Error {
  readonly code: 'refused' | 'unreachable' | 'withdrawn' | 'invalid'
  constructor(code: DocumentError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DocumentError'
    this.code = code
  }
}

export interface DocumentSourceOptions extends DocumentPolicy {
  readonly guardedFetch: GuardedFetch
  readonly clock: Clock
  /** Called when a document could not be had, and the last good one answers for it. */
  readonly stale?: (clientId: string, cause: unknown) => void
}

/** Where the protocol library gets metadata documents. */
export interface DocumentSource {
  /** Whether a document may be used at all; asked before each fetch. */
  allowDocument(clientId: string): DocumentVerdict
  /** Whether the document would have to be fetched now: it is neither pinned nor kept. */
  needsFetch(clientId: string): boolean
  /**
   * The document in our form of client metadata, as a response that the library can cache; `client_id` is the one asked for.
   *
   * @throws DocumentError, GuardedFetchError; never an answer that could be cached in error's place (F12)
   */
  document(clientId: string): Promise<Response>
}

interface Good {
  readonly metadata: ClientMetadata
  readonly readAt: number
  readonly freshUntil: number
}

/**
 * Makes the source of metadata documents: pinned copies without network, all others by guarded fetch, both through the one normaliser.
 * However many ask for one document at once, it is fetched once. Vendors' documents sit behind bot protection that comes and goes, so the
 * last good copy answers while it is under a day old; a document that is gone (404, 410) or has become invalid is not answered for.
 *
 * @throws Error naming every pinned document that is not valid
 */
export function createDocumentSource(options: DocumentSourceOptions): DocumentSource {
  const { clock, guardedFetch } = options
  const pinned = readPinned(options)
  // Bounded, the least recently read goes first: a stranger with many documents pushes out his own before those in use (F13).
  const copies = new Map<string, Good>()
  const underWay = new Map<string, Promise<Good>>()
  const nowMs = () => clock.now().getTime()

  function remember(clientId: string, copy: Good): void {
    copies.delete(clientId)
    copies.set(clientId, copy)
    const [oldest] = copies.keys()
    if (copies.size > mostCopies && oldest !== undefined) copies.delete(oldest)
  }

  async function fetchDocument(clientId: string): Promise<Good> {
    const response = await guardedFetch(clientId, { headers: { accept: 'application/json' }, maxBytes: maximumBytes })
    const metadata = await readDocument(clientId, response, options)
    const readAt = nowMs()
    const keptMs = keptSeconds(response.headers, new Date(readAt)) * 1000
    const copy = { metadata, readAt, freshUntil: readAt + keptMs }
    if (keptMs === 0) copies.delete(clientId)
    else remember(clientId, copy)
    return copy
  }

  /** The last good document in place of one that cannot be had. @throws the cause when there is none, or it is too old */
  function standIn(clientId: string, cause: unknown): Good {
    const good = copies.get(clientId)
    if (!isUnreachable(cause)) copies.delete(clientId)
    const isRecent = good !== undefined && nowMs() - good.readAt < longestStaleMs
    if (!isRecent || !isUnreachable(cause)) throw cause
    options.stale?.(clientId, cause)
    const again = { ...good, freshUntil: nowMs() + staleLifetimeSeconds * 1000 }
    remember(clientId, again)
    return again
  }

  function renew(clientId: string): Promise<Good> {
    const joined = underWay.get(clientId)
    if (joined !== undefined) return joined
    const begun = fetchDocument(clientId)
      .catch((cause: unknown) => standIn(clientId, cause))
      .finally(() => underWay.delete(clientId))
    underWay.set(clientId, begun)
    return begun
  }

  function fresh(clientId: string): Good | undefined {
    const kept = copies.get(clientId)
    return kept !== undefined && nowMs() < kept.freshUntil ? kept : undefined
  }

  return {
    allowDocument: (clientId) => allowDocument(clientId, options),
    needsFetch: (clientId) => !pinned.has(clientId) && fresh(clientId) === undefined,

    async document(clientId) {
      const verdict = allowDocument(clientId, options)
      if (!verdict.ok) throw new DocumentError('refused', verdict.reason)
      const pin = pinned.get(clientId)
      if (pin !== undefined) return answer(clientId, pin, pinnedLifetimeSeconds)
      const kept = fresh(clientId)
      if (kept !== undefined) remember(clientId, kept)
      const { metadata, freshUntil } = kept ?? (await renew(clientId))
      return answer(clientId, metadata, Math.max(0, Math.floor((freshUntil - nowMs()) / 1000)))
    },
  }
}

function answer(clientId: string, metadata: ClientMetadata, seconds: number): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': `max-age=${seconds}` }
  return new Response(JSON.stringify({ client_id: clientId, ...metadata }), { headers })
}

/** Reads and checks an answer. @throws DocumentError */
async function readDocument(clientId: string, response: Response, policy: DocumentPolicy): Promise<ClientMetadata> {
  const { status } = response
  if (status === 404 || status === 410) throw new DocumentError('withdrawn', `the document is not there (${status})`)
  if (status !== 200) throw new DocumentError('unreachable', `the host answered with status ${status}`)
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(response.headers.get('content-type') ?? '')) {
    throw new DocumentError('invalid', 'the document is not served as JSON')
  }
  try {
    // Fatal, and with the byte order mark left in: anything but plain UTF-8 JSON fails here (F08).
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await response.arrayBuffer())
    return checkDocument(clientId, JSON.parse(text), policy)
  } catch (cause) {
    if (cause instanceof DocumentError) throw cause
    throw new DocumentError('invalid', 'the document is not JSON', { cause })
  }
}

function checkDocument(clientId: string, document: unknown, policy: DocumentPolicy): ClientMetadata {
  const says =
    typeof document === 'object' && document !== null && 'client_id' in document ? document.client_id : undefined
  // Byte for byte: a document that may be copied to another address would let that address speak for its author (F09).
  if (says !== clientId) throw new DocumentError('invalid', 'the client_id in the document is another one')
  const checked = normaliseClientMetadata(document, {
    origin: 'document',
    internalHosts: [...policy.hosts, ...(policy.internalHosts ?? [])],
  })
  if (!checked.ok) throw new DocumentError('invalid', checked.description)
  return checked.metadata
}

function isUnreachable(cause: unknown): boolean {
  return cause instanceof GuardedFetchError || (cause instanceof DocumentError && cause.code === 'unreachable')
}

function readPinned(policy: DocumentPolicy): ReadonlyMap<string, ClientMetadata> {
  const documents = new Map<string, ClientMetadata>()
  if (policy.mode === 'off') return documents
  const faults: string[] = []
  for (const [clientId, document] of policy.pinned) {
    try {
      const verdict = allowDocument(clientId, policy)
      if (!verdict.ok) throw new DocumentError('refused', verdict.reason)
      documents.set(clientId, checkDocument(clientId, document, policy))
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error
      faults.push(`${clientId}: ${error.message}`)
    }
  }
  if (faults.length > 0) throw new Error(`pinned documents are not valid: ${faults.join('; ')}`)
  return documents
}
