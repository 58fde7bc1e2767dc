import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

function parseRange(text: string): Range {
  const range = text.includes('/') ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`
  return ipaddr.parseCIDR(range)
}

/** Reads an address as proxies write it (port, brackets, zone allowed), maps `::ffff:1.2.3.4` to `1.2.3.4`; null when it is none. */
function readAddress(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^\[([^\]]+)\](?::\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '')
  return isIP(bare) === 0 ? null : ipaddr.process(bare).toString()
}

function isWithin(ranges: readonly Range[], address: string): boolean {
  const parsed = ipaddr.parse(address)
  return ranges.some(([network, prefix]) => parsed.kind() === network.kind() && parsed.match(network, prefix))
}

/**
 * Makes the question whether the other end of a connection is a proxy of the operator's.
 *
 * @param trustedProxies addresses or CIDR ranges
 * @throws Error when a range is malformed
 */
export function createTrustedPeers(trustedProxies: readonly string[]): (remoteAddress: string) => boolean {
  const ranges = trustedProxies.map(parseRange)
  return function isTrustedPeer(remoteAddress) {
    const address = ranges.length === 0 ? null : readAddress(remoteAddress)
    return address !== null && isWithin(ranges, address)
  }
}

/**
 * Makes the function that tells whose request it is, as seen through the operator's own proxies.
 * Forwarding headers count only from a trusted peer and are read from the right: the first address that is not a trusted proxy is the
 * client. Whatever a client wrote itself stands further left and is never reached, so it cannot borrow another's address.
 *
 * @param trustedProxies addresses or CIDR ranges
 * @returns `(remoteAddress, forwardedFor)` → canonical address; an unreadable entry ends the walk at the last address we know
 * @throws Error when a range is malformed
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (remoteAddress: string, forwardedFor: string | undefined) => string {
  const ranges = trustedProxies.map(parseRange)
  const isTrusted = (address: string) => isWithin(ranges, address)

  // A connection carries many requests, and behind a proxy all of them come from one address.
  let last: { readonly text: string; readonly address: string | null } = { text: '', address: null }

  return function clientAddress(remoteAddress, forwardedFor) {
    if (last.text !== remoteAddress) last = { text: remoteAddress, address: readAddress(remoteAddress) }
    let { address } = last
    if (address === null) return remoteAddress
    if (ranges.length === 0 || forwardedFor === undefined || !isTrusted(address)) return address
    for (const entry of forwardedFor.split(',').reverse()) {
      const next = readAddress(entry)
      if (next === null) return address
      address = next
      if (!isTrusted(address)) return address
    }
    return address
  }
}
