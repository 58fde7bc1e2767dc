import { z } from 'zod'
import { type GuardedFetch, type GuardedFetchCode, GuardedFetchError } from '../net/guarded-fetch.ts'
import { bearerParameters } from './bearer-challenge.ts'
import { readJsonDocument } from './json-document.ts'
import { metadataUrls } from './protection.ts'

/** What an MCP server's RFC 9728 document says, as far as it is read here. Its claims, unchecked. */
export interface ClaimedMetadata {
  readonly resource: string
  readonly authorization_servers?: readonly string[]
  readonly scopes_supported?: readonly string[]
  readonly resource_name?: string
}

/** Why there is no document at an address. */
export type DocumentFault = GuardedFetchCode | 'status' | 'not_json' | 'not_metadata'

/** What was seen of an MCP server from outside, without a token. */
export interface Seen {
  /** The answer at its own address, or why there was none. */
  readonly answer:
    | { readonly status: number; readonly bearer: ReadonlyMap<string, string> | null }
    | { readonly fault: GuardedFetchCode }
  readonly document:
    | { readonly url: string; readonly claims: ClaimedMetadata }
    | { readonly url: string; readonly fault: DocumentFault }
}

const short = z.string().max(2048)
const metadataSchema = z.object({
  resource: short,
  authorization_servers: z.array(short).max(50).optional(),
  scopes_supported: z.array(z.string().max(256)).max(500).optional(),
  resource_name: z.string().max(500).optional(),
})

/** What a document says, as far as it is read here; null when it is no RFC 9728 document. */
export function claimedMetadata(value: unknown): ClaimedMetadata | null {
  return metadataSchema.safeParse(value).data ?? null
}

/**
 * Looks at an MCP server as a client without a token does: asks its address, then reads its RFC 9728 document where the
 * challenge points, at its own place, and at the root of the host. Fetches at most four addresses, all on the server's own host.
 *
 * @param identifier canonical
 * Writes nothing; never throws for what the other side does.
 */
export async function lookAt(guardedFetch: GuardedFetch, identifier: string): Promise<Seen> {
  const answer = await ask(guardedFetch, identifier)
  const [own, root] = metadataUrls(identifier)
  // A host that does not answer at all is not asked three times more.
  if ('fault' in answer && !['timeout', 'too_large', 'redirected'].includes(answer.fault)) {
    return { answer, document: { url: own, fault: answer.fault } }
  }
  const pointer = 'bearer' in answer ? answer.bearer?.get('resource_metadata') : undefined
  const pointed = pointer !== undefined && isOnHostOf(pointer, identifier) ? [pointer] : []
  let first: Seen['document'] | undefined
  for (const url of new Set([...pointed, own, root])) {
    const document = await readDocument(guardedFetch, url)
    if ('claims' in document) return { answer, document }
    first ??= document
  }
  return { answer, document: first ?? { url: own, fault: 'status' } }
}

// The page of a server-sent stream never ends: its head comes, its body runs into the deadline. That is an answer, too, and not a 401.
async function ask(guardedFetch: GuardedFetch, identifier: string): Promise<Seen['answer']> {
  try {
    const response = await guardedFetch(identifier, { headers: { accept: 'application/json, text/event-stream' } })
    return { status: response.status, bearer: bearerParameters(response.headers.get('www-authenticate') ?? '') }
  } catch (error) {
    return { fault: codeOf(error) }
  }
}

async function readDocument(guardedFetch: GuardedFetch, url: string): Promise<Seen['document']> {
  const document = await readJsonDocument(guardedFetch, url)
  if ('fault' in document) return { url, fault: document.fault }
  const claims = claimedMetadata(document.value)
  return claims === null ? { url, fault: 'not_metadata' } : { url, claims }
}

function isOnHostOf(pointer: string, identifier: string): boolean {
  return URL.parse(pointer)?.origin === new URL(identifier).origin
}

function codeOf(error: unknown): GuardedFetchCode {
  if (error instanceof GuardedFetchError) return error.code
  throw error
}
