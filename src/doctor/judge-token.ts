import { resourceFor } from './authorization.ts'
import { challengeOf } from './challenge.ts'
import type { ClientProfile } from './clients.ts'
import { type Finding, found } from './finding.ts'
import { leadsOn, type TokenSeen, type Walk } from './walk.ts'
import { objectOf, textOf } from './wire.ts'

/** What the token endpoint says to a code that nobody has issued, and what it gave for one that somebody has. */
export function judgeToken(walk: Walk): readonly Finding[] {
  return [
    ...ofForgedCode(walk),
    ...(walk.loginFault === undefined ? [] : [found('login_failed', { fault: walk.loginFault })]),
    ...(walk.token === undefined ? [] : ofAnswer(walk.token)),
  ]
}

function ofForgedCode({ issuer }: Walk): readonly Finding[] {
  const heard = issuer?.forgedCode
  if (heard === undefined) return []
  const { url } = heard
  if ('fault' in heard) return [found('token_unreachable', { url, fault: heard.fault })]
  const status = String(heard.status)
  if (heard.status < 300) return [found('token_takes_anything', { url })]
  // RFC 6749 §5.2: 400, or 401 for a client that could not prove itself, as JSON.
  if (heard.status !== 400 && heard.status !== 401) return [found('token_wrong_answer', { url, status })]
  const error = textOf(objectOf(heard), 'error')
  if (error === undefined) return [found('token_not_json', { url, status })]
  return error === 'invalid_client' && issuer?.knowsForger === true ? [found('token_public_refused', { url })] : []
}

function ofAnswer({ answer }: TokenSeen): readonly Finding[] {
  if (answer === undefined || 'fault' in answer) return []
  const members = objectOf(answer)
  const findings: Finding[] = []
  // RFC 6749 §5.1
  if (!/no-store/i.test(answer.headers.get('cache-control') ?? '')) findings.push(found('token_answer_cached'))
  if (textOf(members, 'scope') === undefined) findings.push(found('token_no_scope'))
  if (textOf(members, 'refresh_token') === undefined) findings.push(found('token_no_refresh'))
  return findings
}

// Ours: an hour is what most servers give at most.
const longestSeconds = 3600

/** Whether the MCP server takes a token, and whether it is one that it may take. */
export function judgeCall(walk: Walk, profile: ClientProfile): readonly Finding[] {
  const { token, server } = walk
  if (token === undefined) return leadsOn(server) ? [found('call_untried')] : []
  return [...ofClaims(token, walk, profile), ...ofCall(token)]
}

function ofClaims({ claims }: TokenSeen, walk: Walk, profile: ClientProfile): readonly Finding[] {
  if (claims === null) return [found('token_opaque')]
  const findings: Finding[] = []
  const { exp, iat, iss, aud } = claims
  if (typeof exp === 'number' && exp <= walk.nowSeconds) findings.push(found('token_expired'))
  if (typeof exp === 'number' && typeof iat === 'number' && exp - iat > longestSeconds) {
    findings.push(found('token_long', { minutes: String(Math.round((exp - iat) / 60)) }))
  }
  const issuer = walk.issuer?.issuer
  if (issuer !== undefined && iss !== issuer) findings.push(found('token_other_issuer', { says: String(iss), issuer }))
  const audiences = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string')
  const resource = resourceFor(profile, walk.server)
  // RFC 8707 §2, R4: a token for everybody can be carried from one server to the next.
  if (audiences.length === 0) findings.push(found('token_no_audience', { resource }))
  else if (!audiences.includes(resource)) {
    findings.push(found('token_other_audience', { says: audiences.join(', '), resource }))
  }
  return findings
}

function ofCall({ call, tools }: TokenSeen): readonly Finding[] {
  if ('fault' in call) return [found('call_unreachable', { fault: call.fault })]
  const parameters = challengeOf(call).parameters
  const reason = parameters?.get('error_description') ?? parameters?.get('error') ?? '–'
  if (call.status === 401) return [found('call_refused', { reason })]
  if (call.status === 403) return [found('call_forbidden', { scope: parameters?.get('scope') ?? '–' })]
  if (call.status > 299) return [found('call_fails', { status: String(call.status) })]
  return tools === undefined ? [found('no_tools')] : []
}
