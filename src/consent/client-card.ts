import type { Messages } from '../messages/messages.ts'
import { messagesFor } from '../messages/messages.ts'
import { checkRedirectUri, type RedirectKind } from '../oauth/redirect-uri.ts'
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
  /** Its links, claims all of them. */
  readonly metadata?: { readonly logo_uri?: string; readonly policy_uri?: string; readonly tos_uri?: string }
  /** When an administrator let it in for everyone. */
  readonly allowedAt?: Date | null
  /** When it last said something else of itself. */
  readonly changedAt?: Date | null
  readonly createdAt: Date
}

/** How we know who asks. */
export type Identity = 'domain-proven' | 'operator' | 'unverified' | 'local-program'

/** Who asks, as every page shows it: the claim beside what is known of it. */
export interface ClientCard {
  readonly identity: Identity
  readonly claimedName: string
  /** For a tile without a picture. */
  readonly initial: string
  /** Only for `domain-proven`; stands in the same heading and size as the name (F17, D10). */
  readonly provenHost: string | undefined
  readonly badge: {
    readonly tone: 'good' | 'care' | 'plain'
    readonly mark: string
    readonly icon?: 'shield' | 'alert'
    readonly text: string
  }
  /** An administrator vouches for it beside what is known otherwise. */
  readonly isAllowedForAll: boolean
  readonly explanation: string
}

/**
 * How we know who asks: one of four. A private scheme proves as little as a name (RFC 8252 §8.6); whom an administrator
 * has let in for everyone counts as added by them.
 */
export function identityOf(
  client: Pick<AskingClient, 'origin' | 'provenHost' | 'allowedAt'>,
  kind: RedirectKind,
): Identity {
  if (client.origin === 'operator') return 'operator'
  if (client.origin === 'document' && client.provenHost) return 'domain-proven'
  if (client.allowedAt) return 'operator'
  return kind === 'loopback' ? 'local-program' : 'unverified'
}

/** Whether an administrator answers for the client: nobody is stopped on the way to it. */
export function isVouchedFor(client: Pick<AskingClient, 'origin' | 'allowedAt'>): boolean {
  return client.origin === 'operator' || Boolean(client.allowedAt)
}

/** The kind of a stored redirect URI; one that today's policy would refuse counts as a stranger's host. */
export function redirectKind(uri: string): RedirectKind {
  const checked = checkRedirectUri(uri)
  return checked.ok ? checked.kind : 'https'
}

/** Describes the client by what is stored; nothing in it comes from the request (G24). */
export function clientCard(
  client: AskingClient,
  kind: RedirectKind,
  messages: Messages = messagesFor('en'),
): ClientCard {
  const identity = identityOf(client, kind)
  const isAllowedForAll = Boolean(client.allowedAt) && client.origin !== 'operator'
  const provenHost = identity === 'domain-proven' ? (client.provenHost ?? undefined) : undefined
  const isGood = identity === 'domain-proven' || identity === 'operator'
  return {
    identity,
    claimedName: client.claimedName,
    initial: initialOf(client.claimedName),
    provenHost,
    badge: {
      tone: isGood ? 'good' : 'care',
      mark: isGood ? '✓' : '!',
      icon: isGood ? 'shield' : 'alert',
      text: provenHost ?? badgeText(identity, isAllowedForAll, messages),
    },
    isAllowedForAll,
    explanation: explanationOf(identity, kind, isAllowedForAll, messages),
  }
}

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The first letter or digit of a name, for its tile. */
export function initialOf(name: string): string {
  const first = [...letters.segment(name)].find(({ segment }) => /[\p{L}\p{N}]/u.test(segment))
  return first?.segment.toUpperCase() ?? '?'
}

function badgeText(identity: Identity, isAllowedForAll: boolean, { consent }: Messages): string {
  if (identity === 'domain-proven') return ''
  return identity === 'operator' && isAllowedForAll ? consent.badges.allowed : consent.badges[identity]
}

function explanationOf(
  identity: Identity,
  kind: RedirectKind,
  isAllowedForAll: boolean,
  { consent: { explanations } }: Messages,
): string {
  if (identity === 'domain-proven') {
    return explanations[kind === 'loopback' ? 'domain-proven-local' : 'domain-proven']
  }
  return identity === 'operator' && isAllowedForAll ? explanations.allowed : explanations[identity]
}
