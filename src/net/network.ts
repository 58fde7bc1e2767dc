import ipaddr from 'ipaddr.js'

// Most addresses of the internet, in the one spelling that `createClientAddress` gives: read without being parsed, because
// every token request comes this way (0.3 µs instead of 7). The fourth group is not 0, so that no other spelling of the same
// /64 begins otherwise.
const usual = /^([1-9a-f][0-9a-f]{0,3}(?::(?:0|[1-9a-f][0-9a-f]{0,3})){2}:[1-9a-f][0-9a-f]{0,3}):[0-9a-f:]+$/

/**
 * Whom an address is counted as: an IPv4 address is one subscriber; of IPv6 a subscriber has a whole /64 and can take a new
 * address for every request (threat G15).
 *
 * @param address as `createClientAddress` gives it; other spellings are brought into that one
 * @returns `192.0.2.7`, `2001:db8:1:2::/64`; a text that is no address is returned as it is: one key for all of its like
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const network = usual.exec(address)?.[1]
  if (network !== undefined) return `${network}::/64`
  if (!ipaddr.IPv6.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`
}
