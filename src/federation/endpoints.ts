import { isSpecialHost } from '../net/special-addresses.ts'

/** Which addresses beside public https ones may stand in metadata. */
export interface EndpointRules {
  /** Hosts, with port where it is not 443, that the operator lets us reach although they are internal. */
  readonly allowedInternalHosts: readonly string[]
  /** Our own issuer is on loopback: an upstream there may be, too, also by plain http. */
  readonly loopback: boolean
}

const needed = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const
const optional = ['userinfo_endpoint'] as const

/**
 * What is wrong with the addresses in an upstream's metadata; null when nothing is. The browser goes to one of them and
 * secrets go to another, so each is judged, at configuration and whenever the metadata is fetched again (threat H11).
 */
export function endpointFault(
  metadata: Readonly<Record<string, unknown>>,
  issuer: string,
  rules: EndpointRules,
): string | null {
  for (const name of needed) if (metadata[name] === undefined) return `${name} is missing`
  for (const name of [...needed, ...optional]) {
    const value = metadata[name]
    if (value === undefined) continue
    if (typeof value !== 'string' || !isAcceptable(value, issuer, rules)) return `${name} is not an address to go to`
  }
  return null
}

/** Whether an issuer may be asked by plain http: both sides are on this machine. */
export function isPlainHttp(issuer: string, rules: Pick<EndpointRules, 'loopback'>): boolean {
  const url = URL.parse(issuer)
  return rules.loopback && url?.protocol === 'http:' && isLoopbackHost(url.hostname)
}

function isAcceptable(address: string, issuer: string, rules: EndpointRules): boolean {
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false
  if (rules.loopback && isLoopbackHost(url.hostname) && isLoopbackHost(URL.parse(issuer)?.hostname ?? '')) {
    return url.protocol === 'https:' || (url.protocol === 'http:' && isPlainHttp(issuer, rules))
  }
  if (url.protocol !== 'https:') return false
  const isAllowed = rules.allowedInternalHosts.some((host) => host === url.host || host === url.hostname)
  return isAllowed || !isSpecialHost(url.hostname)
}

/** RFC 6761 §6.3: the names and literal addresses of this machine to itself. */
function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}
