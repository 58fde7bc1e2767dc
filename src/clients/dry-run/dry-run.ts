import { jsonFaultWords, readStrictJson } from '../../oauth/strict-json.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Client, makeClient, redirectHosts } from '../client.ts'
import { isDocumentId } from '../document-policy.ts'
import type { KnownNames, NamedClient } from '../known-names/store.ts'
import type { ClientMetadata } from '../metadata.ts'
import { DocumentError } from '../metadata-document.ts'
import { normaliseClientMetadata } from '../normalise.ts'
import { applicantOf, type EntryReason, type EntryRefusal, type EntryRule, judgeEntry } from '../registration-policy.ts'

/** Why a client would get in or not; what the rule itself does not decide comes before it. */
export type DryRunReason =
  | EntryReason
  | EntryRefusal
  | 'blocked'
  | 'removed'
  | 'unknown'
  | 'unreadable'
  | 'metadata_refused'
  | 'document_unreachable'
  | 'document_unread'

/** What would become of a client, and why. Nothing was written. */
export interface DryRun {
  /** A client that is known here, a metadata document, or what a client would register. */
  readonly subject: 'known' | 'document' | 'registration'
  readonly clientId: string | undefined
  readonly claimedName: string | undefined
  /** `untold`: nothing speaks against the address of a document that nobody has read yet. */
  readonly outcome: 'in' | 'waits' | 'refused' | 'untold'
  readonly reason: DryRunReason
  /** For the developer of the client: what the client would be told. */
  readonly words: string | undefined
  /** Where its answers go; `isIn`: whether they may. Empty when that is not known. */
  readonly redirects: readonly { readonly uri: string; readonly isIn: boolean }[]
  /** A known client that it could be taken for: people are warned on the consent page. */
  readonly lookAlike: NamedClient | undefined
  /** Whether the document was fetched for this. */
  readonly isFetched: boolean
}

/** What the dry run stands on. */
export interface DryRunDesk {
  readonly rule: EntryRule
  readonly clients: { find(id: string): Promise<Client | null> }
  readonly names: KnownNames
  /** Reads a document through the guard, keeping nothing. @throws DocumentError, GuardedFetchError */
  readonly readDocument: (clientId: string) => Promise<ClientMetadata>
  readonly clock: Clock
}

/**
 * Says whether a client would get in: by the rule that registration and authorization ask, and by the normaliser that both use.
 *
 * @param text a client_id, the address of a metadata document, or JSON: a registration, or a document with its `client_id`
 * @param mayFetch whether a document that is not pinned may be fetched; without it only its address is judged
 * Writes nothing.
 */
export async function dryRun(desk: DryRunDesk, text: string, { mayFetch }: { mayFetch: boolean }): Promise<DryRun> {
  const subject = text.trim()
  if (subject.startsWith('{') || subject.startsWith('[')) return judgeJson(desk, subject)
  if (isDocumentId(subject)) return judgeAddress(desk, subject, mayFetch)
  const client = await desk.clients.find(subject)
  if (client !== null) return judgeKnown(desk, client, false)
  return refused({ subject: 'known', clientId: subject }, 'unknown')
}

async function judgeJson(desk: DryRunDesk, text: string): Promise<DryRun> {
  const read = readStrictJson(Buffer.from(text))
  if (!read.ok) return refused({ subject: 'registration' }, 'unreadable', jsonFaultWords[read.fault])
  const says = clientIdIn(read.value)
  const origin = says !== undefined && isDocumentId(says) ? 'document' : 'registered'
  const about = { subject: origin === 'document' ? 'document' : 'registration', clientId: says } as const
  const { hosts, internalHosts = [] } = desk.rule.documents
  const checked = normaliseClientMetadata(read.value, { origin, internalHosts: [...hosts, ...internalHosts] })
  if (!checked.ok) return refused(about, 'metadata_refused', `${checked.error}: ${checked.description}`)
  return judgeMetadata(desk, origin === 'document' ? (says ?? '') : '', origin, checked.metadata, false)
}

