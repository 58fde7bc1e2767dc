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
    .replace(/%.*$/s, '')
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
 * @param ignored told once, when a peer next door forwards an address and is not trusted: that is most often a proxy which the
 *   operator forgot, and everybody behind it counts as one caller
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
  ignored: (peer: string) => void = () => {},
): (remoteAddress: string, forwardedFor: string | undefined) => string {
  const ranges = trustedProxies.map(parseRange)
  const isTrusted = (address: string) => isWithin(ranges, address)

  // A connection carries many requests, and behind a proxy all of them come from one address.
  let last: { readonly text: string; readonly address: string | null } = { text: '', address: null }

  let isTold = false

  return function clientAddress(remoteAddress, forwardedFor) {
    if (last.text !== remoteAddress) last = { text: remoteAddress, address: readAddress(remoteAddress) }
    let { address } = last
    if (address === null) return remoteAddress
    if (forwardedFor === undefined) return address
    if (!isTrusted(address)) {
      if (!isTold && isNextDoor(address)) {
        isTold = true
        ignored(address)
      }
      return address
    }
    for (const entry of forwardedFor.split(',').reverse()) {
      const next = readAddress(entry)
      if (next === null) return address
      address = next
      if (!isTrusted(address)) return address
    }
    return address
  }
}

// Where a proxy of one's own stands. A stranger who writes the header from the internet is not worth a line in the log.
function isNextDoor(address: string): boolean {
  return ['loopback', 'private', 'uniqueLocal', 'linkLocal'].includes(ipaddr.parse(address).range())
}
