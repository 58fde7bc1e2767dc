import type { AccessTokenClaims } from './claims.ts'

/** Why a stream has to end. */
export type TokenEnd = 'expired' | 'revoked'

// Timers take 31 bits of milliseconds; a longer wait is made of several.
const longestWaitSeconds = 86_400

/**
 * Watches a verified token while something goes on in its name, and says when it is over.
 *
 * @param recheck asked every `everySeconds`; undefined: only the clock is watched
 * @param onEnd called once, unless the watch was stopped before
 * @returns stops the watch. The timer keeps no process alive.
 * @throws nothing; what `recheck` throws counts as revoked
 */
export function watchToken(
  claims: AccessTokenClaims,
  now: () => Date,
  recheck: { readonly everySeconds: number; isRevoked(claims: AccessTokenClaims): Promise<boolean> } | undefined,
  onEnd: (end: TokenEnd) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  function schedule(): void {
    const left = claims.exp - now().getTime() / 1000
    const wait = Math.max(0, Math.min(left, recheck?.everySeconds ?? longestWaitSeconds, longestWaitSeconds))
    timer = setTimeout(() => void look(), Math.ceil(wait * 1000))
    letProcessEnd(timer)
  }

  async function look(): Promise<void> {
    if (now().getTime() / 1000 >= claims.exp) return end('expired')
    const isRevoked = recheck !== undefined && (await recheck.isRevoked(claims).catch(() => true))
    if (isStopped) return
    if (isRevoked) return end('revoked')
    schedule()
  }

  function end(how: TokenEnd): void {
    isStopped = true
    onEnd(how)
  }

  schedule()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** Lets a process end before a timer: those of Node and Deno hold it, those of the web are numbers. */
export function letProcessEnd(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return
  if (typeof timer.unref === 'function') timer.unref()
}
