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
  readonly supportLabel: string
}

const headings: Readonly<Record<number, string>> = {
  400: 'This request does not work',
  401: 'Please sign in',
  403: 'This is not allowed',
  404: 'There is nothing here',
  405: 'This address does not do that',
  409: 'This is already done',
  413: 'That is too large',
  415: 'This request does not work',
  429: 'Too many attempts',
  503: 'Busy just now',
}

const supportLabel = 'When you ask for help, mention'

/** Makes an error page the answer; the only page that shows a code and the id of the request. */
export function errorPage(ctx: Context, facts: ErrorFacts): void {
  const heading = facts.heading ?? headings[facts.status] ?? 'Something went wrong here'
  const locals: ErrorLocals = {
    ...facts,
    heading,
    title: heading,
    page: 'error',
    errorCode: facts.code,
    requestId: ctx.state.requestId,
    supportLabel,
  }
  ctx.state.render(ctx, 'error', locals, facts.status)
}
