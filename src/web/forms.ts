// Usage. Every form of ours carries its token; the partial writes it:
//
//     <form method="post" action="<%= it.base %>/account/connections/<%= it.id %>/revoke">
//       <%~ include('/partials/csrf', it) %>
//
// The middleware `crossSite()` stands in front of every page router (never in front of protocol endpoints) and refuses an
// unsafe request before the route sees it; the route then reads the fields:
//
//     const form = await readForm(ctx)                     // web/body.ts
//     const scopes = form.getAll('scope')
//
// Outside a view, `formToken(ctx)` gives the token's text. Tokens are stateless: any number of tabs stay usable.
import type { Context, Middleware } from 'koa'
import { equalSecrets } from '../crypto/compare.ts'
import { hmacBase64url, sha256Base64url } from '../crypto/digest.ts'
import { randomId, randomSecret } from '../crypto/random.ts'
import { deriveKey } from '../crypto/seal.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from './body.ts'
import type { CookieJar } from './cookies.ts'

/** Issues and checks the tokens of forms. */
export interface FormGuard {
  /** A token for a form of this browser; sets the browser's cookie when it has none. */
  token(ctx: Context): string
  /** Was this token made for the browser that sends it? */
  accepts(ctx: Context, token: string): boolean
  /** What tells this browser from others, for what is given to it alone; a digest of its cookie, which is set when absent. */
  browserDigest(ctx: Context): string
  /** Refuses a request that another site may have caused, whatever its token. */
  checkOrigin(ctx: Context): void
}

/** What form tokens are made from. */
export interface FormGuardOptions {
  readonly issuer: string
  /** The first signs, all are accepted. */
  readonly secrets: readonly Uint8Array[]
  readonly cookies: CookieJar
}

const cookieName = 'browser'
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Makes the guard of all forms of an issuer. */
export function createFormGuard({ issuer, secrets, cookies }: FormGuardOptions): FormGuard {
  const origin = new URL(issuer).origin
  const keys = secrets.map((secret) => deriveKey(secret, 'form token', 32))
  const [signing] = keys
  if (signing === undefined) throw new RangeError('form tokens need at least one secret')

  const rememberBrowser = (ctx: Context): string => {
    ctx.state.browser ??= browserOf(ctx)
    return ctx.state.browser
  }
  const browserOf = (ctx: Context): string => {
    const known = cookies.get(ctx, cookieName)
    if (known !== undefined && /^[\w-]{43}$/.test(known)) return known
    const fresh = randomSecret()
    cookies.set(ctx, cookieName, fresh)
    return fresh
  }

  return {
    token(ctx) {
      const browser = rememberBrowser(ctx)
      const nonce = randomId()
      return `${nonce}.${hmacBase64url(signing, `${browser}.${nonce}`)}`
    },
    accepts(ctx, token) {
      const browser = cookies.get(ctx, cookieName)
      const [nonce, mac, ...rest] = token.split('.')
      if (browser === undefined || nonce === undefined || mac === undefined || rest.length > 0) return false
      return keys.some((key) => equalSecrets(mac, hmacBase64url(key, `${browser}.${nonce}`)))
    },
    browserDigest: (ctx) => sha256Base64url(rememberBrowser(ctx)),
    checkOrigin(ctx) {
      const fault = originFault(origin, header(ctx, 'origin'), header(ctx, 'sec-fetch-site'))
      if (fault !== null) throw refused(fault)
    },
  }
}

/**
 * Decides by the two headers that a page cannot forge; pure.
 *
 * @returns null when the request may be ours, otherwise what speaks against it
 * Neither header is there: not a browser, or one from before 2020. The token decides alone, it is bound to a cookie.
 */
export function originFault(own: string, origin: string | undefined, fetchSite: string | undefined): string | null {
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return `sec-fetch-site ${fetchSite}`
  if (origin === undefined || origin === own) return null
  // Under `Referrer-Policy: no-referrer` Chromium sends `Origin: null` with our own forms; so does a sandboxed frame of anyone.
  if (origin === 'null') return fetchSite === 'same-origin' ? null : 'null origin without sec-fetch-site'
  return 'another origin'
}

/** Middleware: refuses unsafe requests that do not come from a form of ours in this browser (threat G03). */
export function crossSite(): Middleware {
  return async function crossSiteCheck(ctx, next) {
    if (!safeMethods.has(ctx.method)) {
      ctx.state.forms.checkOrigin(ctx)
      const form = await readForm(ctx)
      if (!ctx.state.forms.accepts(ctx, form.get('_csrf') ?? '')) throw refused('form token')
    }
    await next()
  }
}

/** A token for a form of this browser; views get it through the partial `csrf`. */
export function formToken(ctx: Context): string {
  return ctx.state.forms.token(ctx)
}

function header(ctx: Context, name: string): string | undefined {
  const value = ctx.req.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function refused(fault: string): AppError {
  return new AppError(
    'cross_site_request',
    403,
    'This form did not come from this site, or this browser has forgotten it since. Go back, load the page again and send it once more.',
    { log: { fault } },
  )
}
