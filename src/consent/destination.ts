import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import { type RedirectKind, redirectHost } from '../oauth/redirect-uri.ts'
import { type ClientCard, redirectKind } from './client-card.ts'

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

/** Says where the answer goes, and what speaks against it, in words. */
export function destinationOf(
  uri: string,
  card: Pick<ClientCard, 'identity' | 'provenHost'>,
  messages: Messages,
): Destination {
  const kind = redirectKind(uri)
  const words = messages.consent.destination
  switch (kind) {
    case 'loopback':
      return {
        kind,
        words: words.loopback,
        detail: URL.parse(uri)?.host ?? redirectHost(uri),
        warning: { lead: words.loopbackLead, rest: words.loopbackRest },
        notes: [],
      }
    case 'private': {
      const scheme = redirectHost(uri)
      return {
        kind,
        words: fill(words.private, { scheme: `${scheme}${uri.startsWith(`${scheme}//`) ? '//' : ''}` }),
        detail: uri.split('?')[0] ?? uri,
        warning: { lead: words.privateLead, rest: words.privateRest },
        notes: [],
      }
    }
    case 'https': {
      const host = redirectHost(uri)
      return { kind, words: host, detail: 'https', warning: undefined, notes: hostNotes(host, card, messages) }
    }
  }
}

/** The shortest true name of the place: a host, a port here, a scheme. */
export function placeOf(uri: string): string {
  return redirectKind(uri) === 'loopback' ? (URL.parse(uri)?.host ?? redirectHost(uri)) : redirectHost(uri)
}

function hostNotes(
  host: string,
  card: Pick<ClientCard, 'identity' | 'provenHost'>,
  { consent: { destination } }: Messages,
): readonly string[] {
  const notes: string[] = []
  if (card.provenHost !== undefined && card.provenHost !== host) {
    notes.push(fill(destination.otherHost, { host: card.provenHost }))
  }
  if (card.identity === 'unverified') notes.push(fill(destination.stranger, { host }))
  // A15: the punycode form is what is shown; this says why it looks so.
  if (host.split('.').some((label) => label.startsWith('xn--'))) notes.push(destination.punycode)
  return notes
}
