import type Router from '@koa/router'
import type { Context } from 'koa'
import { keyAlgs } from '../keys/key.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { RotationReport } from '../keys/rotate.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { field, readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import { authorOf } from './console.ts'
import { keysPage } from './keys-page.ts'

/** What the page about signing keys needs. */
export interface AdminKeysDeps {
  readonly keys: Pick<KeyRing, 'keys' | 'policy' | 'refresh' | 'rotate'>
  readonly issuer: string
  readonly clock: Clock
  readonly logger: Pick<Logger, 'error'>
}

const outcomes = ['activated', 'published', 'waiting', 'replaced'] as const

/** Serves `/admin/keys`: which keys there are, what happens when, and changing them (G22). A member gets 404 (G21). */
export function keyPages(router: Router, deps: AdminKeysDeps): void {
  const recent = requireRecentSignIn(10, { form: () => '/admin/keys' })

  router.get('/keys', async (ctx) => {
    // Another instance may have changed them.
    await deps.keys.refresh()
    showKeys(ctx, deps, { done: readDone(ctx.URL.searchParams.get('done') ?? '') })
  })

  router.post('/keys/rotate', recent, async (ctx) => {
    await readForm(ctx)
    const reports = await deps.keys.rotate({ author: authorOf(ctx) })
    seeOther(ctx, `/admin/keys?done=${doneOf(reports)}`)
  })

  router.post('/keys/replace', recent, async (ctx) => {
    const typed = field(await readForm(ctx), 'confirm')
      .trim()
      .toLowerCase()
    if (typed !== ctx.state.messages.adminKeys.replace.word) {
      return showKeys(ctx, deps, { fault: 'notConfirmed' })
    }
    try {
      const reports = await deps.keys.rotate({ now: true, author: authorOf(ctx) })
      seeOther(ctx, `/admin/keys?done=${doneOf(reports)}`)
    } catch (error) {
      // Somebody else was quicker, and nothing was written: the page shows what there is now.
      deps.logger.error({ err: error, requestId: ctx.state.requestId }, 'the signing keys were not replaced')
      await deps.keys.refresh()
      showKeys(ctx, deps, { fault: 'failed' })
    }
  })
}

function showKeys(
  ctx: Context,
  { keys, issuer, clock }: AdminKeysDeps,
  { done = [], fault }: { done?: Parameters<typeof keysPage>[2]['done']; fault?: 'notConfirmed' | 'failed' },
): void {
  const facts = {
    keys: keys.keys(),
    policy: keys.policy,
    now: clock.now(),
    jwksAddress: `${issuer}/jwks`,
    done,
    fault,
  }
  const { format, messages, render } = ctx.state
  render(
    ctx,
    'admin/keys',
    keysPage(messages, format, facts),
    fault === undefined ? 200 : fault === 'failed' ? 409 : 400,
  )
}

/** The reports in an address: `ES256-published_RS256-waiting`. */
function doneOf(reports: readonly RotationReport[]): string {
  return reports.map(({ alg, outcome }) => `${alg}-${outcome}`).join('_')
}

function readDone(text: string): readonly Pick<RotationReport, 'alg' | 'outcome'>[] {
  return text
    .slice(0, 200)
    .split('_')
    .flatMap((part) => {
      const [name, word] = part.split('-', 2)
      const alg = keyAlgs.find((one) => one === name)
      const outcome = outcomes.find((one) => one === word)
      return alg === undefined || outcome === undefined ? [] : [{ alg, outcome }]
    })
}
