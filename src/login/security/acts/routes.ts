import type Router from '@koa/router'
import type { Context } from 'koa'
import type { AuditEvent } from '../../../audit/events.ts'
import { normalisePasskeyName } from '../../../credentials/passkeys/passkey.ts'
import type { Statement } from '../../../db/database.ts'
import { field, readForm } from '../../../web/body.ts'
import { seeOther, signedIn } from '../../../web/context.ts'
import { renewRecoveryCodes } from '../../second-factor/enrol.ts'
import { recoveryPage } from '../../second-factor/page.ts'
import { sourceOf } from '../../second-factor/source.ts'
import { secretGuards } from '../setup/routes.ts'
import { type SecurityRoutesDeps, showSecurity } from '../show.ts'

const base = '/account/security'

/** Below `/account/security`: names of passkeys, removals, new recovery codes. */
export function factorActs(router: Router, deps: SecurityRoutesDeps): void {
  const guards = secretGuards(deps)
  const { factors } = deps

  router.post(`${base}/passkeys/rename`, ...guards, async (ctx) => {
    const form = await readForm(ctx)
    const name = normalisePasskeyName(field(form, 'name'))
    if (name === null) return showSecurity(deps, ctx, { factorFault: 'passkey_name' }, 400)
    // G21: looked for among this person's own.
    const isTheirs = await factors.passkeys.rename(signedIn(ctx).account.id, field(form, 'passkey'), name)
    if (!isTheirs) return showSecurity(deps, ctx, { factorFault: 'gone' }, 404)
    seeOther(ctx, `${base}?done=passkey_renamed`)
  })

  router.post(`${base}/passkeys/remove`, ...guards, async (ctx) => {
    const id = field(await readForm(ctx), 'passkey')
    const accountId = signedIn(ctx).account.id
    const { password } = await deps.waysIn()
    const removed = factors.passkeys.removeStatements(accountId, id, password)
    if (await remove(deps, ctx, removed, 'account.passkey_removed'))
      return seeOther(ctx, `${base}?done=passkey_removed`)
    const isThere = (await factors.passkeys.find(id))?.accountId === accountId
    await showSecurity(deps, ctx, { factorFault: isThere ? 'last_way' : 'gone' }, isThere ? 409 : 404)
  })

  router.post(`${base}/authenticator/remove`, ...guards, async (ctx) => {
    const removed = [factors.totp.removeStatement(signedIn(ctx).account.id)]
    await remove(deps, ctx, removed, 'account.authenticator_removed')
    seeOther(ctx, `${base}?done=authenticator_removed`)
  })

  router.post(`${base}/recovery-codes`, ...guards, async (ctx) => {
    const accountId = signedIn(ctx).account.id
    const { totp, passkeys } = await factors.enrolled(accountId)
    if (!totp && !passkeys) return seeOther(ctx, base)
    const codes = await renewRecoveryCodes(deps, accountId, sourceOf(ctx))
    const target = `${ctx.state.render.basePath}${base}`
    ctx.state.render(ctx, 'login/recovery-codes', recoveryPage(ctx.state.messages, codes, target, false))
  })
}

type Removal = Extract<AuditEvent['type'], 'account.passkey_removed' | 'account.authenticator_removed'>

/** Removes a factor; recovery codes of somebody who has none left go with it: they would stand for nothing. */
async function remove(
  deps: SecurityRoutesDeps,
  ctx: Context,
  removed: readonly Statement[],
  type: Removal,
): Promise<boolean> {
  const accountId = signedIn(ctx).account.id
  const event = deps.audit.statement({ ...sourceOf(ctx), type, actor: `account:${accountId}`, accountId })
  const effects = [deps.factors.recovery.removeLonelyStatement(accountId), event]
  return deps.commit({ conditions: removed, effects })
}
