import type Router from '@koa/router'
import { type AuditEventType, detailNames, isAuditEventType } from '../audit/events.ts'
import type { AuditRecord } from '../audit/record.ts'
import { type Moment, momentWords } from '../consent/words.ts'
import type { PageLocals } from '../web/render.ts'
import type { AdminRoutesDeps } from './console.ts'

const pageSize = 100

interface AuditPage extends PageLocals {
  readonly events: readonly (AuditRecord & { readonly moment: Moment; readonly words: string })[]
  readonly types: readonly string[]
  readonly type: AuditEventType | undefined
  /** Id of the last event when there are more. */
  readonly before: string | undefined
}

/** `/admin/audit`: the latest events, of one type or of all. */
export function auditPages(router: Router, deps: AdminRoutesDeps): void {
  router.get('/audit', async (ctx) => {
    const query = ctx.URL.searchParams
    const wanted = query.get('type') ?? ''
    const type = isAuditEventType(wanted) ? wanted : undefined
    const events = await deps.audit.list({ type, before: query.get('before') ?? undefined, limit: pageSize })
    const page: AuditPage = {
      title: 'Audit',
      page: 'audit',
      area: 'admin',
      events: events.map((event) => ({ ...event, moment: momentWords(event.at), words: detailWords(event.detail) })),
      types: Object.keys(detailNames),
      type,
      before: events.length === pageSize ? events.at(-1)?.id : undefined,
    }
    ctx.state.render(ctx, 'admin/audit', page)
  })
}

function detailWords(detail: AuditRecord['detail']): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(' ') : String(value)}`)
    .join(' · ')
}
