import type { ClientProfile } from './clients.ts'
import { type Finding, found } from './finding.ts'
import { comesWithDocument } from './try-clients.ts'
import { type ClientTrial, membersOf, metadataOf, type Walk } from './walk.ts'
import { type Heard, objectOf, textOf, textsOf } from './wire.ts'

/** How this client makes itself known: RFC 7591, or a client ID metadata document. */
export function judgeRegistration(walk: Walk, profile: ClientProfile): readonly Finding[] {
  const trial = walk.trials.get(profile.id)
  if (walk.issuer === undefined || trial === undefined) return []
  const members = membersOf(metadataOf(profile, walk.issuer)?.document)
  if (members === null || trial.way === 'given') return []
  const findings = ofTrial(trial, profile)
  const hasDocument = profile.document !== undefined
  if (trial.way !== 'none' && hasDocument && !comesWithDocument(profile, members)) {
    findings.push(found('no_documents', { client: profile.name }))
  }
  return [...findings, ...ofAll(walk, profile)]
}

function ofTrial({ way, registered }: ClientTrial, profile: ClientProfile): Finding[] {
  const client = profile.name
  if (way === 'none') return [found('no_way_in', { client })]
  if (way === 'untried') return [found('registration_untried')]
  return registered === undefined ? [] : ofAnswer(registered, profile)
}

function ofAnswer(registered: Heard, profile: ClientProfile): Finding[] {
  const client = profile.name
  if ('fault' in registered)
    return [found('registration_unreachable', { url: registered.url, fault: registered.fault })]
  const { status } = registered
  if (status === 401 || status === 403) return [found('registration_closed', { status: String(status) })]
  const answer = objectOf(registered)
  // A27: HTML in place of JSON ends the sign-in of some clients without a word.
  if (answer === null) return [found('registration_not_json', { url: registered.url, status: String(status) })]
  const id = textOf(answer, 'client_id')
  if (status > 299 || id === undefined) {
    const error = [textOf(answer, 'error'), textOf(answer, 'error_description')].filter((one) => one !== undefined)
    return [found('registration_refused', { client, error: error.join(': ').slice(0, 300) || String(status) })]
  }
  const findings: Finding[] = []
  const kept = textsOf(answer, 'redirect_uris')
  const lost = profile.registration.redirect_uris.filter((uri) => kept?.includes(uri) !== true)
  // RFC 7591 §3.2.1: everything that was registered comes back. Clients read it by a schema that demands it.
  if (lost.length > 0) findings.push(found('registration_no_echo', { client, uris: lost.join(', ') }))
  const method = textOf(answer, 'token_endpoint_auth_method') ?? 'none'
  if (method !== 'none') findings.push(found('registration_secret', { client, method }))
  if (textsOf(answer, 'grant_types')?.includes('refresh_token') === false) {
    findings.push(found('registration_no_refresh', { client }))
  }
  return findings
}

/** What was seen once, and concerns whoever registers. */
function ofAll({ registration, trials }: Walk, profile: ClientProfile): readonly Finding[] {
  const { isTried, dangerous, leftBehind } = registration
  const registers = trials.get(profile.id)?.way === 'registration'
  const isDangerous = dangerous !== undefined && !('fault' in dangerous) && dangerous.status < 300
  // Where nobody who is played registers, it is the client of the sign-in, or one that stood in for another.
  const concernsIt = registers || !isTried
  return [
    ...(registers && isDangerous ? [found('registration_dangerous')] : []),
    ...(concernsIt && leftBehind.length > 0 ? [found('left_behind', { ids: leftBehind.join(', ') })] : []),
  ]
}
