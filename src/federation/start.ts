import { sha256Base64url } from '../crypto/digest.ts'
import { randomSecret } from '../crypto/random.ts'
import type { Clock } from '../runtime/clock.ts'
import type { PageContext } from '../web/context.ts'
import type { Adapter, Hop } from './adapter.ts'
import type { HopCookies } from './hop-cookies.ts'
import type { RefusalDesk } from './refusal.ts'
import type { HopPurpose } from './states/state.ts'
import type { StateStore } from './states/store.ts'
import type { Upstream } from './upstream.ts'

/** What beginning a hop needs. */
export interface StartDesk extends RefusalDesk {
  readonly issuer: string
  readonly protocol: Pick<Adapter, 'authorizationUrl'>
  readonly states: Pick<StateStore, 'add' | 'drop'>
  readonly cookies: Pick<HopCookies, 'give'>
  readonly clock: Clock
}

/** Where an upstream sends people back to; each has a path of its own, so that answers cannot be mixed up (RFC 9700 §4.4). */
export function callbackOf(issuer: string, upstreamId: string): string {
  return `${issuer}/upstream/${upstreamId}/callback`
}

/**
 * Begins a hop, after the person has said so on a page of ours (H04): writes its row, gives the browser its cookie.
 *
 * @param isAnew the person has to prove there anew who they are
 * @returns the address at the upstream
 * @throws UpstreamFault when its metadata cannot be had or is not accepted; nothing is written or set then
 */
export async function startHop(
  desk: StartDesk,
  ctx: PageContext,
  upstream: Upstream,
  purpose: HopPurpose,
  isAnew: boolean,
): Promise<string> {
  const { issuer, protocol, states, cookies, audit, clock } = desk
  const now = clock.now()
  const hop: Hop = {
    state: randomSecret(),
    nonce: randomSecret(),
    verifier: randomSecret(), // RFC 7636 §4.1: 43 characters, 256 bits
    redirectUri: callbackOf(issuer, upstream.id),
    isAnew,
    startedAt: now,
  }
  const address = await protocol.authorizationUrl(upstream, hop)
  const { value, dropped } = cookies.give(ctx, hop.state, now)
  await states.drop(dropped)
  await states.add(hop.state, {
    ...{ nonce: hop.nonce, verifier: hop.verifier, isAnew, purpose, createdAt: now },
    upstreamId: upstream.id,
    issuer: upstream.issuer,
    browserDigest: sha256Base64url(value),
  })
  const accountId = 'accountId' in purpose ? purpose.accountId : undefined
  audit.recordSoon({
    type: 'session.upstream_started',
    actor: accountId === undefined ? 'system' : `account:${accountId}`,
    accountId,
    clientId: 'clientId' in purpose ? purpose.clientId : undefined,
    address: ctx.state.address,
    requestId: ctx.state.requestId,
    detail: { upstream: upstream.id, purpose: purpose.kind },
  })
  return address.href
}
