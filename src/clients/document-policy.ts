import { isSpecialHost } from '../net/special-addresses.ts'
import { hasDotSegment, splitUri } from '../oauth/uri-syntax.ts'

/** Whose documents count: everybody's, those of listed hosts, those the operator gave us, nobody's. */
export type DocumentMode = 'on' | 'listed' | 'pinned' | 'off'

/** What decides about a document before anything is fetched. */
export interface DocumentPolicy {
  readonly mode: DocumentMode
  /** The operator's list: the only hosts in mode `listed`; in any mode also those that may lie on an internal address. */
  readonly hosts: readonly string[]
  /** Hosts that the operator lets us reach although they are internal, beside those of the list. */
  readonly internalHosts?: readonly string[]
  /** Whether an administrator blocked this host, or a domain above it (F15). */
  readonly isBlocked?: (hostname: string) => boolean
  /** client_id → document, given by the operator. */
  readonly pinned: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly issuer: string
}

/** Whether a document may be used, or in words for the developer why not. */
export type DocumentVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string }

const maximumLength = 1024

function refuse(reason: string): DocumentVerdict {
  return { ok: false, reason }
}

/** Whether a client_id claims to be the address of a document; ids that we make never do. */
export function isDocumentId(clientId: string): boolean {
  return /^https:\/\//i.test(clientId)
}

/**
 * Decides, without any I/O, whether the document that a client_id names may be used.
 * The id must be written in its one canonical spelling, because it is compared byte for byte with what the document says and is the name
 * under which consents are kept. A query is allowed, as the draft only advises against it.
 *
 * @see draft-ietf-oauth-client-id-metadata-document, "Client Identifier", "Server-Side Request Forgery"
 */
export function allowDocument(clientId: string, policy: DocumentPolicy): DocumentVerdict {
  if (policy.mode === 'off') return refuse('metadata documents are not used here')
  if (clientId.length > maximumLength) return refuse(`client_id is longer than ${maximumLength} characters`)
  if (!clientId.startsWith('https://')) return refuse('client_id is not an https address')
  if (!/^[\x21-\x7e]+$/.test(clientId) || clientId.includes('\\'))
    return refuse('client_id has characters that an address cannot have')
  if (clientId.includes('#')) return refuse('client_id must not have a fragment')
  if (splitUri(clientId)?.authority?.includes('@')) return refuse('client_id must not have user information')
  if (hasDotSegment(clientId)) return refuse('client_id must not have dot segments')
  const url = URL.parse(clientId)
  if (url === null || url.href !== clientId) return refuse('client_id is not written in its canonical form')
  // RFC 1034 §3.1: with a dot at its end it is the same host under another name, which no list of hosts has.
  if (url.hostname.endsWith('.')) return refuse('client_id must not end its host with a dot')
  if (url.pathname === '/') return refuse('client_id must have a path')
  // F19: what we serve ourselves proves nothing about anybody else
  if (url.host === URL.parse(policy.issuer)?.host) return refuse('client_id must not lie on this server')

  if (policy.isBlocked?.(url.hostname) === true) return refuse(`${url.hostname} is blocked here`)
  if (policy.pinned.has(clientId)) return { ok: true }
  if (policy.mode === 'pinned') return refuse('only documents that the operator of this server gave are used here')
  if (isAmong(policy.hosts, url)) return { ok: true }
  if (policy.mode === 'listed') return refuse(`${url.host} is not among the hosts whose documents are used here`)
  // F01: refused before a name is resolved or a packet sent
  if (isSpecialHost(url.hostname) && !isAmong(policy.internalHosts ?? [], url)) {
    return refuse('client_id must not lie on a local or special-use address')
  }
  return { ok: true }
}

function isAmong(hosts: readonly string[], url: URL): boolean {
  return hosts.includes(url.hostname) || hosts.includes(url.host)
}

/** Whether a client's picture may be fetched from there: where documents are, and for the same reasons nowhere else. */
export function mayFetchLogo(policy: Pick<DocumentPolicy, 'mode' | 'hosts' | 'isBlocked'>, uri: string): boolean {
  const url = URL.parse(uri)
  if (url === null || policy.isBlocked?.(url.hostname) === true) return false
  switch (policy.mode) {
    case 'on':
      return true
    case 'listed':
      return isAmong(policy.hosts, url)
    case 'pinned':
    case 'off':
      return false
  }
}
