import { challengeOf } from './challenge.ts'
import type { ClientProfile } from './clients.ts'
import { type Finding, type FindingCode, found } from './finding.ts'
import { isMcpAnswer, type ServerSeen, type Walk } from './walk.ts'
import type { Heard, WireFault } from './wire.ts'

/** RFC 9728 §5.1, RFC 6750 §3: what an MCP server answers to whoever has no token, or none that is good. */
export function judgeChallenge({ server }: Walk, profile: ClientProfile): readonly Finding[] {
  const { bare, address } = server
  const host = new URL(address).host
  if ('fault' in bare) return [found(codeOfFault(bare.fault), { host, fault: bare.fault })]
  if (bare.status >= 200 && bare.status < 300 && !isMcpAnswer(bare)) {
    const type = bare.headers.get('content-type')?.split(';', 1)[0] ?? '–'
    return [found('not_mcp', { address, status: String(bare.status), type })]
  }
  return [
    ...(profile.runs === 'cloud' && !isPublic(address)
      ? [found('cloud_cannot_reach', { client: profile.name, host })]
      : []),
    ...ofBare(server, bare.status),
    ...ofForged(server),
  ]
}

function ofBare(server: ServerSeen, status: number): readonly Finding[] {
  const { address, challenge } = server
  const values = { status: String(status), address }
  if (status >= 200 && status < 300) return [found('open', values)]
  if (status >= 300 && status < 400) return [found('server_redirects', { ...values, to: locationOf(server.bare) })]
  if (status === 404 || status === 405 || status === 410) return [found('nothing_there', values)]
  if (status >= 500) return [found('fails', values)]
  if (status !== 401) return [found('wrong_status', values)]
  const findings: Finding[] = []
  // R2: a client may find the document by itself, where it looks for it.
  if (challenge.header !== '' && !challenge.isWellFormed) {
    findings.push(found('malformed_challenge', { challenge: challenge.header.slice(0, 200) }))
  }
  const { parameters } = challenge
  if (parameters === null) return [...findings, found('no_challenge', values)]
  const pointer = parameters.get('resource_metadata')
  if (pointer === undefined) findings.push(found('no_pointer', values))
  // RFC 9728 §3.3, §7.3: a document that somebody else publishes could send people to another authorization server.
  else if (URL.parse(pointer)?.origin !== new URL(address).origin) findings.push(found('foreign_pointer', { pointer }))
  const error = parameters.get('error')
  // RFC 6750 §3.1: no error for a request that brought no token.
  if (error !== undefined) findings.push(found('early_error', { error }))
  if (namesOf(parameters.get('scope')).includes('offline_access')) findings.push(found('offline_in_challenge'))
  return findings
}

function ofForged({ bare, forged }: ServerSeen): readonly Finding[] {
  // What is open to nobody's token is open without one; that is said already.
  if ('fault' in forged || 'fault' in bare || bare.status !== 401) return []
  if (forged.status >= 200 && forged.status < 300) return [found('any_token')]
  // R5, RFC 6750 §3.1: only 401 makes a client sign in anew.
  if (forged.status !== 401) return [found('bad_token_status', { status: String(forged.status) })]
  return challengeOf(forged).parameters?.get('error') === 'invalid_token' ? [] : [found('bad_token_silent')]
}

function codeOfFault(fault: WireFault): FindingCode {
  if (fault === 'address_refused') return 'server_internal'
  return fault === 'url_refused' ? 'server_not_https' : 'server_unreachable'
}

/** What lies in the Location of an answer. */
export function locationOf(heard: Heard): string {
  return 'fault' in heard ? '' : (heard.headers.get('location') ?? '')
}

function namesOf(scope: string | undefined): readonly string[] {
  return (scope ?? '').split(' ')
}

function isPublic(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return (
    protocol === 'https:' && hostname.includes('.') && !/^127\.|\.(?:localhost|local|internal|test)$/.test(hostname)
  )
}
