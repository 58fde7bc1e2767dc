import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** What stands for an address of the machine itself. */
export const thisComputer = 'loopback'

/**
 * What is kept of an address for people to recognise a place by: IPv4 to the /24, IPv6 to the /48, `loopback` for the
 * machine itself. The rest is forgotten before anything is stored: it would tell the household.
 *
 * @param address as `createClientAddress` gives it; anything else gives undefined
 */
export function coarseAddress(address: string | undefined): string | undefined {
  if (address === undefined || isIP(address) === 0) return undefined
  const parsed = ipaddr.process(address)
  if (parsed.range() === 'loopback') return thisComputer
  const kept = parsed.kind() === 'ipv4' ? 24 : 48
  const network = parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  return `${network.networkAddressFromCIDR(`${parsed.toString()}/${kept}`).toString()}/${kept}`
}