async function judgeAddress(desk: DryRunDesk, clientId: string, mayFetch: boolean): Promise<DryRun> {
  const known = await desk.clients.find(clientId)
  const about = { subject: 'document', clientId } as const
  // Before anything is fetched, as everywhere.
  const first = judgeEntry({ ...stranger, id: clientId, redirectUris: [] }, desk.rule)
  if (!first.ok && first.reason === 'document_refused') return refused(about, first.reason, first.words)
  if (known?.state === 'blocked') return judgeKnown(desk, known, false)
  const isPinned = desk.rule.documents.pinned.has(clientId)
  if (mayFetch || isPinned) {
    try {
      return await judgeMetadata(desk, clientId, 'document', await desk.readDocument(clientId), !isPinned, known)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const isOurs = error instanceof DocumentError && error.code === 'invalid'
      return { ...refused(about, isOurs ? 'metadata_refused' : 'document_unreachable', error.message), isFetched: true }
    }
  }
  if (known !== null && known.state !== 'removed') return judgeKnown(desk, known, false)
  return { ...unknownFacts, ...about, outcome: 'untold', reason: 'document_unread' }
}

function judgeMetadata(
  desk: DryRunDesk,
  id: string,
  origin: 'document' | 'registered',
  metadata: ClientMetadata,
  isFetched: boolean,
  known: Client | null = null,
): Promise<DryRun> {
  const seen = makeClient({ id, origin, metadata, now: desk.clock.now() })
  const client = { ...seen, createdAt: known?.createdAt ?? seen.createdAt, allowedAt: known?.allowedAt ?? null }
  return judgeKnown(desk, client, isFetched, origin === 'document' ? 'document' : 'registration')
}

async function judgeKnown(
  desk: DryRunDesk,
  client: Client,
  isFetched: boolean,
  subject: DryRun['subject'] = 'known',
): Promise<DryRun> {
  const about = {
    subject,
    clientId: client.id === '' ? undefined : client.id,
    claimedName: client.claimedName,
    isFetched,
    lookAlike: await lookAlikeOf(desk, client),
  }
  if (client.state === 'blocked' || client.state === 'removed') return { ...refused(about, client.state), ...about }
  const { rule } = desk
  const whole = judgeEntry(applicantOf(client), rule)
  const redirects = client.redirectUris.map((uri) => ({ uri, isIn: judgeEntry(applicantOf(client, uri), rule).ok }))
  // A registration is taken as a whole or not at all; who is here already goes on with the addresses that are let in.
  const isPartly = !whole.ok && subject !== 'registration' && redirects.some(({ isIn }) => isIn)
  const verdict = isPartly ? ({ ok: true, state: 'active', reason: 'hosts_listed' } as const) : whole
  return {
    ...about,
    outcome: !verdict.ok ? 'refused' : verdict.state === 'pending' ? 'waits' : 'in',
    reason: verdict.reason,
    words: verdict.ok ? undefined : verdict.words,
    redirects,
  }
}

async function lookAlikeOf({ names }: DryRunDesk, client: Client): Promise<NamedClient | undefined> {
  if (client.origin === 'operator' || client.allowedAt !== null) return undefined
  for (const host of redirectHosts(client.metadata)) {
    const found = await names.lookAlike(client, host)
    if (found !== null) return found
  }
  return undefined
}

const stranger = { origin: 'document', isInvited: false, isVouchedFor: false } as const

const unknownFacts = {
  clientId: undefined,
  claimedName: undefined,
  words: undefined,
  redirects: [],
  lookAlike: undefined,
  isFetched: false,
} as const

function refused(
  about: Pick<DryRun, 'subject'> & Partial<DryRun>,
  reason: DryRunReason,
  words: string | undefined = undefined,
): DryRun {
  return { ...unknownFacts, ...about, outcome: 'refused', reason, words }
}

function clientIdIn(value: unknown): string | undefined {
  const says = typeof value === 'object' && value !== null && 'client_id' in value ? value.client_id : undefined
  return typeof says === 'string' ? says : undefined
}
