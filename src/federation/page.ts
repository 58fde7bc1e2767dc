import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import type { Upstream } from './upstream.ts'

/** Who waits for the sign-in, as the consent page will show it again; the composition makes it from the same parts. */
export interface WhoAsks {
  readonly client: {
    readonly identity: keyof Messages['consent']['headings']
    /** What it calls itself; never evidence. */
    readonly claimedName: string
    readonly provenHost: string | undefined
    readonly badge: { readonly tone: string; readonly icon?: string; readonly text: string }
    readonly explanation: string
  }
  readonly destination: {
    readonly kind: string
    readonly words: string
    readonly detail: string
    readonly warning: { readonly lead: string; readonly rest: string } | undefined
    readonly notes: readonly string[]
  }
  readonly server: { readonly name: string; readonly address: string }
}

/** What the page before the hop shows. */
export interface ContinueUpstreamPage extends PageLocals, WhoAsks {
  readonly action: string
  /** Back to the other ways to sign in. */
  readonly back: string
  readonly upstream: { readonly name: string; readonly host: string }
  readonly goOn: string
  readonly second: string
}

/**
 * Facts of the page before the hop: who asks, how we know, where the answer goes, for which MCP server, and what comes next.
 * Everything is read from what is stored; a page of an upstream that remembers the person says none of it.
 */
export function continueUpstreamPage(
  { federation }: Messages,
  asks: WhoAsks,
  upstream: Pick<Upstream, 'id' | 'name' | 'issuer'>,
  /** Of the interaction, with the prefix of the issuer. */
  path: string,
): ContinueUpstreamPage {
  const { card } = federation
  return {
    ...asks,
    title: fill(card.title, { upstream: upstream.name }),
    page: 'upstream-continue',
    action: `${path}/upstream/${upstream.id}`,
    back: `${path}/sign-in`,
    upstream: { name: upstream.name, host: new URL(upstream.issuer).host },
    goOn: fill(card.goOn, { upstream: upstream.name }),
    second: fill(card.second, { upstream: upstream.name, client: asks.client.claimedName }),
  }
}
