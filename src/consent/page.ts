import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import type { Asked } from './asked.ts'
import { type ClientCard, clientCard, initialOf, isVouchedFor, redirectKind } from './client-card.ts'
import { type Destination, destinationOf } from './destination.ts'
import { type Duration, endOf, offeredDurations, proposedDuration } from './duration.ts'
import { type PermissionGroup, permissionGroups } from './permission-rows.ts'
import type { Reason } from './policy.ts'

/** What is told of the client beside its name, all of it ours. */
export interface About {
  /** People with a standing consent, up to `mostCounted`. */
  readonly people: number
  /** Address of its picture below the issuer; undefined: its letter. */
  readonly logo: string | undefined
}

/** Beyond this many the page says “more than”. */
export const mostCounted = 1000

/** What the person had chosen on a form that comes back, and what is missing in it. */
export interface Chosen {
  readonly ticked: readonly string[]
  readonly stayConnected: boolean
  readonly duration: Duration
  readonly fault: 'acknowledge' | undefined
}

/** A choice of the duration list. */
interface DurationChoice {
  readonly value: Duration
  readonly words: string
  readonly selected: boolean
}

/** A link that the client claims, opened without a referrer. */
interface ClaimedLink {
  readonly href: string
  readonly words: string
}

/** Everything the consent page shows. */
export interface ConsentPage extends PageLocals {
  readonly action: string
  readonly switchAction: string
  readonly blockAction: string
  readonly vouchAction: string | undefined
  readonly client: ClientCard
  readonly logo: string | undefined
  readonly server: { readonly name: string; readonly address: string; readonly initial: string }
  readonly destination: Destination
  readonly person: { readonly name: string; readonly email: string; readonly initial: string }
  readonly isAdmin: boolean
  readonly reason: Reason | undefined
  readonly reasonText: string | undefined
  /** A look-alike that is told in words. */
  readonly lookAlikeNote: string | undefined
  /** Id of the known client, once the stop page has been passed. */
  readonly despite: string | undefined
  readonly diff: { readonly known: string | undefined; readonly fresh: string | undefined } | undefined
  readonly groups: readonly PermissionGroup[]
  readonly learnsWhoYouAre: boolean
  readonly mayStayConnected: boolean
  readonly stayConnected: boolean
  readonly durations: readonly DurationChoice[]
  /** When the choices end, where their names leave it open. */
  readonly durationWords: string
  /** The host that must be acknowledged. */
  readonly acknowledge: string | undefined
  readonly message: string | undefined
  readonly facts: {
    readonly firstSeen: Moment
    readonly people: string
    readonly changed: Moment | undefined
    readonly links: readonly ClaimedLink[]
  }
}

/** What makes a page of one request. */
export interface PageTools {
  readonly messages: Messages
  readonly format: Format
  /** Prefix of every own address. */
  readonly basePath: string
  readonly now: Date
  readonly longestSeconds: number | undefined
}

