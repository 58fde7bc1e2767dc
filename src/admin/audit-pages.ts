import { Readable } from 'node:stream'
import type Router from '@koa/router'
import type { Context } from 'koa'
import type { AccountStore } from '../accounts/store.ts'
import { csvHead, csvLine, type ExportFormat, exportFormats, exportTypes, jsonLine } from '../audit/export.ts'
import type { Audit, AuditFilter, ExportRow, Verdict } from '../audit/record.ts'
import type { ResourceStore } from '../resources/store.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Logger } from '../runtime/logger.ts'
import { auditEventPage, auditListPage, exportLimit, verifyLimits } from './audit-page.ts'
import { type AuditQuery, auditFilterOf, auditHref, readAuditQuery } from './audit-query.ts'
import { namesOf } from './audit-sentence.ts'
import { authorOf } from './console.ts'
import type { NameStore } from './names/store.ts'

/** What the pages about the audit book need. */
export interface AdminAuditDeps {
  readonly audit: Pick<Audit, 'search' | 'find' | 'exportRows' | 'verify' | 'seal' | 'record'>
  readonly accounts: Pick<AccountStore, 'findByEmail'>
  readonly names: NameStore
  readonly resources: { readonly store: Pick<ResourceStore, 'list'> }
  readonly logger: Pick<Logger, 'error'>
}

const pageSize = 50
/** Ours: how long a page may look for what few events fit. */
const searchMilliseconds = 400

/** Serves `/admin/audit`: the book, one event, files of it, and the check of the chain. A member gets 404 (G21). */
export function auditPages(router: Router, deps: AdminAuditDeps): void {
  router.get('/audit', (ctx) => showList(ctx, deps, readAuditQuery(ctx.URL.searchParams)))

  router.get('/audit/events/:id', async (ctx) => {
    const event = await deps.audit.find(ctx.params.id ?? '')
    if (event === null) {
      throw new AppError('not_found', 404, 'There is no such event.', { words: 'no_page' })
    }
    const names = await namesOf(deps.names, [event], await deps.resources.store.list())
    ctx.state.render(ctx, 'admin/audit-event', auditEventPage(ctx.state.messages, ctx.state.format, event, names))
  })

  router.get('/audit/export', async (ctx) => {
    const query = readAuditQuery(ctx.URL.searchParams)
    const format = exportFormats.find((one) => one === ctx.URL.searchParams.get('format')) ?? 'jsonl'
    const checked = await auditFilterOf(deps.accounts, query)
    if (!checked.ok) return showList(ctx, deps, query)
    const filters = auditHref('', query).slice(1)
    await deps.audit.record({ ...authorOf(ctx), type: 'audit.exported', detail: { format, filters } })
    ctx.type = exportTypes[format]
    ctx.set('Content-Disposition', `attachment; filename="sallyport-audit.${format}"`)
    const body = Readable.from(fileOf(deps, checked.filter, format))
    // The headers are out by then: the browser sees a broken download, the log says why.
    body.on('error', (error) => deps.logger.error({ err: error, requestId: ctx.state.requestId }, 'export broke off'))
    ctx.body = body
  })

  router.post('/audit/verify', async (ctx) => {
    await deps.audit.seal()
    const verdict = await deps.audit.verify(verifyLimits)
    const detail = verdict.ok
      ? { result: 'whole', count: verdict.count }
      : { result: 'broken', count: verdict.position }
    await deps.audit.record({ ...authorOf(ctx), type: 'audit.verified', detail })
    await showList(ctx, deps, readAuditQuery(new URLSearchParams()), verdict)
  })
}

async function showList(ctx: Context, deps: AdminAuditDeps, query: AuditQuery, verdict?: Verdict): Promise<void> {
  const checked = await auditFilterOf(deps.accounts, query)
  const [found, resources] = await Promise.all([
    checked.ok
      ? deps.audit.search({ ...checked.filter, limit: pageSize }, searchMilliseconds)
      : { events: [], next: undefined, isCut: false },
    deps.resources.store.list(),
  ])
  const names = await namesOf(deps.names, found.events, resources)
  const fault = checked.ok ? undefined : checked.fault
  const { format, messages, render } = ctx.state
  render(
    ctx,
    'admin/audit',
    auditListPage(messages, format, { ...names, query, found, fault, verdict }),
    fault ? 400 : 200,
  )
}

/** The lines of a file, a few hundred events in memory at a time. */
async function* fileOf(
  { audit, names }: Pick<AdminAuditDeps, 'audit' | 'names'>,
  filter: AuditFilter,
  format: ExportFormat,
): AsyncGenerator<string> {
  const rows = audit.exportRows(filter, exportLimit)
  if (format === 'jsonl') {
    for await (const row of rows) yield jsonLine(row)
    return
  }
  yield csvHead
  for await (const part of inParts(rows, 100)) {
    const { people } = await names.of(
      part.flatMap(({ account_id: id }) => (id === null ? [] : [id])),
      [],
    )
    for (const row of part) yield csvLine(row, people.get(row.account_id ?? ''))
  }
}

async function* inParts(rows: AsyncIterable<ExportRow>, size: number): AsyncGenerator<readonly ExportRow[]> {
  let part: ExportRow[] = []
  for await (const row of rows) {
    part.push(row)
    if (part.length < size) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}
