import { hasDotSegment, splitUri } from './uri-syntax.ts'

/** How an authorization answer reaches the client. */
export type RedirectKind = 'https' | 'loopback' | 'private'

/** The verdict on one redirect URI; `uri` is what is stored and compared byte for byte. */
export type RedirectUriCheck =
  | { readonly ok: true; readonly uri: string; readonly kind: RedirectKind; readonly host: string }
  | { readonly ok: false; readonly reason: string }

const maximumLength = 2048

// RFC 8252 §7.3 and §8.3: these three spellings and no other; 127.0.0.2, 0x7f.1 and localhost.evil.example are strangers.
const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

// Schemes that run code, read files, start other programs, or are interpreted by the browser itself. A private scheme is
// claimed by an installed program; none of these can be, or the program behind it takes orders from the URI.
const refusedSchemes: ReadonlySet<string> = new Set(
  [
    'javascript vbscript livescript mocha wscript data blob filesystem file about view-source jar mhtml res mk hcp shell',
    'intent android-app content market itms itms-apps itms-services app-settings prefs help search search-ms resource',
    'http https ws wss ftp ftps sftp feed gopher dict ldap ldaps ldapi telnet ssh git svn smb cifs nfs rtsp rtmp magnet',
    'ipfs ipns rdp vnc mailto tel sms smsto mms facetime facetime-audio callto sip sips xmpp irc geo maps urn cid mid tag',
    'acct did chrome edge opera brave vivaldi safari firefox wyciwyg',
  ].flatMap((schemes) => schemes.split(' ')),
)
const refusedSchemePrefixes = [
  'chrome-',
  'moz-',
  'ms-',
  'microsoft-',
  'edge-',
  'safari-',
  'view-',
  'x-',
  'web+',
  'ext+',
]

// The answer adds these itself: a registered one would make the client read the attacker's value (RFC 9207 §2.4).
const responseParameters: ReadonlySet<string> = new Set(
  'code state iss error error_description error_uri response session_state access_token id_token token_type'.split(' '),
)

function refuse(reason: string): RedirectUriCheck {
  return { ok: false, reason }
}

/**
 * The one redirect-URI policy, for every way a client can come: https to any host, http to the three loopback names on any port,
 * private schemes as real programs use them, nothing else. Only an international host is rewritten (to punycode, so that a person sees
 * the difference between look-alikes); every other byte is kept, because the authorization endpoint compares bytes.
 *
 * @param text one member of `redirect_uris`
 * @returns the URI to store with its kind and host as shown to people (host:port, or `scheme:`), or the reason against it
 * @see OAuth 2.1 §2.3, §8.4; RFC 8252 §7; RFC 9700 §2.1
 */
