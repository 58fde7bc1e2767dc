import type { LimitKind, LimitName } from '../config/limit-table.ts'
import { OAuthError } from '../oauth/errors.ts'
import { AppError } from '../runtime/app-error.ts'
import type { PageContext } from '../web/context.ts'
import { waitWords } from '../web/retry-after.ts'
import type { LimitRefusal, Limits } from './limits.ts'

/** A way in and the limit on it. */
export interface Door {
  /** Methods that count; undefined: all. */
  readonly methods?: readonly string[]
  /** Below the issuer; a group is the client that the path names. */
  readonly path: RegExp
  readonly limit: LimitName
  /** What a refusal is: JSON in the registered form for a program, or a page for a person. */
  readonly answer: 'program' | 'person'
}

/** The protocol's ways in. A preflight is answered before any of them. */
export const protocolDoors: readonly Door[] = [
  { methods: ['POST'], path: /^\/token$/, limit: 'token', answer: 'program' },
  { path: /^\/authorize(?:\/|$)/, limit: 'authorize', answer: 'person' },
  { methods: ['POST'], path: /^\/register$/, limit: 'registration', answer: 'program' },
  { path: /^\/register\/([^/]+)$/, limit: 'client_management', answer: 'program' },
  { methods: ['POST'], path: /^\/revoke$/, limit: 'revocation', answer: 'program' },
  { methods: ['POST'], path: /^\/introspect$/, limit: 'introspection', answer: 'program' },
  { methods: ['POST'], path: /^\/par$/, limit: 'pushed_request', answer: 'program' },
]

/** The ways in to the pages, the first that fits counts. */
export const pageDoors: readonly Door[] = [
  { path: /^\/upstream\//, limit: 'upstream', answer: 'person' },
  { methods: ['POST'], path: /^\/(?:interaction\/[^/]+|sign-in)\/upstream\//, limit: 'upstream', answer: 'person' },
  { methods: ['POST'], path: /^\/(?:sign-in|interaction\/[^/]+\/sign-in)$/, limit: 'sign_in', answer: 'person' },
  // Codes, passkeys, recovery codes: everything that is sent to prove who one is.
  {
    methods: ['POST'],
    path: /^\/(?:interaction\/[^/]+\/)?(?:sign-in\/)?(?:second-factor|passkey)(?:\/|$)/,
    limit: 'sign_in',
    answer: 'person',
  },
  { methods: ['POST'], path: /^\/(?:setup|invitation|reset)\//, limit: 'password_link', answer: 'person' },
  { methods: ['POST'], path: /^\/forgot-password$/, limit: 'forgotten_password', answer: 'person' },
  { path: /^\/admin(?:\/|$)/, limit: 'console', answer: 'person' },
  { methods: ['POST'], path: /^\/account(?:\/|$)/, limit: 'own_account', answer: 'person' },
  { path: /^\//, limit: 'pages', answer: 'person' },
]

/**
 * Middleware: counts a request at its door, and answers 429 where a limit is used up (RFC 6585 §4).
 *
 * @throws OAuthError `temporarily_unavailable` to programs, AppError `too_many_requests` to people
 */
export function limitDoors(limits: Limits, doors: readonly Door[]) {
  return async function countAtDoor(ctx: PageContext, next: () => Promise<unknown>): Promise<void> {
    for (const { methods, path, limit, answer } of doors) {
      if (methods !== undefined && !methods.includes(ctx.method)) continue
      const match = path.exec(ctx.path)
      if (match === null) continue
      const form: URLSearchParams | undefined = ctx.state.form
      const account = ctx.state.session?.account.id ?? form?.get('email') ?? undefined
      const refusal = await limits.take(limit, { address: ctx.state.address, account, client: match[1] })
      if (refusal !== null) refuse(ctx, refusal, answer)
      break
    }
    await next()
  }
}

/** Says in headers which limit is used up and when to come back. */
export function announce(ctx: PageContext, refusal: LimitRefusal): void {
  ctx.set(refusalHeaders(refusal))
}

/** The headers of a refusal: which limit is used up, and when to come back (RFC 9110 §10.2.3). */
export function refusalHeaders({ limit, rule, retryAfterSeconds }: LimitRefusal): Record<string, string> {
  return {
    'Retry-After': String(retryAfterSeconds),
    // draft-ietf-httpapi-ratelimit-headers-10; only with a refusal: who is let through need not know how close it was.
    'RateLimit-Policy': `"${limit}";q=${rule.points};w=${rule.windowSeconds}`,
    RateLimit: `"${limit}";r=0;t=${retryAfterSeconds}`,
  }
}

/** What a program is told of a refusal. Registered in RFC 6749 §4.1.2.1; clients keep what they hold when they read it. */
export function refusalOfProgram({ limit, by, retryAfterSeconds }: LimitRefusal): OAuthError {
  const description = `too many requests, try again in ${retryAfterSeconds} seconds`
  return new OAuthError('temporarily_unavailable', 429, description, { log: { limit, by } })
}

function refuse(ctx: PageContext, refusal: LimitRefusal, answer: Door['answer']): never {
  const { by, limit, retryAfterSeconds } = refusal
  announce(ctx, refusal)
  if (answer === 'program') throw refusalOfProgram(refusal)
  throw new AppError('too_many_requests', 429, 'Too many requests. Please try again later.', {
    words: wordsOf[by],
    values: { wait: waitWords(ctx.state.format, retryAfterSeconds) },
    log: { limit, by },
  })
}

const wordsOf: Readonly<Record<LimitKind, string>> = {
  address: 'too_many_requests',
  account: 'too_many_requests_of_you',
  client: 'too_many_requests',
  everyone: 'too_many_requests_everywhere',
}
