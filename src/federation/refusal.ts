import type { AuditEvent } from '../audit/events.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageContext } from '../web/context.ts'
import { errorPage } from '../web/error-page.ts'
import { reasonsWithin, type UpstreamFault } from './fault.ts'
import type { HopPurpose } from './states/state.ts'

/** Why a hop ended without a sign-in, and what is told about it. Nothing of the answer itself is shown (H05). */
export interface Refusal {
  /** `person_…`: the rules of the upstream; `link_…`: of linking; `upstream_…`: its answer. */
  readonly code: keyof Messages['federation']['refusals']
  /** What the hop was begun for; undefined: unknown, or not for this browser to know. */
  readonly purpose: HopPurpose | undefined
  readonly upstreamName: string | undefined
}

/** Where refusals are written down. */
export interface RefusalDesk {
  readonly audit: { recordSoon(event: AuditEvent): void }
  readonly logger: { info(details: object, message: string): void }
}

/** Writes a refusal into the audit book and, where an upstream or its answer was at fault, why into the log. */
export function noteRefusal(
  { audit, logger }: RefusalDesk,
  ctx: PageContext,
  { code, purpose, fault }: Pick<Refusal, 'code' | 'purpose'> & { readonly fault?: UpstreamFault | undefined },
  upstreamId: string | undefined,
): void {
  const { address, requestId } = ctx.state
  const accountId = purpose !== undefined && 'accountId' in purpose ? purpose.accountId : undefined
  audit.recordSoon({
    type: 'session.sign_in_refused',
    actor: accountId === undefined ? 'system' : `account:${accountId}`,
    ...{ accountId, address, requestId },
    clientId: purpose !== undefined && 'clientId' in purpose ? purpose.clientId : undefined,
    detail: { reason: fault?.reason ?? code, method: 'upstream', upstream: upstreamId },
  })
  if (fault !== undefined) {
    logger.info(
      { requestId, upstream: upstreamId, reason: fault.reason, why: reasonsWithin(fault) },
      'no sign-in upstream',
    )
  }
}

const statuses: Partial<Record<Refusal['code'], number>> = {
  upstream_down: 503,
  signed_out: 401,
  upstream_denied: 403,
  other_person: 403,
}

/** Answers with a page that says what happened and what to do. */
export function refusalPage(ctx: PageContext, { code, purpose, upstreamName }: Refusal): void {
  const { federation } = ctx.state.messages
  const { heading, text } = federation.refusals[code]
  const upstream = upstreamName ?? federation.anUpstream
  const status = statuses[code] ?? (/^(person|link)_/.test(code) ? 403 : 400)
  errorPage(ctx, {
    code: code.startsWith('upstream_') ? code : `upstream_${code}`,
    status,
    heading: fill(heading, { upstream }),
    message: fill(text, { upstream }),
    home: purpose?.kind === 'link',
    continueTo: wayOn(ctx, code, purpose),
  })
}

function wayOn(
  ctx: PageContext,
  code: Refusal['code'],
  purpose: HopPurpose | undefined,
): { readonly href: string; readonly label: string } | undefined {
  const { basePath } = ctx.state.render
  const { waysOn } = ctx.state.messages.federation
  switch (purpose?.kind) {
    case 'authorization':
      if (code === 'interaction_over') return undefined
      return { href: `${basePath}/interaction/${encodeURIComponent(purpose.uid)}/sign-in`, label: waysOn.signIn }
    case 'own':
      return { href: `${basePath}/sign-in`, label: waysOn.signIn }
    case 'link':
      return { href: `${basePath}/account/security`, label: waysOn.security }
    default:
      return undefined
  }
}
