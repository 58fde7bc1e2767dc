import type { Context } from 'koa'

/** Reads and writes our own cookies with the attributes that the issuer allows. */
export interface CookieJar {
  /** The full name on the wire, `__Host-` in front on https. */
  nameOf(name: string): string
  get(ctx: Context, name: string): string | undefined
  /** Writes a cookie that lives as long as the browser, or for some seconds. */
  set(ctx: Context, name: string, value: string, maxAgeSeconds?: number): void
}

/**
 * Makes the cookie jar of an issuer: `__Host-`, Secure, HttpOnly, SameSite=Lax, Path=/, no Domain (threat G09).
 * On an http loopback issuer the names are plain: `__Host-` demands Secure, which Safari refuses there.
 */
export function createCookieJar(issuer: string): CookieJar {
  const secure = new URL(issuer).protocol === 'https:'
  const nameOf = (name: string): string => `${secure ? '__Host-' : ''}sallyport_${name}`
  return {
    nameOf,
    get: (ctx, name) => ctx.cookies.get(nameOf(name), { signed: false }),
    set(ctx, name, value, maxAgeSeconds) {
      // TLS ends at a proxy more often than here; the issuer's scheme is what the browser sees.
      ctx.cookies.secure = secure
      ctx.cookies.set(nameOf(name), value, {
        httpOnly: true,
        sameSite: 'lax',
        secure,
        path: '/',
        signed: false,
        overwrite: true,
        maxAge: maxAgeSeconds === undefined ? undefined : maxAgeSeconds * 1000,
      })
    },
  }
}
