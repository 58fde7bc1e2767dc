import type { Context, Middleware } from 'koa'
import type { Messages } from '../../messages/messages.ts'
import { fill, placesOf } from '../../messages/places.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { AppError } from '../../runtime/app-error.ts'
import type { Logger } from '../../runtime/logger.ts'
import { errorPage } from '../error-page.ts'

/**
 * Middleware: the only place where an error becomes HTTP. `AppError` → a page, `OAuthError` → JSON in the registered form,
 * anything else → logged in full and answered without a word about our inside (threat K13).
 */
export function errorHandler(logger: Logger): Middleware {
  return async function handleErrors(ctx, next) {
    try {
      await next()
      if (ctx.body === undefined || ctx.body === null) answerEmpty(ctx)
    } catch (error) {
      answerError(ctx, error, logger)
    }
  }
}

function answerEmpty(ctx: Context): void {
  if (ctx.respond === false || ctx.headerSent) return
  if (ctx.status === 404) codePage(ctx, 'not_found', 404, 'no_page')
  if (ctx.status === 405) codePage(ctx, 'wrong_method', 405, 'wrong_method')
}

function answerError(ctx: Context, error: unknown, logger: Logger): void {
  const requestStatus = requestFaultStatus(error)
  if (error instanceof OAuthError) answerOAuth(ctx, error, logger)
  else if (error instanceof AppError) answerApp(ctx, error, logger)
  else if (wentAway(ctx, error)) ctx.status = 400
  else if (requestStatus !== null) codePage(ctx, 'bad_request', requestStatus, 'unreadable_request')
  else answerFault(ctx, error, logger)
}

function answerApp(ctx: Context, error: AppError, logger: Logger): void {
  const facts = { requestId: ctx.state.requestId, code: error.code, ...error.log }
  if (error.status >= 500) logger.warn({ ...facts, err: error }, 'refused')
  else if (error.log !== undefined) logger.info(facts, 'refused')
  sayWhen(ctx, error.status)
  errorPage(ctx, { code: error.code, status: error.status, message: messageOf(ctx.state.messages, error) })
}

/** The words of an error in the person's language; its own English message when the catalogue has none that fit. */
function messageOf({ errors }: Messages, { code, words = code, values = {}, message }: AppError): string {
  const known: Readonly<Record<string, string>> = errors
  const text = Object.hasOwn(known, words) ? known[words] : undefined
  return text === undefined || placesOf(text).some((place) => !Object.hasOwn(values, place))
    ? message
    : fill(text, values)
}

function codePage(ctx: Context, code: string, status: number, words: keyof Messages['errors']): void {
  errorPage(ctx, { code, status, message: ctx.state.messages.errors[words] })
}

// RFC 6749 §5.2, RFC 7591 §3.2.2
function answerOAuth(ctx: Context, error: OAuthError, logger: Logger): void {
  logger.info({ requestId: ctx.state.requestId, code: error.code, ...error.log }, 'refused')
  ctx.status = error.status
  ctx.set('Cache-Control', 'no-store')
  // RFC 6749 §5.2: a client that tried the Authorization header is told the scheme.
  if (error.status === 401 && ctx.get('Authorization') !== '') ctx.set('WWW-Authenticate', 'Basic realm="sallyport"')
  sayWhen(ctx, error.status)
  ctx.body = { error: error.code, error_description: error.description }
}

/** Who knows better has said it already. */
function sayWhen(ctx: Context, status: number): void {
  if ((status === 503 || status === 429) && !ctx.res.hasHeader('Retry-After')) ctx.set('Retry-After', '2')
}

function answerFault(ctx: Context, error: unknown, logger: Logger): void {
  logger.error({ requestId: ctx.state.requestId, err: error }, 'request failed')
  // A client of the protocol reads JSON; a person's browser says that it wants HTML.
  const wantsPage = ctx.get('Accept').includes('text/html') || ctx.method === 'GET'
  if (wantsPage && renderFault(ctx)) return
  ctx.status = 500
  ctx.body = { error: 'server_error', error_description: `request ${ctx.state.requestId}` }
}

function renderFault(ctx: Context): boolean {
  try {
    codePage(ctx, 'server_error', 500, 'server_error')
    return true
  } catch {
    // The page itself may be what failed (that fault is in the log already); the JSON answer needs nothing.
    return false
  }
}

// K06: who leaves in the middle of a body gets no answer, and makes no line about a fault of ours. Node's own words.
function wentAway({ req }: Context, error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return !req.complete && error.code === 'ECONNRESET' && error.message === 'aborted'
}

// koa and the router mark what the caller did wrong (bad percent sequences, too long, …) with a 4xx status to be shown.
function requestFaultStatus(error: unknown): number | null {
  if (error instanceof URIError) return 400
  if (!(error instanceof Error) || !('status' in error) || !('expose' in error)) return null
  const { status, expose } = error
  return expose === true && typeof status === 'number' && status >= 400 && status < 500 ? status : null
}
