import type Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { covers, strengthOf, withFactor } from '../../../oauth/acr.ts'
import { field, readForm } from '../../../web/body.ts'
import { seeOther, signedIn } from '../../../web/context.ts'
import { requireRecentSignIn } from '../../../web/middleware/recent-sign-in.ts'
import { requireAccount } from '../../../web/middleware/require-account.ts'
import { allowOwnScripts } from '../../../web/middleware/security-headers.ts'
import { returnPath } from '../../../web/navigation.ts'
import { beginTotp, type EnrolOutcome, enrolPasskey, enrolTotp, openTotp } from '../../second-factor/enrol.ts'
import type { FactorRoutesDeps } from '../../second-factor/halfway.ts'
import { passkeyOptions, usualName } from '../../second-factor/offer.ts'
import { appPage, recoveryPage, setupFactorPage } from '../../second-factor/page.ts'
import { sourceOf } from '../../second-factor/source.ts'

const base = '/account/security'

/** In front of everything about secrets: somebody who is signed in, a moment ago, with all the factors that they have. */
export function secretGuards(deps: Pick<FactorRoutesDeps, 'clock' | 'factors'>): readonly Middleware[] {
  return [requireAccount(), requireRecentSignIn(10, { clock: deps.clock, form: () => base }), requireFactors(deps)]
}

/** Middleware: a session from before the second factor was set up changes nothing of it (G19). */
function requireFactors({ factors }: Pick<FactorRoutesDeps, 'factors'>): Middleware {
  return async function checkFactors(ctx, next) {
    const { account, amr } = signedIn(ctx)
    if (!covers(strengthOf(amr), 'two')) {
      const { totp, passkeys } = await factors.enrolled(account.id)
      if (totp || passkeys) return seeOther(ctx, '/sign-in/second-factor?return_to=security')
    }
    await next()
  }
}

/** Below `/account/security`: the choice of a second factor, the app, a new passkey. */
export function factorSetup(router: Router, deps: FactorRoutesDeps): void {
  const guards = secretGuards(deps)

  // Whoever the console sent here comes back to it (`return_to`), proved or set up.
  router.get(`${base}/second-factor`, requireAccount(), allowOwnScripts(), async (ctx, next) => {
    const { account, amr } = signedIn(ctx)
    const wanted = wantedOf(ctx)
    if (covers(strengthOf(amr), 'two')) return seeOther(ctx, returnPath(wanted) ?? base)
    const { totp, passkeys } = await deps.factors.enrolled(account.id)
    if (!totp && !passkeys) return next()
    seeOther(
      ctx,
      `/sign-in/second-factor${wanted === undefined ? '' : `?${new URLSearchParams({ return_to: wanted })}`}`,
    )
  })
  router.get(`${base}/second-factor`, ...guards, (ctx) => showChoice(deps, ctx, 'second-factor'))
  router.get(`${base}/passkeys`, allowOwnScripts(), ...guards, (ctx) => showChoice(deps, ctx, 'passkeys'))

  router.post(`${base}/passkeys`, allowOwnScripts(), ...guards, async (ctx) => {
    const form = await readForm(ctx)
    const browserDigest = ctx.state.forms.browserDigest(ctx)
    const input = { answer: field(form, 'passkey'), name: field(form, 'name'), browserDigest }
    const outcome = await enrolPasskey(
      deps,
      { accountId: signedIn(ctx).account.id, onlyFirst: false },
      input,
      sourceOf(ctx),
    )
    if (outcome.state === 'enrolled') return goOn(deps, ctx, outcome, 'passkey')
    const fault = outcome.state === 'no_name' ? 'name' : outcome.state === 'too_late' ? 'full' : 'passkey'
    await showChoice(deps, ctx, 'passkeys', fault)
  })

  router.get(`${base}/authenticator`, ...guards, (ctx) => showApp(deps, ctx))

  router.post(`${base}/authenticator`, ...guards, async (ctx) => {
    const form = await readForm(ctx)
    const accountId = signedIn(ctx).account.id
    const enrolment = openTotp(deps, accountId, field(form, 'enrolment'))
    if (enrolment === null) return showApp(deps, ctx, 'too_late')
    const outcome = await enrolTotp(
      deps,
      { accountId, onlyFirst: false },
      enrolment,
      field(form, 'code'),
      sourceOf(ctx),
    )
    if (outcome.state === 'enrolled') return goOn(deps, ctx, outcome, 'authenticator')
    await showApp(deps, ctx, 'wrong', enrolment)
  })
}

/** The session has proved the new factor and goes on under a new identifier (G06); others, which have not, end. */
async function goOn(
  deps: FactorRoutesDeps,
  ctx: Context,
  { method, recoveryCodes }: Extract<EnrolOutcome, { state: 'enrolled' }>,
  done: 'authenticator' | 'passkey',
): Promise<void> {
  const { account, amr, authTime } = signedIn(ctx)
  const wanted = wantedOf(ctx)
  const target = returnPath(wanted) ?? `${base}?done=${done}`
  const isFirst = recoveryCodes !== undefined
  if (isFirst) await deps.sessions.endAll(account.id)
  await deps.sessions.signIn(ctx, { accountId: account.id, amr: withFactor(amr, method), authTime })
  if (!isFirst) return seeOther(ctx, target)
  const address = `${ctx.state.render.basePath}${target}`
  ctx.state.render(ctx, 'login/recovery-codes', recoveryPage(ctx.state.messages, recoveryCodes, address, true))
}

async function showChoice(
  deps: FactorRoutesDeps,
  ctx: Context,
  which: 'second-factor' | 'passkeys',
  fault?: Parameters<typeof setupFactorPage>[1]['fault'],
): Promise<void> {
  const { account, lacksSecondFactor } = signedIn(ctx)
  const address = `${ctx.state.render.basePath}${base}`
  const query = queryOf(ctx)
  const page = setupFactorPage(ctx.state.messages, {
    action: `${address}/passkeys${query}`,
    reason: lacksSecondFactor ? 'console' : 'own',
    passkey: await passkeyOptions(deps, ctx, account),
    passkeyName: usualName(ctx),
    app: which === 'passkeys' ? undefined : `${address}/authenticator${query}`,
    back: address,
    fault,
  })
  ctx.state.render(ctx, 'login/second-factor-setup', page, fault === undefined ? 200 : 400)
}

async function showApp(
  deps: FactorRoutesDeps,
  ctx: Context,
  fault?: Parameters<typeof appPage>[1]['fault'],
  given?: ReturnType<typeof beginTotp>,
): Promise<void> {
  const { account } = signedIn(ctx)
  const address = `${ctx.state.render.basePath}${base}`
  const page = appPage(ctx.state.messages, {
    action: `${address}/authenticator${queryOf(ctx)}`,
    account,
    place: deps.factors.place,
    enrolment: given ?? beginTotp(deps, account.id),
    replaces: (await deps.factors.totp.find(account.id)) !== null,
    back: address,
    fault,
  })
  ctx.state.render(ctx, 'login/authenticator-setup', page, fault === undefined ? 200 : 400)
}

// G26: a name of the navigation, or nothing.
function wantedOf(ctx: Context): string | undefined {
  const wanted = ctx.query.return_to
  return typeof wanted === 'string' && returnPath(wanted) !== null ? wanted : undefined
}

function queryOf(ctx: Context): string {
  const wanted = wantedOf(ctx)
  return wanted === undefined ? '' : `?${new URLSearchParams({ return_to: wanted })}`
}
