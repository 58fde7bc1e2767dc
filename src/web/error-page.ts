import type { Context } from 'koa'
import type { PageLocals } from './render.ts'

/** What an error page tells. */
export interface ErrorFacts {
  /** Stable code: `data-error`. */
  readonly code: string
  readonly status: number
  /** What happened and what to do next, in words for people. */
  readonly message: string
  /** Default: words that fit the status. */
  readonly heading?: string
  /** What to do, in more detail: one sentence each. */
  readonly steps?: readonly string[]
  /** Where the person may still go on, for example back to the client (`data-continue`). */
  readonly continueTo?: { readonly href: string; readonly label: string }
}

interface ErrorLocals extends PageLocals, ErrorFacts {
  readonly heading: string
  readonly requestId: string
}

/** Makes an error page the answer; the only page that shows a code and the id of the request. */
export function errorPage(ctx: Context, facts: ErrorFacts): void {
  const { headings, otherwise } = ctx.state.messages.common.error
  const byStatus: Readonly<Record<number, string>> = headings
  const heading = facts.heading ?? byStatus[facts.status] ?? otherwise
  const locals: ErrorLocals = {
    ...facts,
    heading,
    title: heading,
    page: 'error',
    errorCode: facts.code,
    requestId: ctx.state.requestId,
  }
  ctx.state.render(ctx, 'error', locals, facts.status)
}
