import { equalSecrets } from '../crypto/compare.ts'
import { sha256Base64url } from '../crypto/digest.ts'
import { randomSecret } from '../crypto/random.ts'
import type { PageContext } from '../web/context.ts'
import type { CookieJar } from '../web/cookies.ts'
import { stateLifetimeSeconds } from './states/state.ts'

/**
 * The cookies that bind hops to the browser in which they began (threat H02). Each hop has a name of its own, so that parallel
 * tabs leave each other alone (H15); there are at most ten, the oldest go first (H16).
 */
export interface HopCookies {
  /**
   * Gives the browser the cookie of a hop.
   *
   * @param handle what the hop comes back with; the cookie's name is made from its digest
   * @returns its value, of which a digest is stored, and the digests of cookies that had to go for it
   */
  give(ctx: PageContext, handle: string, now: Date): { readonly value: string; readonly dropped: readonly string[] }
  /** Whether this browser holds the cookie of the hop. */
  holds(ctx: PageContext, handle: string, digest: string): boolean
  /** The cookie's value, or undefined. */
  valueOf(ctx: PageContext, handle: string): string | undefined
  /** Takes the cookie of a hop away. */
  drop(ctx: PageContext, handle: string): void
}

// Ours: ten cookies of 90 characters stay far below the 8 kB of a header that proxies allow.
const most = 10
const prefix = 'hop_'

/** Makes them over the cookies of the issuer: `__Host-` on https, for all paths, as the callback and the start differ. */
export function createHopCookies(jar: CookieJar): HopCookies {
  const nameOf = (handle: string): string => `${prefix}${sha256Base64url(handle).slice(0, 12)}`

  function present(ctx: PageContext): readonly { readonly name: string; readonly value: string }[] {
    const onWire = jar.nameOf(prefix)
    return (ctx.req.headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(onWire))
      .map((pair) => {
        const at = pair.indexOf('=')
        return { name: `${prefix}${pair.slice(onWire.length, at)}`, value: pair.slice(at + 1) }
      })
      .filter(({ name }) => /^hop_[\w-]{12}$/.test(name))
  }

  return {
    give(ctx, handle, now) {
      // The moment stands in front, so that the oldest is known; whoever writes another one cheats only themselves.
      const value = `${now.getTime().toString(36)}.${randomSecret()}`
      const oldestFirst = [...present(ctx)].sort((a, b) => ageOf(a.value) - ageOf(b.value))
      const dropped = oldestFirst.slice(0, Math.max(0, oldestFirst.length - (most - 1)))
      for (const { name } of dropped) jar.set(ctx, name, '')
      jar.set(ctx, nameOf(handle), value, stateLifetimeSeconds)
      return { value, dropped: dropped.map(({ value: old }) => sha256Base64url(old)) }
    },
    holds(ctx, handle, digest) {
      const value = jar.get(ctx, nameOf(handle))
      return value !== undefined && equalSecrets(sha256Base64url(value), digest)
    },
    valueOf: (ctx, handle) => jar.get(ctx, nameOf(handle)),
    drop: (ctx, handle) => jar.set(ctx, nameOf(handle), ''),
  }
}

function ageOf(value: string): number {
  const moment = Number.parseInt(value.split('.', 1)[0] ?? '', 36)
  return Number.isFinite(moment) ? moment : 0
}
