import ipaddr from 'ipaddr.js'

/**
 * Whom an address is counted as: an IPv4 address is one subscriber; of IPv6 a subscriber has a whole /64 and can take a new
 * address for every request (threat G15).
 *
 * @param address as `createClientAddress` gives it, so that every spelling of one address is the same text by then
 * @returns `192.0.2.7`, `2001:db8:1:2::/64`; a text that is no address is returned as it is: one key for all of its like
 */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`
}
