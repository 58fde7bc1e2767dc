import type Router from '@koa/router'
import type { Context } from 'koa'
import { outcomeOf } from '../../credentials/throttle/guard.ts'
import { withFactor } from '../../oauth/acr.ts'
import type { SignInPlace } from '../../oauth/interaction.ts'
import { field, readForm } from '../../web/body.ts'
import { seeOther } from '../../web/context.ts'
import { allowOwnScripts } from '../../web/middleware/security-headers.ts'
import { retryAfter, waitWords } from '../../web/retry-after.ts'
import { secondFactorPath } from '../complete.ts'
import type { NextStep } from '../next-step.ts'
import { checkSecondFactor, type FactorAnswer, provingPurpose } from './check.ts'
import { enrolRoutes } from './enrol/routes.ts'
import { type FactorRoutesDeps, type Halfway, halfway, isNewHere, showEnded } from './halfway.ts'
import { type ProveFault, provePage } from './page.ts'
import { sourceOf } from './source.ts'

type Prove = Extract<NextStep, { kind: 'prove' }>

/** `/sign-in/second-factor` and `/interaction/:uid/second-factor`, and below them where one is set up. */
export function secondFactorRoutes(router: Router, deps: FactorRoutesDeps): void {
  const doors = [
    { path: '/sign-in/second-factor', placeHere: async (ctx: Context) => ownPlace(ctx) },
    {
      path: '/interaction/:uid/second-factor',
      async placeHere(ctx: Context): Promise<SignInPlace> {
        return { kind: 'authorization', authorization: await deps.authorizationHere(ctx, ctx.params.uid) }
      },
    },
  ]
  for (const { path, placeHere } of doors) {
    router.get(path, allowOwnScripts(), async (ctx) => {
      const here = await halfway(deps, ctx, await placeHere(ctx))
      if (here === null) return
      if (here.step.kind === 'enrol') return seeOther(ctx, `${secondFactorPath(here.place)}/enrol`)
      await showProve(deps, ctx, here, here.step)
    })

    router.post(path, allowOwnScripts(), async (ctx) => {
      const form = await readForm(ctx)
      const place = await placeHere(ctx)
      if (place.kind === 'authorization' && form.get('decision') === 'cancel') {
        return deps.cancel(ctx, place.authorization)
      }
      const here = await halfway(deps, ctx, place)
      if (here === null) return
      if (here.step.kind === 'enrol') return seeOther(ctx, `${secondFactorPath(here.place)}/enrol`)
      await prove(deps, ctx, here, here.step, form)
    })
    enrolRoutes(router, deps, {
      path: `${path}/enrol`,
      halfwayHere: async (ctx) => halfway(deps, ctx, await placeHere(ctx)),
    })
  }
}

async function prove(
  deps: FactorRoutesDeps,
  ctx: Context,
  here: Halfway,
  step: Prove,
  form: URLSearchParams,
): Promise<void> {
  const { account, pending, place } = here
  const answer = answerOf(ctx, form)
  if (answer === null) return showProve(deps, ctx, here, step, 'missing', 400)
  const subject = {
    purpose: 'second_factor',
    account: account.email,
    address: ctx.state.address,
    browser: deps.browsers.recognise(ctx, account.email, 'code'),
  } as const
  let isOver = false
  const check = async () => {
    const checked = await checkSecondFactor(deps, pending, step.ways, answer, sourceOf(ctx, place))
    isOver = checked.state === 'ended'
    return checked.state === 'proved' ? checked : null
  }
  const outcome = answer.kind === 'passkey' ? outcomeOf(await check()) : await deps.guard.attempt(subject, check)
  if (outcome.state === 'wait') {
    const seconds = (outcome.until.getTime() - deps.clock.now().getTime()) / 1000
    retryAfter(ctx, seconds)
    const words = ctx.state.messages.login.signIn.faults.wait.replace('{wait}', waitWords(ctx.state.format, seconds))
    return showProve(deps, ctx, here, step, { words }, 429)
  }
  if (isOver) return showEnded(ctx, place)
  if (outcome.state === 'refused') {
    const wrongCode = form.get('with') === 'recovery' ? 'wrong_recovery' : 'wrong_code'
    return showProve(deps, ctx, here, step, answer.kind === 'passkey' ? 'wrong_passkey' : wrongCode, 401)
  }
  const amr = withFactor(pending.amr, outcome.value.method)
  const proven = { accountId: account.id, amr, authTime: pending.since, isToBeTold: isNewHere(ctx, account.id) }
  await deps.completion.goOn(ctx, place, proven)
}

function answerOf(ctx: Context, form: URLSearchParams): FactorAnswer | null {
  const answer = field(form, 'passkey')
  if (answer !== '') return { kind: 'passkey', answer, browserDigest: ctx.state.forms.browserDigest(ctx) }
  const code = field(form, 'code').trim()
  return code === '' ? null : { kind: 'code', code }
}

async function showProve(
  deps: FactorRoutesDeps,
  ctx: Context,
  { account, action, pending, place }: Halfway,
  { ways }: Prove,
  fault?: ProveFault | { readonly words: string },
  status = 200,
): Promise<void> {
  const { ceremonies, passkeys } = deps.factors
  const use = { purpose: provingPurpose(pending), browserDigest: ctx.state.forms.browserDigest(ctx) }
  const passkey =
    ways.includes('passkey') && ceremonies !== null
      ? await ceremonies.ask(await passkeys.list(account.id), use, deps.clock.now())
      : undefined
  const withRecovery = (ctx.state.form?.get('with') ?? ctx.query.with) === 'recovery'
  const isAuthorization = place.kind === 'authorization'
  const page = provePage(ctx.state.messages, { action, account, ways, withRecovery, passkey, isAuthorization, fault })
  ctx.state.render(ctx, 'login/second-factor', page, status)
}

function ownPlace(ctx: Context): SignInPlace {
  const wanted = ctx.query.return_to
  return { kind: 'own', returnTo: typeof wanted === 'string' ? wanted : undefined }
}
