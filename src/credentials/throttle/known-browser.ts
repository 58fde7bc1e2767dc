import { equalSecrets } from '../../crypto/compare.ts'
import { hmacBase64url } from '../../crypto/digest.ts'
import { randomId } from '../../crypto/random.ts'
import { deriveKey } from '../../crypto/seal.ts'

/** Browsers that have signed in to an account before, by a signed cookie. It proves nothing and opens nothing. */
export interface KnownBrowsers {
  /** The handle under which this browser is counted for this account, or undefined: it is a stranger to it. */
  recognise(cookie: string | undefined, account: string, now: Date): string | undefined
  /** The cookie with this account in it, newest first. */
  remember(cookie: string | undefined, account: string, now: Date): string
}

/** How long a browser is known, in seconds: half a year. */
export const knownBrowserSeconds = 180 * 86_400
// Ours: more people than a family do not share a browser; a cookie stays below half a kilobyte.
const mostAccounts = 5

interface Mark {
  readonly handle: string
  readonly madeAtSeconds: number
  readonly mac: string
}

/**
 * Makes the reader and writer of these cookies: `handle.seconds.mac`, joined by `~`. The account is not in it, only in what
 * is signed: the cookie tells nobody who signs in here (OWASP, device cookies; threat G15).
 *
 * @param secrets the first signs, all are accepted
 */
export function createKnownBrowsers(secrets: readonly Uint8Array[]): KnownBrowsers {
  const keys = secrets.map((secret) => deriveKey(secret, 'known browser', 32))
  const [signing] = keys
  if (signing === undefined) throw new RangeError('known browsers need at least one secret')

  function find(marks: readonly Mark[], account: string, now: Date): Mark | undefined {
    const nowSeconds = Math.floor(now.getTime() / 1000)
    return marks.find(({ handle, madeAtSeconds, mac }) => {
      if (nowSeconds - madeAtSeconds > knownBrowserSeconds) return false
      return keys.some((key) => equalSecrets(mac, hmacBase64url(key, signedText(account, handle, madeAtSeconds))))
    })
  }

  return {
    recognise: (cookie, account, now) => find(marksOf(cookie), account, now)?.handle,
    remember(cookie, account, now) {
      const marks = marksOf(cookie)
      const known = find(marks, account, now)
      const madeAtSeconds = Math.floor(now.getTime() / 1000)
      // The handle stays: a new one for each sign-in would be a new count for each.
      const handle = known?.handle ?? randomId()
      const fresh = { handle, madeAtSeconds, mac: hmacBase64url(signing, signedText(account, handle, madeAtSeconds)) }
      return [fresh, ...marks.filter((mark) => mark !== known)]
        .slice(0, mostAccounts)
        .map((mark) => `${mark.handle}.${mark.madeAtSeconds}.${mark.mac}`)
        .join('~')
    },
  }
}

function signedText(account: string, handle: string, madeAtSeconds: number): string {
  return `${handle}.${madeAtSeconds}.${account.trim().normalize('NFC').toLowerCase()}`
}

function marksOf(cookie: string | undefined): readonly Mark[] {
  if (cookie === undefined || cookie.length > 1024) return []
  return cookie
    .split('~')
    .slice(0, mostAccounts)
    .flatMap((text) => {
      const [, handle, seconds, mac] = /^([\w-]{22})\.(\d{1,12})\.([\w-]{43})$/.exec(text) ?? []
      return handle === undefined || seconds === undefined || mac === undefined
        ? []
        : [{ handle, madeAtSeconds: Number(seconds), mac }]
    })
}
