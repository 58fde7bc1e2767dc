import { checkRedirectUri, redirectHost } from './redirect-uri.ts'

/**
 * What is wrong with an entry of a list of redirect hosts, or undefined. Entries: `app.example.com` (its default port alone),
 * `app.example.com:8443`, `*.example.com` (every host below, not `example.com` itself), `loopback`, a private scheme as `cursor:`.
 */
export function redirectHostProblem(entry: string): string | undefined {
  if (entry === 'loopback') return undefined
  if (/^[^/*.:]+:$|^[^/*:]+:$/.test(entry)) return schemeProblem(entry)
  const host = entry.startsWith('*.') ? entry.slice(2) : entry
  // A star anywhere else would look as if it meant something, and `*.com` would be a list of half the world.
  if (host.includes('*')) return 'may have a wildcard only at its beginning, as in *.example.com'
  if (entry !== host && !/\.[^.\d]/.test(host)) return 'has a wildcard for a whole top-level domain or for addresses'
  const url = URL.parse(`https://${host}/`)
  if (url === null || url.host !== host || url.username !== '') return 'is no lower-case host name'
  return checkRedirectUri(`https://${host}/cb`).ok && redirectHost(`https://${host}/cb`) !== 'loopback'
    ? undefined
    : 'is an address of this computer, which is written loopback'
}

/** Whether answers may go to the host of a redirect URI. Ports count, and so does every letter: one host, one entry. */
export function isListedRedirect(uri: string, entries: readonly string[]): boolean {
  const host = redirectHost(uri)
  return entries.some((entry) =>
    entry.startsWith('*.') ? host.length >= entry.length && host.endsWith(entry.slice(1)) : entry === host,
  )
}

function schemeProblem(entry: string): string | undefined {
  const isPrivate = checkRedirectUri(`${entry}//name/path`).ok && !/^https?:$/.test(entry)
  return isPrivate ? undefined : 'is no scheme that an installed program may register'
}