export function checkRedirectUri(text: string): RedirectUriCheck {
  if (text.length === 0) return refuse('it is empty')
  if (text.length > maximumLength) return refuse(`it is longer than ${maximumLength} characters`)
  // CR and LF split headers, tab and newline are dropped by browsers (`java\tscript:`), a backslash counts as a slash there.
  if (/[\s\\"<>^`{|}]/.test(text) || /[\p{Cc}\p{Cf}]/u.test(text))
    return refuse('it has characters that a URI cannot have')
  if (/%(?![0-9a-f]{2})/i.test(text)) return refuse('it has a broken percent-encoding')
  if (/%(?:[01][0-9a-f]|7f)/i.test(text)) return refuse('it has an encoded control character')
  // OAuth 2.1 §2.3: exact comparison only, so a wildcard would be a promise that nobody keeps
  if (text.includes('*')) return refuse('wildcards are not allowed')
  if (text.includes('#')) return refuse('a fragment is not allowed')

  const raw = splitUri(text)
  if (raw === null) return refuse('it is not an absolute URI')
  if (raw.scheme !== raw.scheme.toLowerCase()) return refuse('its scheme must be written in lower case')
  if (raw.authority?.includes('@')) return refuse('user information is not allowed')
  if (hasDotSegment(text)) return refuse('dot segments are not allowed')
  const repeated = [...new URLSearchParams(raw.query ?? '').keys()].find((name) =>
    responseParameters.has(name.toLowerCase()),
  )
  if (repeated !== undefined)
    return refuse(`its query must not hold ${repeated.toLowerCase()}, which belongs to the answer`)
  if (/\P{ASCII}/u.test(text.slice(raw.scheme.length + 3 + (raw.authority?.length ?? 0)))) {
    return refuse('characters outside ASCII must be percent-encoded')
  }

  if (raw.scheme === 'https' || raw.scheme === 'http') return checkWebUri(text, raw.scheme, raw.authority)
  return checkPrivateUri(text, raw.scheme, raw.authority, raw.path)
}

function checkWebUri(text: string, scheme: 'https' | 'http', authority: string | null): RedirectUriCheck {
  const url = URL.parse(text)
  if (url === null || authority === null || authority === '') return refuse('it has no valid host')
  const writtenHost = authority.replace(/:\d*$/, '')
  if (scheme === 'http') {
    // OAuth 2.1 §1.5: in the clear only where the answer never leaves the machine
    if (!loopbackHosts.has(writtenHost)) return refuse('http is allowed for 127.0.0.1, [::1] and localhost only')
    return { ok: true, uri: text, kind: 'loopback', host: url.host }
  }
  const international = /\P{ASCII}/u.test(writtenHost)
  // 2130706433, 0x7f.1 and %31 are other spellings of a host: accept only the one a person would recognise.
  if (!international && url.hostname !== writtenHost.toLowerCase())
    return refuse('its host is not written in the usual form')
  if (url.hostname.endsWith('.')) return refuse('its host must not end with a dot')
  if (loopbackHosts.has(url.hostname)) return { ok: true, uri: text, kind: 'loopback', host: url.host }
  if (/^127\.|^0\.|^\[::\]$|^\[::ffff:/.test(url.hostname) || url.hostname.endsWith('.localhost')) {
    return refuse('of the loopback addresses only 127.0.0.1, [::1] and localhost are allowed')
  }
  if (!international) return { ok: true, uri: text, kind: 'https', host: url.host }
  const port = authority.slice(writtenHost.length)
  const rest = text.slice('https://'.length + authority.length)
  return { ok: true, uri: `https://${url.hostname}${port}${rest}`, kind: 'https', host: url.host }
}

function checkPrivateUri(text: string, scheme: string, authority: string | null, path: string): RedirectUriCheck {
  if (refusedSchemes.has(scheme) || refusedSchemePrefixes.some((prefix) => scheme.startsWith(prefix))) {
    return refuse(`the scheme ${scheme}: is not allowed`)
  }
  if (scheme.length < 2 || /\P{ASCII}/u.test(text)) return refuse('it is not a URI of an installed program')
  if (URL.parse(text) === null) return refuse('it is not a valid URI')
  const host = `${scheme}:`
  if (authority === null) {
    // RFC 8252 §7.1: without an authority the scheme itself must say whose it is, by a domain name in reverse
    if (!scheme.includes('.'))
      return refuse('a private scheme without // must be a domain name in reverse, as com.example.app:/callback')
    if (!path.startsWith('/')) return refuse('a private scheme is followed by one slash and a path')
    return { ok: true, uri: text, kind: 'private', host }
  }
  // Ours: editors register scheme://extension/path (cursor://, vscode://, jetbrains://). There the authority tells the programs
  // apart; `scheme://callback` alone tells nothing and is refused.
  if (authority === '' || !/^\/./.test(path))
    return refuse('a private scheme with // needs a name and a path, as app://name/callback')
  return { ok: true, uri: text, kind: 'private', host }
}

/**
 * Where the answer goes, as a consent remembers it: `loopback` for every port and spelling of this computer, host and port for
 * https, `scheme:` for a private scheme. Two URIs of one host share a consent; two schemes never do.
 *
 * @param uri a redirect URI that passed `checkRedirectUri`
 */
export function redirectHost(uri: string): string {
  const url = URL.parse(uri)
  if (url === null) return uri
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return url.protocol
  return loopbackHosts.has(url.hostname) ? 'loopback' : url.host
}

/** Whether the answer goes to a program on the person's own computer through a port that any local program could have opened. */
export function isLoopbackRedirect(uri: string): boolean {
  return redirectHost(uri) === 'loopback'
}
