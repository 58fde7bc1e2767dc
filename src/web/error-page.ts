import type { Context } from 'koa'
import { systemClock } from '../runtime/clock.ts'
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
  /** What to do in the program that sent the person here. */
  readonly program?: { readonly heading: string; readonly text: string }
  /** What was asked for beside what is on record; values are text of strangers. */
  readonly asked?: readonly { readonly label: string; readonly values: readonly string[] }[]
  /** For whoever writes the client: the protocol's own description. */
  readonly developer?: string
  /** Client of the request, for the block to copy. */
  readonly clientId?: string
  /** Whether a way to the person's own pages is shown. */
  readonly home?: boolean
  /** Where the person may still go on, for example back to the client (`data-continue`). */
  readonly continueTo?: { readonly href: string; readonly label: string }
}

interface ErrorLocals extends PageLocals, ErrorFacts {
  readonly heading: string
  readonly requestId: string
  /** Whether `/errors/<code>` says more. */
  readonly isExplained: boolean
  /** The block to copy, one fact a line. */
  readonly support: string
}

/** Makes an error page the answer; the only page that shows a code and the id of the request. */
export function errorPage(ctx: Context, facts: ErrorFacts): void {
  const { common, diagnostics } = ctx.state.messages
  const { headings, otherwise } = common.error
  const byStatus: Readonly<Record<number, string>> = headings
  const heading = facts.heading ?? byStatus[facts.status] ?? otherwise
  const locals: ErrorLocals = {
    ...facts,
    heading,
    title: heading,
    page: 'error',
    errorCode: facts.code,
    requestId: ctx.state.requestId,
    isExplained: Object.hasOwn(diagnostics.explained, facts.code),
    support: supportLines(ctx, facts),
  }
  ctx.state.render(ctx, 'error', locals, facts.status)
}

/** In English in every language: it is read by whoever helps, beside the log. No address of a page: it may hold secrets. */
function supportLines(ctx: Context, { code, developer, clientId }: ErrorFacts): string {
  return [
    `error: ${code}`,
    `request: ${ctx.state.requestId}`,
    `time: ${systemClock.now().toISOString()}`,
    ...(clientId === undefined ? [] : [`client: ${oneLine(clientId)}`]),
    ...(developer === undefined ? [] : [`detail: ${oneLine(developer)}`]),
  ].join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').slice(0, 300)
}
