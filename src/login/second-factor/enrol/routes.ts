import type Router from '@koa/router'
import type { Context } from 'koa'
import { withFactor } from '../../../oauth/acr.ts'
import { field, readForm } from '../../../web/body.ts'
import { seeOther } from '../../../web/context.ts'
import { continuePage } from '../../../web/continue-page.ts'
import { allowOwnScripts } from '../../../web/middleware/security-headers.ts'
import { secondFactorPath } from '../../complete.ts'
import { beginTotp, type Enroller, type EnrolOutcome, enrolPasskey, enrolTotp, openTotp } from '../enrol.ts'
import { type FactorRoutesDeps, type Halfway, hasTwo, isNewHere, showEnded } from '../halfway.ts'
import { passkeyOptions, usualName } from '../offer.ts'
import { appPage, recoveryPage, setupFactorPage } from '../page.ts'
import { sourceOf } from '../source.ts'

/** Where in a sign-in under way a first factor is set up. */
export interface EnrolDoor {
  readonly path: string
  readonly halfwayHere: (ctx: Context) => Promise<Halfway | null>
}

type Fault = Parameters<typeof setupFactorPage>[1]['fault']
type AppFault = Parameters<typeof appPage>[1]['fault']

/**
 * Setting a factor up inside of a sign-in: for whoever has none where one is demanded, and for the passkey where only that
 * one does. Nobody with one factor alone adds to those that are there (G19).
 */
export function enrolRoutes(router: Router, deps: FactorRoutesDeps, { path, halfwayHere }: EnrolDoor): void {
  router.get(path, allowOwnScripts(), async (ctx) => {
    const here = await halfwayHere(ctx)
    if (here === null) return
    if (here.step.kind !== 'enrol') return seeOther(ctx, secondFactorPath(here.place))
    if (ctx.query.with === 'app' && here.step.ways.includes('totp')) return showApp(deps, ctx, here)
    await showChoice(deps, ctx, here)
  })

  router.post(path, allowOwnScripts(), async (ctx) => {
    const form = await readForm(ctx)
    const here = await halfwayHere(ctx)
    if (here === null) return
    if (here.place.kind === 'authorization' && form.get('decision') === 'cancel') {
      return deps.cancel(ctx, here.place.authorization)
    }
    if (here.step.kind !== 'enrol') return seeOther(ctx, secondFactorPath(here.place))
    const finish = deps.pending.finishStatement(here.pending.digest, deps.clock.now())
    const who = { accountId: here.account.id, onlyFirst: !hasTwo(here.pending), conditions: [finish] }
    if (form.has('enrolment')) await takeApp(deps, ctx, here, who, form)
    else await takePasskey(deps, ctx, here, who, form)
  })
}

async function takeApp(
  deps: FactorRoutesDeps,
  ctx: Context,
  here: Halfway,
  who: Enroller,
  form: URLSearchParams,
): Promise<void> {
  if (here.step.kind !== 'enrol' || !here.step.ways.includes('totp')) return showEnded(ctx, here.place)
  const enrolment = openTotp(deps, here.account.id, field(form, 'enrolment'))
  if (enrolment === null) return showApp(deps, ctx, here, 'too_late')
  const outcome = await enrolTotp(deps, who, enrolment, field(form, 'code'), sourceOf(ctx, here.place))
  if (outcome.state === 'wrong') return showApp(deps, ctx, here, 'wrong', enrolment)
  if (outcome.state !== 'enrolled') return showEnded(ctx, here.place)
  await goOn(deps, ctx, here, outcome)
}

async function takePasskey(
  deps: FactorRoutesDeps,
  ctx: Context,
  here: Halfway,
  who: Enroller,
  form: URLSearchParams,
): Promise<void> {
  const browserDigest = ctx.state.forms.browserDigest(ctx)
  const input = { answer: field(form, 'passkey'), name: field(form, 'name'), browserDigest }
  const outcome = await enrolPasskey(deps, who, input, sourceOf(ctx, here.place))
  if (outcome.state === 'enrolled') return goOn(deps, ctx, here, outcome)
  if (outcome.state === 'too_late') return showEnded(ctx, here.place)
  await showChoice(deps, ctx, here, outcome.state === 'no_name' ? 'name' : 'passkey')
}

/** Signed in, and the recovery codes shown on the way where they are new. */
async function goOn(
  deps: FactorRoutesDeps,
  ctx: Context,
  { account, pending, place }: Halfway,
  { method, recoveryCodes }: Extract<EnrolOutcome, { state: 'enrolled' }>,
): Promise<void> {
  // Sessions from before have proved one factor and would go on with it; the one that is stepped up here has proved both.
  const own = ctx.state.session
  await deps.sessions.endAll(account.id, own?.account.id === account.id ? own.sessionUid : undefined)
  const proven = {
    accountId: account.id,
    amr: withFactor(pending.amr, method),
    authTime: pending.since,
    isToBeTold: isNewHere(ctx, account.id),
  }
  const step = await deps.completion.stepFor(place, account.id, proven.amr)
  if (step.kind !== 'done') return deps.completion.goOn(ctx, place, proven)
  const target = await deps.completion.finish(ctx, place, proven)
  if (recoveryCodes !== undefined) {
    return ctx.state.render(ctx, 'login/recovery-codes', recoveryPage(ctx.state.messages, recoveryCodes, target, false))
  }
  continuePage(ctx, target)
}

async function showChoice(deps: FactorRoutesDeps, ctx: Context, here: Halfway, fault?: Fault): Promise<void> {
  if (here.step.kind !== 'enrol') return
  const { ways } = here.step
  const { basePath } = ctx.state.render
  const action = `${basePath}${secondFactorPath(here.place)}/enrol`
  const page = setupFactorPage(ctx.state.messages, {
    action,
    reason: ways.includes('totp') ? 'demanded' : 'phishing_resistant',
    passkey: ways.includes('passkey') ? await passkeyOptions(deps, ctx, here.account) : undefined,
    passkeyName: usualName(ctx),
    app: ways.includes('totp') ? `${action}?with=app` : undefined,
    isAuthorization: here.place.kind === 'authorization',
    fault,
  })
  ctx.state.render(ctx, 'login/second-factor-setup', page, fault === undefined ? 200 : 400)
}

function showApp(
  deps: FactorRoutesDeps,
  ctx: Context,
  { account, place }: Halfway,
  fault?: AppFault,
  enrolment = beginTotp(deps, account.id),
): void {
  const action = `${ctx.state.render.basePath}${secondFactorPath(place)}/enrol`
  const facts = { action, account, place: deps.factors.place, enrolment, replaces: false, back: action, fault }
  ctx.state.render(
    ctx,
    'login/authenticator-setup',
    appPage(ctx.state.messages, facts),
    fault === undefined ? 200 : 400,
  )
}
