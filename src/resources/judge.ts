import { canonicalResource } from '../oauth/resource-uri.ts'
import type { ClaimedMetadata, Seen } from './look.ts'
import { metadataUrls } from './protection.ts'
import type { ResourceFacts } from './resource.ts'

/** The colours of the test light, best first. */
export const lights = ['green', 'amber', 'red'] as const

/** Green: right. Amber: works with some clients. Red: clients cannot connect, or nothing is protected. */
export type Light = (typeof lights)[number]

/** Everything that can be said of one look, each with its colour. */
export const findingLights = {
  challenge_right: 'green',
  resource_right: 'green',
  issuer_right: 'green',
  get_refused: 'amber',
  no_pointer: 'amber',
  pointer_elsewhere: 'amber',
  offline_in_challenge: 'amber',
  offline_in_document: 'amber',
  other_spelling: 'amber',
  issuer_spelling: 'amber',
  unknown_scopes: 'amber',
  plain_http: 'amber',
  not_public: 'red',
  no_host: 'red',
  too_slow: 'red',
  redirected: 'red',
  unreachable: 'red',
  open: 'red',
  nothing_there: 'red',
  broken: 'red',
  wrong_status: 'red',
  no_challenge: 'red',
  foreign_pointer: 'red',
  no_document: 'red',
  bad_document: 'red',
  other_resource: 'red',
  issuer_missing: 'red',
} as const satisfies Record<string, Light>

export type FindingCode = keyof typeof findingLights

/** One thing that was found, with the values that its sentence has places for. */
export interface Finding {
  readonly code: FindingCode
  readonly light: Light
  readonly values: Readonly<Record<string, string>>
}

/** What is judged against. */
export type Judged = Pick<ResourceFacts, 'identifier' | 'aliases' | 'scopes'>

/** Judges what was seen of an MCP server; pure. Good news only where nothing bad is said of the same thing. */
export function judge(resource: Judged, seen: Seen, issuer: string): readonly Finding[] {
  if ('fault' in seen.answer) {
    const code = codeOfFault(seen.answer.fault)
    // No answer at all; a stream that never ends, or a page in the way, still has a document beside it.
    if (!('claims' in seen.document)) return [finding(code, { host: new URL(resource.identifier).host })]
    return [
      finding(code, { host: new URL(resource.identifier).host }),
      ...ofDocument(resource, seen.document.claims, issuer),
    ]
  }
  return [...ofAnswer(resource, seen.answer), ...documentFindings(resource, seen, issuer)]
}

/** The colour of the whole: the worst of all. */
export function worst(findings: readonly Finding[]): Light {
  return [...lights].reverse().find((light) => findings.some((one) => one.light === light)) ?? 'red'
}

function ofAnswer(
  { identifier }: Judged,
  { status, bearer }: Extract<Seen['answer'], { status: number }>,
): readonly Finding[] {
  const [metadataUrl] = metadataUrls(identifier)
  const values = { status: String(status), metadataUrl, address: identifier }
  if (status >= 200 && status < 300) return [finding('open', values)]
  if (status === 405) return [finding('get_refused', values)]
  if (status === 404 || status === 410) return [finding('nothing_there', values)]
  if (status >= 500) return [finding('broken', values)]
  if (status !== 401) return [finding('wrong_status', values)]
  // RFC 9728 §5.1, MCP authorization: the 401 says where the document is.
  if (bearer === null) return [finding('no_challenge', values)]
  const findings: Finding[] = []
  const pointer = bearer.get('resource_metadata')
  if (pointer === undefined) findings.push(finding('no_pointer', values))
  else if (URL.parse(pointer)?.origin !== new URL(identifier).origin) {
    findings.push(finding('foreign_pointer', { ...values, pointer }))
  } else if (pointer !== metadataUrl) findings.push(finding('pointer_elsewhere', { ...values, pointer }))
  // E10: whether tokens can be refreshed is no matter of the resource.
  if (bearer.get('scope')?.split(' ').includes('offline_access')) findings.push(finding('offline_in_challenge', values))
  return findings.length > 0 ? findings : [finding('challenge_right', values)]
}

function documentFindings(resource: Judged, { document }: Seen, issuer: string): readonly Finding[] {
  if ('claims' in document) return ofDocument(resource, document.claims, issuer)
  const isThere = document.fault === 'not_json' || document.fault === 'not_metadata'
  return [finding(isThere ? 'bad_document' : 'no_document', { metadataUrl: document.url })]
}

function ofDocument(resource: Judged, claims: ClaimedMetadata, issuer: string): readonly Finding[] {
  const { identifier, aliases, scopes } = resource
  const findings: Finding[] = []
  const canonical = canonicalResource(claims.resource)
  const says = { resource: claims.resource, identifier }
  // RFC 9728 §3.3: byte for byte, or a client must not use the document.
  if (claims.resource === identifier) findings.push(finding('resource_right', says))
  else if (canonical !== null && (canonical === identifier || aliases.includes(canonical))) {
    findings.push(finding('other_spelling', says))
  } else findings.push(finding('other_resource', says))

  const servers = claims.authorization_servers ?? []
  if (servers.includes(issuer)) findings.push(finding('issuer_right', { issuer }))
  else if (servers.some((server) => server.replace(/\/$/, '') === issuer))
    findings.push(finding('issuer_spelling', { issuer }))
  else findings.push(finding('issuer_missing', { issuer }))

  const named = claims.scopes_supported ?? []
  if (named.includes('offline_access')) findings.push(finding('offline_in_document', {}))
  const unknown = named.filter((name) => name !== 'offline_access' && !scopes.some((scope) => scope.name === name))
  if (unknown.length > 0) findings.push(finding('unknown_scopes', { scopes: unknown.slice(0, 5).join(', ') }))
  return findings
}

function codeOfFault(fault: Extract<Seen['answer'], { fault: unknown }>['fault']): FindingCode {
  switch (fault) {
    case 'address_refused':
      return 'not_public'
    case 'url_refused':
      return 'plain_http'
    case 'not_found':
      return 'no_host'
    case 'timeout':
    case 'too_large':
      return 'too_slow'
    case 'redirected':
      return 'redirected'
    case 'busy':
    case 'encoding':
    case 'limited':
    case 'network':
    case 'proxy':
      return 'unreachable'
  }
}

function finding(code: FindingCode, values: Finding['values']): Finding {
  return { code, light: findingLights[code], values }
}
