import type { Format, Moment } from '../../messages/format.ts'
import type { Messages } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import type { PageLocals } from '../../web/render.ts'
import type { Identity } from '../identities/store.ts'
import { acceptsIssuer, hasTenantIssuers } from '../presets.ts'
import type { Upstream } from '../upstream.ts'

/** What was done just now. */
export type LinkedDone = keyof Messages['upstreams']['linked']['done']

/** A linked identity as its person reads it. */
export interface LinkedRow {
  readonly id: string
  readonly name: string
  readonly label: string
  readonly since: Moment
  readonly lastUsed: Moment | undefined
  /** Why it is of no use at present; undefined: it is. */
  readonly note: string | undefined
  readonly unlink: string
}

/** The page `/account/security/upstreams`. */
export interface LinkedPage extends PageLocals {
  readonly identities: readonly LinkedRow[]
  readonly choices: readonly { readonly id: string; readonly label: string }[]
  readonly done: string | undefined
  readonly message: string | undefined
}

/** The upstream through which an identity comes in today, or undefined: its issuer is not offered here any more. */
export function upstreamOf(
  { issuer, upstreamId }: Pick<Identity, 'issuer' | 'upstreamId'>,
  upstreams: readonly Upstream[],
): Upstream | undefined {
  const fits = (upstream: Upstream) =>
    hasTenantIssuers(upstream)
      ? upstream.rules.tenants.some((tenant) => acceptsIssuer(upstream, issuer, tenant))
      : upstream.issuer === issuer
  const fitting = upstreams.filter(fits)
  return fitting.find(({ id }) => id === upstreamId) ?? fitting.find(({ enabled }) => enabled) ?? fitting[0]
}

/** Makes the page of one person. */
export function linkedPage(
  { upstreams: texts }: Messages,
  format: Format,
  given: {
    readonly identities: readonly Identity[]
    readonly upstreams: readonly Upstream[]
    readonly passwords: boolean
    readonly done?: LinkedDone | undefined
    readonly isLastWayIn?: boolean
  },
): LinkedPage {
  const { linked: words, person } = texts
  const { identities, upstreams, passwords, done, isLastWayIn = false } = given
  const used = new Set(identities.map((identity) => upstreamOf(identity, upstreams)?.id))
  return {
    title: words.heading,
    page: 'linked-accounts',
    area: 'account',
    here: '/account/security/upstreams',
    identities: identities.map((identity) => {
      const upstream = upstreamOf(identity, upstreams)
      const name = upstream?.name ?? person.gone
      const { label, lastUsedAt, linkedAt } = identity
      return {
        id: identity.id,
        name,
        label,
        since: format.date(linkedAt),
        lastUsed: lastUsedAt && format.dateTime(lastUsedAt),
        note: upstream?.enabled === true ? undefined : words.off,
        unlink: fill(words.unlinkOf, { label, name }),
      }
    }),
    choices: upstreams
      .filter(({ enabled, id }) => enabled && !used.has(id))
      .map(({ id, name }) => ({ id, label: fill(words.link, { name }) })),
    done: done && words.done[done],
    message: isLastWayIn ? (passwords ? words.lastWayIn : words.lastWayInNoPasswords) : undefined,
  }
}
