import type Router from '@koa/router'
import type { Context } from 'koa'
import { type DryRunDesk, dryRun } from '../clients/dry-run/dry-run.ts'
import { makeToken, revokeToken, type TokenDesk } from '../clients/initial-access-tokens/initial-access-token.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import { type AdminRoutesDeps, authorOf } from './console.ts'
import {
  blankFields,
  checkWords,
  type RegistrationFields,
  type RegistrationPage,
  registrationPage,
  type TokenPage,
} from './registration-page.ts'

/** What the page of registration needs. */
export interface RegistrationDeps {
  readonly tokenDesk: TokenDesk
  readonly dryRunDesk: DryRunDesk
}

const path = '/admin/clients/registration'
// Ours: what a client may register at most, and a little more, so that the check can say that it is too much.
const longestSubject = 20_000
const mostTokens = 200

/** `/admin/clients/registration`: the rule, the dry run, and the tokens with which clients may register. */
export function registrationPages(router: Router, deps: AdminRoutesDeps): void {
  const desk = deps.registration
  // G22: what follows shows a secret.
  const recent = requireRecentSignIn(10, { form: () => path, clock: deps.clock })

  router.get('/clients/registration', async (ctx) => {
    const query = ctx.URL.searchParams
    const clientId = query.get('client')
    const done = query.get('done') === 'revoked' ? ctx.state.messages.registration.tokens.revoked : undefined
    if (clientId === null || clientId.length > 1024) return show(ctx, deps, blankFields, { done })
    // A link is followed without a thought: nothing is fetched by it.
    const result = await dryRun(desk.dryRunDesk, clientId, { mayFetch: false })
    await show(ctx, deps, { ...blankFields, subject: clientId }, { result: checkWords(ctx, result) })
  })

  router.post('/clients/registration/check', async (ctx) => {
    const form = await readForm(ctx)
    const subject = (form.get('subject') ?? '').trim()
    const fields = { ...blankFields, subject: subject.slice(0, longestSubject), fetch: form.get('fetch') === 'yes' }
    if (subject === '' || subject.length > longestSubject) {
      return show(ctx, deps, fields, { fault: ctx.state.messages.registration.check.empty })
    }
    const result = await dryRun(desk.dryRunDesk, subject, { mayFetch: fields.fetch })
    await show(ctx, deps, fields, { result: checkWords(ctx, result) })
  })

  router.post('/clients/registration/tokens', recent, async (ctx) => {
    const form = await readForm(ctx)
    const text = (name: string) => (form.get(name) ?? '').trim().slice(0, 400)
    const fields = { ...blankFields, note: text('note'), uses: text('uses'), days: text('days') }
    const uses = fields.uses === '' ? null : wholeNumber(fields.uses)
    try {
      const draft = { note: fields.note, uses, days: wholeNumber(fields.days) }
      const { row, token } = await makeToken(desk.tokenDesk, draft, authorOf(ctx))
      // The answer to the post itself, not a redirect: the token is shown once and stored nowhere it could be fetched again.
      const page: TokenPage = {
        title: ctx.state.messages.registration.tokens.heading,
        page: 'registration',
        area: 'admin',
        here: path,
        note: row.note,
        token,
        endpoint: `${deps.issuer}/register`,
      }
      ctx.state.render(ctx, 'admin/registration-token', page)
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'bad_request')) throw error
      const words: Readonly<Record<string, string>> = ctx.state.messages.errors
      await show(ctx, deps, fields, { tokenFault: words[error.words ?? ''] ?? error.message })
    }
  })

  router.post('/clients/registration/tokens/revoke', async (ctx) => {
    await revokeToken(desk.tokenDesk, (await readForm(ctx)).get('token_id') ?? '', authorOf(ctx))
    seeOther(ctx, `${path}?done=revoked`)
  })
}

async function show(
  ctx: Context,
  deps: AdminRoutesDeps,
  fields: RegistrationFields,
  outcome: Partial<Pick<RegistrationPage, 'result' | 'fault' | 'tokenFault' | 'done'>>,
): Promise<void> {
  const tokens = await deps.registration.tokenDesk.tokens.list(mostTokens)
  const { people } = await deps.names.of(
    tokens.map(({ createdBy }) => createdBy.replace(/^account:/, '')),
    [],
  )
  const page = registrationPage(ctx, { config: deps.config, tokens, people, now: deps.clock.now() }, fields, outcome)
  const isRefused = outcome.fault !== undefined || outcome.tokenFault !== undefined
  ctx.state.render(ctx, 'admin/registration', page, isRefused ? 400 : 200)
}

// What is no whole number is refused by the room, not read as something near it.
function wholeNumber(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
}
