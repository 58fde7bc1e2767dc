/** What an `AppError` may carry beside its public words. */
export interface AppErrorOptions extends ErrorOptions {
  /** Details for the log; never shown to the person. No secrets. */
  readonly log?: Readonly<Record<string, unknown>>
  /** Which text of the catalogue says it to people, when the code has several. Default: the code. */
  readonly words?: string
  /** What goes to the places of that text. */
  readonly values?: Readonly<Record<string, string | number>>
}

/**
 * An error meant for a person or for a caller of the admin side: it has words that may be shown, and a code that never changes.
 * Errors for OAuth clients are `OAuthError`; anything else thrown is our fault and answered as `server_error`.
 */
export class AppError extends Error {
  /** Stable, snake_case; pages carry it in `data-error`. */
  readonly code: string
  /** HTTP status of the answer. */
  readonly status: number
  /** Details for the log only. */
  readonly log: Readonly<Record<string, unknown>> | undefined
  /** Name of the text for people in the catalogue; undefined: the code. */
  readonly words: string | undefined
  /** Values of that text. */
  readonly values: Readonly<Record<string, string | number>> | undefined

  constructor(code: string, status: number, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = status
    this.log = options.log
    this.words = options.words
    this.values = options.values
  }
}