/** Makes the page from the stored interaction and the stores; nothing of it but the person's own choices comes from a form (G04, G24). */
export function consentPage(asked: Asked, about: About, tools: PageTools, chosen?: Chosen): ConsentPage {
  const { authorization, client, resource, account, friction } = asked
  const { messages, format, basePath } = tools
  const { consent: words } = messages
  const card = clientCard(client, redirectKind(authorization.redirectUri), messages)
  const path = `${basePath}/interaction/${encodeURIComponent(authorization.uid)}`
  const lookAlike = friction.note ?? friction.stop
  return {
    title: fill(words.title, { client: card.claimedName, server: resource.name }),
    page: 'consent',
    action: `${path}/consent`,
    switchAction: `${path}/switch`,
    blockAction: `${path}/block`,
    vouchAction: account.role === 'admin' && !isVouchedFor(client) ? `${path}/vouch` : undefined,
    client: card,
    logo: about.logo === undefined ? undefined : `${basePath}${about.logo}`,
    server: {
      name: resource.name,
      address: resource.identifier.replace(/^https?:\/\//, ''),
      initial: initialOf(resource.name),
    },
    destination: destinationOf(authorization.redirectUri, card, messages),
    person: { name: account.name, email: account.email, initial: initialOf(account.name) },
    isAdmin: account.role === 'admin',
    reason: asked.reason ?? undefined,
    reasonText: asked.reason === null || asked.reason === 'new-client' ? undefined : words.reasons[asked.reason],
    lookAlikeNote: lookAlike && fill(words.lookAlike.note, { known: lookAlike.claimedName }),
    despite: friction.stop?.id,
    diff: asked.previous === undefined ? undefined : diffOf(asked, tools),
    groups: permissionGroups(asked, messages, chosen?.ticked),
    learnsWhoYouAre: authorization.identityScopes.includes('openid'),
    mayStayConnected: asked.mayRefresh,
    stayConnected: chosen?.stayConnected ?? true,
    durations: durationChoices(asked, tools, chosen?.duration),
    durationWords: durationWords(tools),
    acknowledge: friction.tick,
    message:
      chosen?.fault === 'acknowledge' ? fill(words.acknowledge.missing, { host: friction.tick ?? '' }) : undefined,
    facts: {
      firstSeen: format.date(client.createdAt),
      people: peopleWords(about.people, tools),
      changed: client.changedAt ? format.date(client.changedAt) : undefined,
      links: linksOf(asked, messages),
    },
  }
}

function diffOf({ permissions }: Asked, { messages }: PageTools): ConsentPage['diff'] {
  const words = (known: boolean, text: string) => {
    const list = permissions.filter((permission) => permission.known === known).map(({ description }) => description)
    return list.length === 0 ? undefined : fill(text, { list: list.join(' · ') })
  }
  const { permissions: texts } = messages.consent
  return { known: words(true, texts.known), fresh: words(false, texts.fresh) }
}

function durationChoices(
  { client }: Asked,
  { messages, now, longestSeconds }: PageTools,
  chosen: Duration | undefined,
): readonly DurationChoice[] {
  const { duration: words } = messages.consent
  const offered = offeredDurations(now, longestSeconds)
  const wanted = chosen ?? proposedDuration(client.origin !== 'registered' || isVouchedFor(client))
  const selected = offered.includes(wanted) ? wanted : 'revoked'
  return offered.map((value) => ({ value, words: words[value], selected: value === selected }))
}

function durationWords({ messages, format, now, longestSeconds }: PageTools): string {
  const { duration: words } = messages.consent
  const midnight = endOf('day', now, undefined)
  const today = midnight && fill(words.today, { left: format.relative(midnight, now).words })
  const atMost =
    longestSeconds === undefined ? undefined : fill(words.atMost, { span: format.duration(longestSeconds) })
  return [words.ends, today, atMost].filter((text) => text !== undefined).join(' ')
}

function peopleWords(people: number, { messages, format }: PageTools): string {
  const { about } = messages.consent
  const many =
    people > mostCounted ? fill(about.moreThan, { count: format.number(mostCounted) }) : format.number(people)
  return about.people(people, many)
}

function linksOf({ client }: Asked, { consent: { about } }: Messages): readonly ClaimedLink[] {
  const { policy_uri: policy, tos_uri: terms } = client.metadata ?? {}
  const named = (uri: string | undefined, text: string): readonly ClaimedLink[] => {
    const url = uri === undefined ? null : URL.parse(uri)
    // Checked when the client came; a link of another scheme is not written twice by mistake.
    return url?.protocol === 'https:' ? [{ href: url.href, words: fill(text, { host: url.host }) }] : []
  }
  const document = client.origin === 'document' ? [{ href: client.id, words: about.document }] : []
  return [...document, ...named(policy, about.policy), ...named(terms, about.terms)]
}
