import type { Format } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import type { Asked } from './asked.ts'
import { identityOf, isVouchedFor, redirectKind } from './client-card.ts'
import { placeOf } from './destination.ts'
import type { KnownClient } from './friction.ts'

/** What stands between a person and a client that bears another one's name. */
export interface StopPage extends PageLocals {
  readonly action: string
  readonly blockAction: string
  readonly heading: string
  readonly known: { readonly proof: string }
  readonly thisOne: string
  readonly host: string
  readonly label: string
  readonly message: string | undefined
  readonly isAdmin: boolean
}

/** Makes the stop page of a look-alike (D10, D11). */
export function stopPage(
  asked: Asked,
  known: KnownClient,
  isMissing: boolean,
  { messages, format, basePath }: { messages: Messages; format: Format; basePath: string },
): StopPage {
  const { lookAlike: words } = messages.consent
  const { client, key, authorization } = asked
  const path = `${basePath}/interaction/${encodeURIComponent(authorization.uid)}`
  const values = { client: client.claimedName, host: key.redirectHost }
  return {
    title: fill(words.title, { client: client.claimedName }),
    page: 'consent-warning',
    action: `${path}/consent`,
    blockAction: `${path}/block`,
    heading: fill(words.heading, { known: known.claimedName }),
    known: {
      proof: known.provenHost === undefined ? words.vouchedFor : fill(words.provenAs, { host: known.provenHost }),
    },
    thisOne: client.provenHost
      ? fill(words.thisOneProven, { ...values, proven: client.provenHost })
      : fill(words.thisOne, { ...values, since: format.date(client.createdAt).words }),
    host: key.redirectHost,
    label: fill(words.label, { host: key.redirectHost }),
    message: isMissing ? fill(words.missing, { host: key.redirectHost }) : undefined,
    isAdmin: asked.account.role === 'admin',
  }
}

/** The page after Allow: it goes on by itself, and stays where the client has no window. */
export interface AllowedPage extends PageLocals {
  readonly heading: string
  readonly text: string
  readonly target: string
  /** Where the code can be copied; undefined where the browser arrives for sure. */
  readonly codeAddress: string | undefined
}

/** Makes the page after Allow. @param target where the authorization goes on, of this origin */
export function allowedPage(asked: Asked, target: string, messages: Messages, basePath: string): AllowedPage {
  const { after: words } = messages.consent
  const { authorization, client, resource } = asked
  const kind = redirectKind(authorization.redirectUri)
  return {
    title: words.title,
    page: 'continue',
    heading: fill(words.heading, { client: client.claimedName }),
    text: fill(kind === 'private' ? words.textApp : words.text, { server: resource.name }),
    target,
    refreshTo: target,
    codeAddress:
      kind === 'https' ? undefined : `${basePath}/interaction/${encodeURIComponent(authorization.uid)}/consent`,
  }
}

/** The page after Deny. */
export interface DeniedPage extends PageLocals {
  readonly text: string
  readonly target: string
}

/** Makes the page after Deny: it names the place that is told, and jumps there only where that is no stranger's website. */
export function deniedPage(asked: Asked, target: string, messages: Messages): DeniedPage {
  const { denied: words } = messages.consent
  const { authorization, client } = asked
  const kind = redirectKind(authorization.redirectUri)
  // A16, RFC 9700 §4.11.2: a stranger's website gets the browser only when the person follows the link.
  const isStranger = kind === 'https' && identityOf(client, kind) === 'unverified' && !isVouchedFor(client)
  const values = { client: client.claimedName, place: placeOf(authorization.redirectUri) }
  return {
    title: words.heading,
    page: 'error',
    errorCode: 'access_denied',
    text: fill(isStranger ? words.toldLater : words.toldNow, values),
    target,
    refreshTo: isStranger ? undefined : target,
  }
}

/** The page of a client that is shut out. */
export interface BlockedPage extends PageLocals {
  readonly text: string
  /** Where the client is told no; undefined when it is not to be told. */
  readonly target: string | undefined
  /** Where the person lifts their own block. */
  readonly unblockAction: string | undefined
  readonly action: string | undefined
}

/** Makes it: after blocking, or when a client asks that the person has blocked. */
export function blockedPage(
  asked: Asked,
  outcome: 'everyone' | 'you' | 'stands',
  messages: Messages,
  basePath: string,
  target?: string,
): BlockedPage {
  const { block: words } = messages.consent
  const path = `${basePath}/interaction/${encodeURIComponent(asked.authorization.uid)}`
  const text = { everyone: words.doneForAll, you: words.doneForYou, stands: words.stands }[outcome]
  return {
    title: words.heading,
    page: outcome === 'stands' ? 'consent-blocked' : 'error',
    errorCode: outcome === 'stands' ? undefined : 'client_blocked',
    text: fill(text, { client: asked.client.claimedName }),
    target,
    unblockAction: outcome === 'stands' ? `${path}/unblock` : undefined,
    action: outcome === 'stands' ? `${path}/consent` : undefined,
  }
}

/** The page of who comes back after the answer: it says so, and has the answer to be taken along by hand. */
export interface ReturnedPage extends PageLocals {
  readonly text: string
  /** The redirect URI with the answer, as text; undefined until the person asks for it: no history keeps it (G11). */
  readonly address: string | undefined
  readonly code: string | undefined
  /** Where the person asks for it. */
  readonly showAction: string
  /** Goes there once more. */
  readonly target: string
}

/** Makes it. */
export function returnedPage(
  answer: { readonly uid: string; readonly target: string; readonly clientName: string; readonly serverName: string },
  isShown: boolean,
  messages: Messages,
  basePath: string,
): ReturnedPage {
  const { returned: words } = messages.consent
  return {
    title: words.heading,
    page: 'error',
    errorCode: 'already_answered',
    text: fill(words.text, { client: answer.clientName, server: answer.serverName }),
    address: isShown ? answer.target : undefined,
    code: isShown ? (URL.parse(answer.target)?.searchParams.get('code') ?? undefined) : undefined,
    showAction: `${basePath}/interaction/${encodeURIComponent(answer.uid)}/answer`,
    target: `${basePath}/authorize/${encodeURIComponent(answer.uid)}`,
  }
}
