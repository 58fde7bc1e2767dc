import { sha256Base64url } from '../crypto/digest.ts'
import type { PageContext } from '../web/context.ts'
import type { Adapter, Arrival, Hop } from './adapter.ts'
import { UpstreamFault } from './fault.ts'
import type { HopCookies } from './hop-cookies.ts'
import { type FederationDesk, linkPerson, signInPerson } from './people.ts'
import { noteRefusal, type Refusal } from './refusal.ts'
import { callbackOf, type StartDesk } from './start.ts'
import type { HopPurpose, UpstreamState } from './states/state.ts'
import type { StateStore } from './states/store.ts'
import type { TokenStore } from './tokens/store.ts'
import type { Upstream } from './upstream.ts'
import type { UpstreamStore } from './upstreams/store.ts'

/** What taking an answer needs. */
export interface CallbackDesk extends StartDesk {
  readonly upstreams: Pick<UpstreamStore, 'find'>
  readonly protocol: Adapter
  readonly states: StateStore
  readonly cookies: HopCookies
  readonly tokens: Pick<TokenStore, 'put'>
  readonly people: FederationDesk
  /** Whether the authorization behind a uid still waits for somebody. */
  readonly isWaiting: (uid: string) => Promise<boolean>
}

/** What became of an answer. */
export type CallbackOutcome =
  /** Finish at the page of the authorization, where its own cookie is sent. */
  | { readonly ok: true; readonly next: 'arrive'; readonly uid: string }
  | {
      readonly ok: true
      readonly next: 'sign_in'
      readonly accountId: string
      readonly authTime: Date | undefined
      readonly returnTo: string | undefined
    }
  | { readonly ok: true; readonly next: 'linked' }
  | { readonly ok: false; readonly refusal: Refusal }

/**
 * Takes the answer of an upstream. The state is consumed first, whatever else is wrong; then the browser, the upstream, the
 * issuer and what the hop was begun for are looked at; only then is the code redeemed.
 *
 * @param upstreamId of the path that was called
 */
export async function receiveAnswer(
  desk: CallbackDesk,
  ctx: PageContext,
  upstreamId: string,
): Promise<CallbackOutcome> {
  const now = desk.clock.now()
  const handles = new URLSearchParams(ctx.querystring).getAll('state')
  const [handle] = handles
  if (handle === undefined || handles.length > 1 || !/^[\w-]{43}$/.test(handle)) return refuse(desk, ctx, 'malformed')
  const state = await desk.states.consume(handle, now)
  if (state === null || state.purpose.kind === 'arrived') return refuse(desk, ctx, 'spent')
  // H02: whoever was sent here with a link that somebody else began stops here, with the link used up.
  if (!desk.cookies.holds(ctx, handle, state.browserDigest)) return refuse(desk, ctx, 'other_browser', state)
  desk.cookies.drop(ctx, handle)
  const upstream = await desk.upstreams.find(state.upstreamId)
  // H06: an answer counts on the path of the upstream that was asked, and while that is still set up as it was.
  if (state.upstreamId !== upstreamId) return refuse(desk, ctx, 'mixed_up', state)
  if (!upstream?.enabled || upstream.issuer !== state.issuer) return refuse(desk, ctx, 'gone', state)
  const stands = await stillStands(desk, ctx, state.purpose)
  if (stands !== null) return refuse(desk, ctx, stands, state, upstream)

  const redirectUri = callbackOf(desk.issuer, upstream.id)
  const hop = { state: handle, ...state, redirectUri, startedAt: state.createdAt }
  const arrival = await redeem(desk, ctx, upstream, hop, now)
  if (arrival instanceof UpstreamFault) return refuse(desk, ctx, `upstream_${arrival.kind}`, state, upstream, arrival)
  return settle(desk, ctx, upstream, state, arrival, now)
}

/** Whether what the hop was begun for is still there; null when it is. */
async function stillStands(desk: CallbackDesk, ctx: PageContext, purpose: HopPurpose): Promise<Refusal['code'] | null> {
  if (purpose.kind === 'authorization') return (await desk.isWaiting(purpose.uid)) ? null : 'interaction_over'
  if (purpose.kind === 'link') return ctx.state.session?.account.id === purpose.accountId ? null : 'signed_out'
  return null
}

