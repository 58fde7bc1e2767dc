import type { Context, Middleware } from 'koa'
import type { Sealer } from '../crypto/seal.ts'
import type { GivenAnswer } from '../oauth/interaction.ts'
import type { Clock } from '../runtime/clock.ts'
import type { CookieJar } from '../web/cookies.ts'

/** Keeps the answer of an authorization in the browser that got it, for as long as its code lives. */
export interface GivenAnswers {
  /** Around the end of an authorization: keeps the answer, and gives it again to who follows our own link once more. */
  middleware(): Middleware
  /** The answer that this browser was sent on with, while its code is good. */
  of(ctx: Context): GivenAnswer | null
}

/** What it stands on. */
export interface GivenAnswersDependencies {
  readonly cookies: CookieJar
  readonly sealer: Sealer
  readonly clock: Clock
  /** Path prefix of an issuer with a path, or empty. */
  readonly basePath: string
}

interface Kept extends GivenAnswer {
  readonly until: number
}

// The life of a code (design: 60 s): an older answer is of no use to anybody.
const keptSeconds = 60
// A browser drops a cookie over 4 kB; a longer answer is not kept, and everything else works.
const longestCookie = 3800

/**
 * A browser may not reach the client: the listener of a container, an app whose “Open?” was dismissed. So the last answer
 * stays with the browser, sealed in an HttpOnly cookie of ours, and nowhere else: `/authorize/<uid>` goes there once more
 * when our own page asks, and `/interaction/<uid>/consent` shows it to be copied. No second code is made of it.
 */
export function createGivenAnswers({ cookies, sealer, clock, basePath }: GivenAnswersDependencies): GivenAnswers {
  function of(ctx: Context): GivenAnswer | null {
    const box = cookies.get(ctx, 'answer')
    const plain = box === undefined ? null : sealer.open(box)
    if (plain === null) return null
    // Parse boundary: only `keep` seals this.
    const { until, ...answer } = JSON.parse(plain) as Kept
    return until > clock.now().getTime() ? answer : null
  }

  function keep(ctx: Context, answer: GivenAnswer): boolean {
    const kept: Kept = { ...answer, until: clock.now().getTime() + keptSeconds * 1000 }
    const box = sealer.seal(JSON.stringify(kept))
    if (box.length > longestCookie) return false
    cookies.set(ctx, 'answer', box, keptSeconds)
    return true
  }

  return {
    of,
    middleware: () =>
      async function keepAnswer(ctx, next) {
        const [, uid] = /^\/authorize\/([^/]+)$/.exec(ctx.path) ?? []
        if (uid === undefined) return next()
        const before = of(ctx)
        // The link on a page of ours, once more; who types the address or comes from elsewhere is told that it is over.
        if (before?.uid === uid && ctx.get('Sec-Fetch-Site') === 'same-origin') return goOn(ctx, before.target)
        await next()
        const target = ctx.response.get('Location')
        if (ctx.status !== 303 || !URL.canParse(target) || !new URL(target).searchParams.has('code')) return
        const { client_id: clientId, resource } = ctx.oidc?.params ?? {}
        if (typeof clientId !== 'string' || typeof resource !== 'string') return
        const consent: unknown = ctx.oidc?.result?.consent
        const byHand = typeof consent === 'object' && consent !== null && 'byHand' in consent && consent.byHand === true
        const isKept = keep(ctx, { uid, clientId, resource, target, byHand })
        if (isKept && byHand) goOn(ctx, `${basePath}/interaction/${uid}/consent`)
      },
  }
}

function goOn(ctx: Context, target: string): void {
  ctx.status = 303
  ctx.set('Location', target)
  ctx.body = null
  ctx.status = 303
}
