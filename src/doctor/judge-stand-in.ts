import { type Answered, readAnswer } from './authorization.ts'
import type { ClientProfile } from './clients.ts'
import { type Finding, found } from './finding.ts'
import { redirectOf } from './try-clients.ts'
import type { Walk } from './walk.ts'
import { type Heard, objectOf, textOf, textsOf } from './wire.ts'

/** A client whose own document nobody can have before it connects: what was heard in its place. */
export function judgeStandIn({ standIns }: Walk, profile: ClientProfile): readonly Finding[] {
  const client = profile.name
  const standIn = standIns.get(profile.id)
  if (standIn === undefined) return [found('authorize_untried', { client })]
  const { kin, ofKin, registered, authorized } = standIn
  const ofDocument = readAnswer(ofKin, kin.redirectUri)
  if (ofDocument.kind !== 'goes_on') {
    // What is wrong with the resource is said of those who can be tried.
    if (isOfResource(ofDocument)) return [found('authorize_untried', { client })]
    return [found('kin_refused', { client, document: kin.documentUrl, says: wordsOf(ofDocument) })]
  }
  const refused = (says: string) => [
    found('stand_in_refused', { client, says, uris: profile.registration.redirect_uris.join(', ') }),
  ]
  // Closed to strangers, or not tried: that says nothing of documents.
  if (registered === undefined || isClosed(registered)) {
    return [found('kin_passed', { client, document: kin.documentUrl })]
  }
  if (authorized === undefined) return refused(errorOf(registered))
  const kept = textsOf(objectOf(registered), 'redirect_uris') ?? []
  if (profile.registration.redirect_uris.some((uri) => !kept.includes(uri))) return refused(kept.join(', ') || '–')
  const answered = readAnswer(authorized, redirectOf(profile, registered))
  if (answered.kind === 'goes_on') return [found('stand_in_passed', { client, document: kin.documentUrl })]
  return isOfResource(answered) ? [found('authorize_untried', { client })] : refused(wordsOf(answered))
}

function isClosed(registered: Heard): boolean {
  return 'fault' in registered || registered.status === 401 || registered.status === 403
}

/** RFC 8707 §2 */
function isOfResource(answered: Answered): boolean {
  return answered.kind === 'error'
    ? answered.error === 'invalid_target'
    : answered.kind === 'fails' && answered.namesTarget
}

function wordsOf(answered: Answered): string {
  switch (answered.kind) {
    case 'goes_on':
      return '–'
    case 'silent':
      return answered.fault
    case 'fails':
      return String(answered.status)
    case 'error':
      return answered.description === '' ? answered.error : `${answered.error}: ${answered.description}`
  }
}

function errorOf(registered: Heard): string {
  const members = objectOf(registered)
  const said = [textOf(members, 'error'), textOf(members, 'error_description')].filter((one) => one !== undefined)
  return said.join(': ') || ('fault' in registered ? registered.fault : String(registered.status))
}