async function redeem(
  desk: CallbackDesk,
  ctx: PageContext,
  upstream: Upstream,
  hop: Hop,
  now: Date,
): Promise<Arrival | UpstreamFault> {
  const answer = new URL(hop.redirectUri)
  answer.search = ctx.querystring
  try {
    return await desk.protocol.redeem(upstream, answer, hop, now)
  } catch (error) {
    if (error instanceof UpstreamFault) return error
    throw error
  }
}

async function settle(
  desk: CallbackDesk,
  ctx: PageContext,
  upstream: Upstream,
  state: UpstreamState,
  { person, tokens, authTime }: Arrival,
  now: Date,
): Promise<CallbackOutcome> {
  const { purpose } = state
  const clientId = 'clientId' in purpose ? { clientId: purpose.clientId } : {}
  const source = { ...clientId, address: ctx.state.address, requestId: ctx.state.requestId }
  const refused = (reason: Refusal['code']): CallbackOutcome => told(reason, state, upstream)
  if (purpose.kind === 'link') {
    const linked = await linkPerson(desk.people, purpose.accountId, upstream, person, source)
    return linked.ok ? { ok: true, next: 'linked' } : refuse(desk, ctx, `link_${linked.reason}`, state, upstream)
  }
  if (purpose.kind === 'own' && purpose.accountId !== undefined) {
    // Before anything is made: the hop was to prove that it is still the same person.
    const known = await desk.people.identities.find(person.issuer, person.subject)
    if (known?.accountId !== purpose.accountId) return refuse(desk, ctx, 'other_person', state, upstream)
  }
  const outcome = await signInPerson(desk.people, upstream, person, source)
  if (!outcome.ok) return refused(`person_${outcome.reason}`)
  const { accountId } = outcome
  if (purpose.kind === 'own') {
    return { ok: true, next: 'sign_in', accountId, authTime: seenFromHere(authTime, now), returnTo: purpose.returnTo }
  }
  if (purpose.kind === 'arrived') throw new TypeError('an arrival is not redeemed')
  const { uid, resource } = purpose
  if (upstream.keepTokensFor.includes(resource)) {
    await desk.tokens.put({ accountId, upstreamId: upstream.id, resource }, tokens, now)
  }
  const { value, dropped } = desk.cookies.give(ctx, uid, now)
  await desk.states.drop(dropped)
  await desk.states.add(value, {
    ...{ upstreamId: upstream.id, issuer: upstream.issuer, browserDigest: sha256Base64url(value) },
    ...{ nonce: '', verifier: '', isAnew: state.isAnew, createdAt: now },
    purpose: { kind: 'arrived', uid, clientId: purpose.clientId, accountId, authTime: seenFromHere(authTime, now) },
  })
  return { ok: true, next: 'arrive', uid }
}

// Ours: a session here lasts from the sign-in upstream on, but at most an hour of that has passed already: a sign-in of last
// week there would be a session that is over here. It stays far older than what counts as recent (G22).
const oldestMs = 3_600_000

function seenFromHere(authTime: Date | undefined, now: Date): Date | undefined {
  if (authTime === undefined) return undefined
  return new Date(Math.min(now.getTime(), Math.max(authTime.getTime(), now.getTime() - oldestMs)))
}

/** A refusal that nobody has written down yet. */
function refuse(
  desk: Pick<CallbackDesk, 'audit' | 'logger'>,
  ctx: PageContext,
  code: Refusal['code'],
  state?: UpstreamState,
  upstream?: Upstream,
  fault?: UpstreamFault,
): CallbackOutcome {
  noteRefusal(desk, ctx, { code, purpose: state?.purpose, fault }, state?.upstreamId)
  return told(code, state, upstream)
}

function told(
  code: Refusal['code'],
  state: UpstreamState | undefined,
  upstream: Upstream | undefined,
): CallbackOutcome {
  // Where to go on is told to the browser that began the hop only.
  const purpose = code === 'other_browser' ? undefined : state?.purpose
  return { ok: false, refusal: { code, purpose, upstreamName: upstream?.name } }
}
