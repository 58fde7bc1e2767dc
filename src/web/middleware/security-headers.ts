import type { Context, Middleware } from 'koa'

// No script at all, nothing from elsewhere, no frame around us, forms to ourselves only: answers that leave our origin go
// through continuePage(). Threats G07, G08.
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
].join('; ')

// The console's lists renew themselves, and passkeys need a script: our own files, and requests to ourselves. Nothing inline, no eval.
const scriptsOfOurOwn = "script-src 'self'; connect-src 'self'"

const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cache-Control': 'no-store',
}

/**
 * Middleware: the headers of every answer, errors included (threats G07, G08, G10). A later step may replace one of them,
 * for example `Cache-Control` of an asset.
 *
 * @param issuer HSTS is sent only when it is https: a browser would keep it for the whole of localhost
 */
export function securityHeaders(issuer: string): Middleware {
  const https = new URL(issuer).protocol === 'https:'
  // One year. Subdomains are not ours to decide about. @see RFC 6797 §6.1
  const headers = https ? { ...pageHeaders, 'Strict-Transport-Security': 'max-age=31536000' } : pageHeaders
  return async function setSecurityHeaders(ctx, next) {
    ctx.set(headers)
    await next()
  }
}

/**
 * Middleware: lets the pages behind it load the scripts in /assets; for the console and for proving who one is, and for no
 * page that decides for a client.
 */
export function allowOwnScripts(): Middleware {
  return async function setScriptPolicy(ctx, next) {
    letOwnScripts(ctx)
    await next()
  }
}

/** The same for one answer. */
export function letOwnScripts(ctx: Context): void {
  ctx.set('Content-Security-Policy', `${contentSecurityPolicy}; ${scriptsOfOurOwn}`)
}
