import { BlockList, isIP } from 'node:net'

// RFC 6890 and the IANA registries of special-purpose addresses: nothing here is a stranger's public web server.
const specialIpv4 = new BlockList()
for (const range of [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12', // this network, private, CGNAT, loopback, link-local
  '192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16', // protocol, documentation, AS112, AMT, 6to4 relay
  '192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4', // AS112, benchmarks, multicast, reserved, broadcast
].flatMap((line) => line.split(' '))) {
  const [network = '', prefix = ''] = range.split('/')
  specialIpv4.addSubnet(network, Number(prefix), 'ipv4')
}

// IPv6 the other way round: only global unicast can be public, and these parts of it are not.
const globalIpv6 = new BlockList()
globalIpv6.addSubnet('2000::', 3, 'ipv6')
const specialIpv6 = new BlockList()
specialIpv6.addSubnet('2001::', 23, 'ipv6') // protocol assignments: Teredo (2001::/32) carries an IPv4 address, ORCHID, AS112
specialIpv6.addSubnet('2001:db8::', 32, 'ipv6') // documentation
specialIpv6.addSubnet('2002::', 16, 'ipv6') // 6to4 carries an IPv4 address
specialIpv6.addSubnet('2620:4f:8000::', 48, 'ipv6') // AS112
specialIpv6.addSubnet('3fff::', 20, 'ipv6') // documentation

/**
 * Whether an address must never be contacted on behalf of a stranger: loopback, private, link-local, cloud metadata, multicast,
 * documentation, and every IPv6 form that carries an IPv4 address (mapped, NAT64, 6to4, Teredo, ISATAP).
 *
 * @param ip an IPv4 or IPv6 address as text; anything else, and an address with a zone, counts as special (fail closed)
 * @see RFC 6890, RFC 6052, RFC 5214
 */
export function isSpecialAddress(ip: string): boolean {
  const family = isIP(ip)
  if (family === 4) return specialIpv4.check(ip, 'ipv4')
  if (family !== 6 || ip.includes('%')) return true
  if (!globalIpv6.check(ip, 'ipv6') || specialIpv6.check(ip, 'ipv6')) return true
  // RFC 5214 §6.1: ISATAP hides an IPv4 address behind the interface identifier 0:5efe or 200:5efe, in any prefix
  return /:(?:0|200):5efe:[0-9a-f]{1,4}:[0-9a-f]{1,4}$/.test(expandIpv6(ip))
}

// RFC 1918, RFC 6598, loopback; RFC 4193 and loopback of IPv6: where people put machines of their own. A list for each family, because a
// list of both takes `::ffff:10.0.0.7` for 10.0.0.7, which is another door to the same house.
const privateIpv4 = new BlockList()
for (const range of ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']) {
  const [network = '', prefix = ''] = range.split('/')
  privateIpv4.addSubnet(network, Number(prefix), 'ipv4')
}
const privateIpv6 = new BlockList()
privateIpv6.addSubnet('fc00::', 7, 'ipv6')
privateIpv6.addAddress('::1', 'ipv6')
// Metadata services of clouds that lie in these ranges: they hand out credentials to whoever asks (F01).
const metadataServices = new BlockList()
metadataServices.addAddress('100.100.100.200', 'ipv4')
metadataServices.addSubnet('fd00:ec2::', 32, 'ipv6')
metadataServices.addAddress('fd20:ce::254', 'ipv6')

/**
 * Whether an address is one that an operator may open by naming its host: private and loopback ranges. Never link-local, multicast, the
 * unspecified address, a metadata service of a cloud, or an IPv6 form that carries an IPv4 address.
 *
 * @param ip an IPv4 or IPv6 address as text; anything else is none
 */
export function isPrivateAddress(ip: string): boolean {
  const family = isIP(ip)
  if (family === 4) return privateIpv4.check(ip, 'ipv4') && !metadataServices.check(ip, 'ipv4')
  return family === 6 && !ip.includes('%') && privateIpv6.check(ip, 'ipv6') && !metadataServices.check(ip, 'ipv6')
}

/** `2001::1` → `2001:0:0:0:0:0:0:1`, lower case, embedded IPv4 in hexadecimal. */
function expandIpv6(ip: string): string {
  const canonical = (URL.parse(`http://[${ip}]`)?.hostname ?? '[]').slice(1, -1)
  const [left = '', right] = canonical.split('::')
  const head = left === '' ? [] : left.split(':')
  if (right === undefined) return head.join(':')
  const tail = right === '' ? [] : right.split(':')
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail].join(':')
}

/**
 * Whether a host name of a URL names this machine or a private network by itself, before any DNS question is asked:
 * special addresses as literals, names without a dot, and the special-use names.
 *
 * @param hostname as `URL` gives it: lower case, punycode, IPv6 in brackets, numeric spellings already resolved to dotted form
 * @see RFC 6761, RFC 8375, ICANN's `.internal`
 */
export function isSpecialHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (isIP(bare) !== 0 || hostname.startsWith('[')) return isSpecialAddress(bare)
  return (
    !bare.includes('.') ||
    /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|onion)$/.test(bare)
  )
}
