import { isListedRedirect } from '../oauth/redirect-hosts.ts'
import { redirectHost } from '../oauth/redirect-uri.ts'
import type { Client, ClientOrigin } from './client.ts'
import { allowDocument, type DocumentPolicy } from './document-policy.ts'

/** Who may register a client. */
export type RegistrationMode = 'open' | 'hosts' | 'approval' | 'token' | 'closed'

/** The state in which a client begins, and to which a blocked one returns. */
export type FirstState = 'active' | 'pending'

/** The rule of this process, for whoever comes by registering and whoever comes by a document. */
export interface EntryRule {
  readonly mode: RegistrationMode
  /** Entries as in `redirectHostProblem`; they count in mode `hosts`. */
  readonly hosts: readonly string[]
  readonly documents: DocumentPolicy
}

/** Who is judged. */
export interface Applicant {
  /** Empty before there is one. */
  readonly id: string
  readonly origin: ClientOrigin
  /** Where answers would go: every address at a registration, the one that is asked for at an authorization. */
  readonly redirectUris: readonly string[]
  /** It came, or comes, with an initial access token. */
  readonly isInvited: boolean
  /** An administrator has let it in for everyone. */
  readonly isVouchedFor: boolean
}

/** Why a client gets in, or has to wait. */
export type EntryReason =
  | 'added_by_operator'
  | 'document_pinned'
  | 'document_listed'
  | 'document_accepted'
  | 'vouched'
  | 'open'
  | 'hosts_listed'
  | 'invited'
  | 'waits'

/** Why it does not. */
export type EntryRefusal = 'document_refused' | 'host_not_listed' | 'not_invited' | 'registration_closed'

/** Whether a client gets in, and why. */
export type EntryVerdict =
  | { readonly ok: true; readonly state: FirstState; readonly reason: EntryReason }
  | {
      readonly ok: false
      readonly reason: EntryRefusal
      /** Hosts that are not on the list; empty for every other reason. */
      readonly hosts: readonly string[]
      /** For the developer of the client: printable ASCII, no full stop. */
      readonly words: string
    }

/**
 * The one rule of who gets in: asked at a registration, at its update, when a document is first seen, at each authorization, and by the
 * dry run, so that none of them says yes where another says no. A client that came under an older rule is judged by today's.
 *
 * `hosts` and `approval` are about who a client is, and hold for documents, too: a list at one door and none at the other would be no
 * list. `token` and `closed` are about the act of registering; documents have a switch of their own. Whom an administrator let in for
 * everyone is in whatever the mode, as long as a document of theirs may be read at all.
 */
export function judgeEntry(applicant: Applicant, rule: EntryRule): EntryVerdict {
  const isDocument = applicant.origin === 'document'
  if (applicant.origin === 'operator') return yes('added_by_operator')
  if (isDocument) {
    const verdict = allowDocument(applicant.id, rule.documents)
    if (!verdict.ok) return no('document_refused', verdict.reason)
    if (rule.documents.pinned.has(applicant.id)) return yes('document_pinned')
  }
  if (applicant.isVouchedFor) return yes('vouched')
  switch (rule.mode) {
    case 'open':
      return yes(isDocument ? 'document_accepted' : 'open')
    case 'hosts':
      // The operator named the very host that proves the client: its answers go where that host says.
      return isDocument && rule.documents.mode === 'listed' ? yes('document_listed') : judgeHosts(applicant, rule)
    case 'approval':
      return { ok: true, state: 'pending', reason: 'waits' }
    case 'token':
      if (isDocument) return yes('document_accepted')
      return applicant.isInvited
        ? yes('invited')
        : no('not_invited', 'clients register here with an initial access token of the operator')
    case 'closed':
      return isDocument
        ? yes('document_accepted')
        : no('registration_closed', 'registration is closed here, ask the operator of this server for a client_id')
  }
}

/** Whether there is a registration endpoint at all: a feature that is off is not mounted. */
export function takesRegistrations(mode: RegistrationMode): boolean {
  return mode !== 'closed'
}

/** A client that is known, as the rule sees it. @param redirectUri the one that is asked for; without it, each that it has */
export function applicantOf(
  client: Pick<Client, 'id' | 'origin' | 'redirectUris' | 'invitedBy' | 'allowedAt'>,
  redirectUri?: string,
): Applicant {
  return {
    id: client.id,
    origin: client.origin,
    redirectUris: redirectUri === undefined ? client.redirectUris : [redirectUri],
    isInvited: client.invitedBy !== null,
    isVouchedFor: client.allowedAt !== null,
  }
}

/**
 * The state in which a client begins. What the operator gave, client or pinned document, is let in already.
 */
export function firstState(mode: RegistrationMode, client: { origin: ClientOrigin; isPinned?: boolean }): FirstState {
  if (client.origin === 'operator' || client.isPinned === true) return 'active'
  return mode === 'approval' ? 'pending' : 'active'
}

/** The state to which a client returns when it is unblocked: it is let in only where somebody had let it in. */
export function stateAfterBlock(
  mode: RegistrationMode,
  client: Pick<Client, 'origin' | 'allowedAt'> & { readonly isPinned?: boolean },
): FirstState {
  return client.allowedAt !== null ? 'active' : firstState(mode, client)
}

function judgeHosts({ redirectUris }: Applicant, { hosts }: EntryRule): EntryVerdict {
  const strangers = new Set(redirectUris.filter((uri) => !isListedRedirect(uri, hosts)).map(redirectHost))
  // Fail closed: of a client without any address nobody can say that it is on the list.
  if (strangers.size === 0 && redirectUris.length > 0) return yes('hosts_listed')
  const named = [...strangers]
  const words = `${named.join(', ') || 'no address'} is not among the redirect hosts that are let in here`
  return { ok: false, reason: 'host_not_listed', hosts: named, words: words.replace(/[^\x20-\x7e]|["\\]/g, '?') }
}

function yes(reason: EntryReason): EntryVerdict {
  return { ok: true, state: 'active', reason }
}

function no(reason: Exclude<EntryRefusal, 'host_not_listed'>, words: string): EntryVerdict {
  return { ok: false, reason, hosts: [], words }
}
