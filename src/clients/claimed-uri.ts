import { isIP } from 'node:net'
import { isSpecialAddress, isSpecialHost } from '../net/special-addresses.ts'
import { invalidClientMetadata } from '../oauth/errors.ts'

const maximumLength = 2048

/** How strictly the host of a claimed address is looked at. */
export interface UriRule {
  /** `shown`: people may follow it; `fetched`: we do, so internal names are refused, too. */
  readonly use: 'shown' | 'fetched'
  /** Hosts that the operator lets us reach although they are internal. */
  readonly internalHosts?: readonly string[]
}

/**
 * Checks an address that a client says of itself (`client_uri`, `logo_uri`, `jwks_uri`, …): absolute https, no userinfo, not on this
 * machine or a special-use address. What is fetched is checked again at the time of the fetch, when its name is resolved.
 *
 * @returns the address, its host in punycode
 * @throws OAuthError invalid_client_metadata naming the member (CVE-2026-22752: `javascript:` links on a consent page)
 */
export function checkClaimedUri(text: string, member: string, rule: UriRule): string {
  const url = URL.parse(text)
  if (text.length > maximumLength) throw refusal(member, `must not be longer than ${maximumLength} characters`)
  if (url === null || /[\s\\\p{Cc}]/u.test(text) || !/^https:\/\/[^/?#@]+(?:[/?#]|$)/i.test(text)) {
    throw refusal(member, 'must be an https address')
  }
  if (rule.internalHosts?.includes(url.hostname) !== true && isRefusedHost(url.hostname, rule.use)) {
    throw refusal(member, 'must not lie on a local or special-use address')
  }
  return /\P{ASCII}/u.test(text) ? url.href : text
}

/** Whether the address is http on this computer: local tools give such a home page. It helps nobody else, and harms nobody. */
export function isLocalHttp(text: string): boolean {
  const url = URL.parse(text)
  return url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

function isRefusedHost(hostname: string, use: UriRule['use']): boolean {
  if (use === 'fetched') return isSpecialHost(hostname)
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isIP(bare) === 0 ? /(?:^|\.)localhost\.?$/.test(hostname) : isSpecialAddress(bare)
}

function refusal(member: string, what: string) {
  return invalidClientMetadata(`${member} ${what}`)
}
