import { browserOrigin, type ClientProfile } from './clients.ts'
import { type Finding, found } from './finding.ts'
import { documentOf, leadsOn, metadataOf, type Walk } from './walk.ts'
import type { Heard } from './wire.ts'

/** The Fetch standard: what a page of another origin may send, and what of the answer it may read. Concerns clients in a browser. */
export function judgeCors({ server, issuer, trials }: Walk, profile: ClientProfile): readonly Finding[] {
  if (profile.runs !== 'browser' || 'fault' in server.bare || !leadsOn(server)) return []
  const findings: Finding[] = []
  if (!allowsRequest(server.preflight, ['authorization', 'content-type'])) findings.push(found('cors_server'))
  // Without the header a page sees a 401 and nothing of where to go.
  if (!isReadable(server.fromPage) || !exposes(server.fromPage, 'www-authenticate'))
    findings.push(found('cors_challenge'))
  const document = documentOf(profile, server)?.document
  if (document !== undefined && !allowsOrigin(document.headers)) {
    findings.push(found('cors_resource_metadata', { url: document.url }))
  }
  if (issuer === undefined) return findings
  const metadata = metadataOf(profile, issuer)?.document
  if (metadata !== undefined && !('fault' in metadata) && !allowsOrigin(metadata.headers)) {
    findings.push(found('cors_server_metadata', { url: metadata.url }))
  }
  const { forgedCodeFromPage: token, registrationPreflight } = issuer
  // A form needs no preflight by itself; the protocol header that some clients add asks for one, and not all add it.
  if (token !== undefined && !isReadable(token)) findings.push(found('cors_token', { url: token.url }))
  const registers = trials.get(profile.id)?.way !== 'given'
  if (registers && registrationPreflight !== undefined && !allowsRequest(registrationPreflight, ['content-type'])) {
    findings.push(found('cors_registration', { url: registrationPreflight.url }))
  }
  return findings
}

function isReadable(heard: Heard): boolean {
  return !('fault' in heard) && allowsOrigin(heard.headers)
}

function allowsOrigin(headers: Headers | undefined): boolean {
  const allowed = headers?.get('access-control-allow-origin')
  return allowed === '*' || allowed === browserOrigin
}

function exposes(heard: Heard, name: string): boolean {
  if ('fault' in heard) return false
  const names = listed(heard.headers.get('access-control-expose-headers'))
  return names.includes(name) || names.includes('*')
}

function allowsRequest(heard: Heard, names: readonly string[]): boolean {
  if ('fault' in heard || heard.status < 200 || heard.status > 299 || !allowsOrigin(heard.headers)) return false
  const allowed = listed(heard.headers.get('access-control-allow-headers'))
  // Fetch standard, "CORS protocol": the star does not stand for `authorization`.
  return names.every((name) => allowed.includes(name) || (allowed.includes('*') && name !== 'authorization'))
}

function listed(header: string | null): readonly string[] {
  return (header ?? '').split(',').map((name) => name.trim().toLowerCase())
}
