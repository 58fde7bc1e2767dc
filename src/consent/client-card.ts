import { checkRedirectUri, type RedirectKind, redirectHost } from '../oauth/redirect-uri.ts'
import type { ClientOrigin } from './policy.ts'

/** What is known, and what is only claimed, of the client that asks. */
export interface AskingClient {
  readonly id: string
  readonly origin: ClientOrigin
  readonly state: 'active' | 'pending' | 'blocked' | 'removed'
  /** What it calls itself; never evidence. */
  readonly claimedName: string
  /** Host that published its metadata document, punycode. */
  readonly provenHost?: string | null
  readonly grantTypes: readonly string[]
  readonly metadataDigest: string
  readonly createdAt: Date
}

/** How we know who asks. */
export type Identity = 'domain-proven' | 'operator' | 'unverified' | 'local-program'

/** Who asks, as every page shows it: the claim beside what is known of it. */
export interface ClientCard {
  readonly identity: Identity
  readonly claimedName: string
  /** Only for `domain-proven`; stands in the same heading and size as the name (F17, D10). */
  readonly provenHost: string | undefined
  readonly badge: { readonly tone: 'good' | 'care' | 'plain'; readonly mark: string; readonly text: string }
  readonly explanation: string
}

/** Where the browser and the answer go after Allow. */
export interface Destination {
  readonly kind: RedirectKind
  /** In words: a host, a program on this computer, an app. */
  readonly words: string
  /** Host and port, or the address of the app without its query. */
  readonly detail: string
  /** The bold beginning of the warning and the rest of it; undefined when there is nothing to warn of. */
  readonly warning: { readonly lead: string; readonly rest: string } | undefined
  readonly notes: readonly string[]
}

/** How we know who asks: one of four. A private scheme proves as little as a name (RFC 8252 §8.6). */
export function identityOf(client: Pick<AskingClient, 'origin' | 'provenHost'>, kind: RedirectKind): Identity {
  if (client.origin === 'operator') return 'operator'
  if (client.origin === 'document' && client.provenHost) return 'domain-proven'
  return kind === 'loopback' ? 'local-program' : 'unverified'
}

/** The kind of a stored redirect URI; one that today's policy would refuse counts as a stranger's host. */
export function redirectKind(uri: string): RedirectKind {
  const checked = checkRedirectUri(uri)
  return checked.ok ? checked.kind : 'https'
}

/** Describes the client by what is stored; nothing in it comes from the request (G24). */
export function clientCard(client: AskingClient, kind: RedirectKind): ClientCard {
  const identity = identityOf(client, kind)
  const provenHost = identity === 'domain-proven' ? (client.provenHost ?? undefined) : undefined
  return { identity, claimedName: client.claimedName, provenHost, ...identityWords(identity, kind, provenHost) }
}

function identityWords(
  identity: Identity,
  kind: RedirectKind,
  provenHost: string | undefined,
): Pick<ClientCard, 'badge' | 'explanation'> {
  switch (identity) {
    case 'domain-proven':
      return {
        badge: { tone: 'good', mark: '✓', text: provenHost ?? '' },
        explanation:
          kind === 'loopback'
            ? 'This domain publishes the client’s description; its name is its own choice. Which program on this computer is asking cannot be proven.'
            : 'This domain publishes the client’s description. Its name is its own choice.',
      }
    case 'operator':
      return {
        badge: { tone: 'good', mark: '✓', text: 'added by your admin' },
        explanation: 'An administrator of this server added this client.',
      }
    case 'unverified':
      return {
        badge: { tone: 'care', mark: '!', text: 'registered itself, unverified' },
        explanation: 'Nobody vouches for this client. Its name is its own choice.',
      }
    case 'local-program':
      return {
        badge: { tone: 'care', mark: '!', text: 'local program on this computer, unverified' },
        explanation: 'It registered itself from some computer. Its name is its own choice.',
      }
  }
}

/** Says where the answer goes, and what speaks against it, in words. */
export function destinationOf(uri: string, card: Pick<ClientCard, 'identity' | 'provenHost'>): Destination {
  const kind = redirectKind(uri)
  const url = URL.parse(uri)
  if (kind === 'loopback') {
    return {
      kind,
      words: 'a program on this computer',
      detail: url?.host ?? redirectHost(uri),
      warning: {
        lead: 'Continue only if you started this just now',
        rest: 'on this computer. Any program here could be listening on that port.',
      },
      notes: [],
    }
  }
  if (kind === 'private') {
    const scheme = redirectHost(uri)
    return {
      kind,
      words: `the app that answers to ${scheme}${uri.startsWith(`${scheme}//`) ? '//' : ''}`,
      detail: uri.split('?')[0] ?? uri,
      warning: {
        lead: 'Continue only if you started this just now.',
        rest: 'Any app on this device can claim addresses of this kind.',
      },
      notes: [],
    }
  }
  const host = redirectHost(uri)
  return { kind, words: host, detail: 'https', warning: undefined, notes: hostNotes(host, card) }
}

function hostNotes(host: string, card: Pick<ClientCard, 'identity' | 'provenHost'>): readonly string[] {
  const notes: string[] = []
  if (card.provenHost !== undefined && card.provenHost !== host) {
    notes.push(`This is another host than ${card.provenHost}, which publishes the client’s description.`)
  }
  if (card.identity === 'unverified') notes.push(`Allow only if you know ${host} and want it to act as you.`)
  // A15: the punycode form is what is shown; this says why it looks so.
  if (host.split('.').some((label) => label.startsWith('xn--'))) {
    notes.push('This host’s name holds letters beyond a to z, which can look like others.')
  }
  return notes
}
