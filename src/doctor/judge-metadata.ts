import { isHttps } from './authorization.ts'
import type { ClientProfile } from './clients.ts'
import { type Finding, found } from './finding.ts'
import { spellingsOf } from './look-around.ts'
import { documentOf, type IssuerSeen, membersOf, metadataOf, type Walk } from './walk.ts'
import { textOf, textsOf } from './wire.ts'

type Members = Readonly<Record<string, unknown>>

/** RFC 8414 and OpenID Connect Discovery: the authorization server's metadata, as this client finds it. */
export function judgeMetadata({ server, issuer: seen }: Walk, profile: ClientProfile): readonly Finding[] {
  if (seen === undefined) return []
  const { issuer } = seen
  const isSecure = isHttps(issuer)
  const insecure = isSecure ? [] : [found('issuer_not_https', { issuer })]
  const taken = metadataOf(profile, seen)
  if (taken === undefined)
    return [...insecure, found('no_metadata', { issuer, url: spellingsOf(issuer)[0]?.[1] ?? '' })]
  const { document } = taken
  if ('fault' in document) {
    if (document.fault === 'not_json') return [...insecure, found('bad_metadata', { url: document.url })]
    // What is not https was not asked, and that is said already.
    if (document.fault === 'url_refused' && !isSecure) return insecure
    if (document.fault === 'address_refused') return [...insecure, found('issuer_internal', { issuer })]
    if (document.fault !== 'status')
      return [...insecure, found('issuer_unreachable', { issuer, fault: document.fault })]
    return [...insecure, found('failing_spelling', { url: document.url, status: String(document.status) })]
  }
  const members = membersOf(document)
  if (members === null) return [...insecure, found('bad_metadata', { url: document.url })]
  const isOpenid = taken.spelling !== 'oauth'
  const listed = textsOf(membersOf(documentOf(profile, server)?.document), 'scopes_supported') ?? []
  return [
    ...insecure,
    ...ofSpellings(seen),
    ...ofIssuer(issuer, textOf(members, 'issuer'), profile),
    ...ofEndpoints(members),
    ...ofFlow(members),
    ...(isOpenid ? ofOpenid(members, document.url) : []),
    ...(profile.scopes === 'server' ? ofScopes(listed, members) : []),
  ]
}

function ofSpellings({ metadata }: IssuerSeen): readonly Finding[] {
  const issuers = new Set(metadata.flatMap(({ document }) => textOf(membersOf(document), 'issuer') ?? []))
  const missing = metadata.find(({ spelling, document }) => spelling === 'oauth' && 'fault' in document)
  return [
    ...(issuers.size > 1 ? [found('spellings_differ', { issuers: [...issuers].join(', ') })] : []),
    ...(missing === undefined ? [] : [found('missing_spelling', { url: missing.document.url })]),
  ]
}

/** RFC 8414 §3.3: letter by letter, or whoever can answer at one address speaks for another. */
function ofIssuer(issuer: string, says: string | undefined, profile: ClientProfile): readonly Finding[] {
  if (says === issuer) return []
  const values = { issuer, says: says ?? '–' }
  if (says?.replace(/\/$/, '') !== issuer.replace(/\/$/, '')) return [found('other_issuer', values)]
  return [found(profile.issuer === 'exact' ? 'issuer_slash_refused' : 'issuer_slash', values)]
}

function ofEndpoints(members: Members): readonly Finding[] {
  const needed = ['authorization_endpoint', 'token_endpoint']
  return [...needed, 'registration_endpoint', 'jwks_uri'].flatMap((name) => {
    const url = textOf(members, name)
    if (url === undefined || !URL.canParse(url)) return needed.includes(name) ? [found('no_endpoint', { name })] : []
    return isHttps(url) ? [] : [found('endpoint_not_https', { name, url })]
  })
}

function ofFlow(members: Members): readonly Finding[] {
  const challenges = textsOf(members, 'code_challenge_methods_supported')
  const responses = textsOf(members, 'response_types_supported')
  const grants = textsOf(members, 'grant_types_supported')
  // RFC 8414 §2: without the list, `client_secret_basic` alone.
  const methods = textsOf(members, 'token_endpoint_auth_methods_supported') ?? ['client_secret_basic']
  const findings: Finding[] = []
  // A3: a client must refuse a server that does not say that it does PKCE.
  if (challenges === undefined) findings.push(found('no_pkce'))
  else if (!challenges.includes('S256')) findings.push(found('no_s256', { methods: challenges.join(', ') || '–' }))
  if (responses?.includes('code') !== true) findings.push(found('no_code', { types: responses?.join(', ') ?? '–' }))
  if (!methods.includes('none')) findings.push(found('no_none', { methods: methods.join(', ') }))
  if (grants !== undefined && !grants.includes('refresh_token')) findings.push(found('no_refresh'))
  if (members.authorization_response_iss_parameter_supported !== true) findings.push(found('no_iss'))
  return findings
}

/** The schemas of clients demand what OpenID Connect Discovery §3 demands, even of a server that they do not ask for an ID token. */
function ofOpenid(members: Members, url: string): readonly Finding[] {
  const needed = ['jwks_uri', 'subject_types_supported', 'id_token_signing_alg_values_supported']
  const missing = needed.filter((name) => members[name] === undefined)
  return missing.length === 0 ? [] : [found('openid_incomplete', { url, names: missing.join(', ') })]
}

const identityScopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']

/** A server that lists no scopes but those of people leaves the others to the MCP servers, and such a client asks for none of them. */
function ofScopes(listed: readonly string[], members: Members): readonly Finding[] {
  const scopes = textsOf(members, 'scopes_supported') ?? []
  if (scopes.every((name) => identityScopes.includes(name))) return []
  const missing = listed.filter((name) => !scopes.includes(name))
  return missing.length === 0 ? [] : [found('server_scopes', { names: missing.slice(0, 5).join(', ') })]
}
