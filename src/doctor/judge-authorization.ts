import { type Answered, comesBackTo, readAnswer, resourceFor } from './authorization.ts'
import type { ClientProfile } from './clients.ts'
import { type Finding, found } from './finding.ts'
import { locationOf } from './judge-challenge.ts'
import { judgeStandIn } from './judge-stand-in.ts'
import { nowhere, redirectOf } from './try-clients.ts'
import { type ClientTrial, type Probes, promisesIss, type Walk } from './walk.ts'

/** What the authorization endpoint says to this client's request while nobody is signed in, and whether it refuses what it must. */
export function judgeAuthorization(walk: Walk, profile: ClientProfile): readonly Finding[] {
  const trial = walk.trials.get(profile.id)
  if (trial === undefined || walk.issuer === undefined) return []
  if (trial.authorized === undefined) {
    // Why there is none was said before.
    return trial.way === 'document' && trial.clientId === undefined ? judgeStandIn(walk, profile) : []
  }
  const redirectUri = redirectOf(profile, trial.registered)
  const answered = readAnswer(trial.authorized, redirectUri)
  const iss = { issuer: walk.issuer.issuer, isPromised: promisesIss(profile, walk.issuer) }
  return [
    ...ofAnswer(answered, trial, walk, profile),
    ...ofLater(trial, profile),
    ...ofIss(answered, iss),
    ...(answered.kind === 'goes_on' && walk.probes !== undefined ? ofProbes(walk.probes, iss) : []),
  ]
}

function ofAnswer(answered: Answered, trial: ClientTrial, walk: Walk, profile: ClientProfile): readonly Finding[] {
  const client = profile.name
  const resource = resourceFor(profile, walk.server)
  const document = trial.way === 'document' ? (trial.clientId ?? '') : undefined
  switch (answered.kind) {
    case 'goes_on':
      return []
    case 'silent':
      return [found('authorize_unreachable', { fault: answered.fault })]
    case 'fails': {
      const values = { client, status: String(answered.status) }
      if (answered.namesTarget) return [found('resource_refused', { resource, description: 'invalid_target' })]
      return [
        document === undefined ? found('authorize_fails', values) : found('document_refused', { ...values, document }),
      ]
    }
    case 'error': {
      const { error, description } = answered
      if (error === 'invalid_target')
        return [found('resource_refused', { resource, description: description || error })]
      if (document !== undefined && error === 'invalid_client') {
        return [found('document_refused', { client, status: error, document })]
      }
      return [found('authorize_error', { client, error: description === '' ? error : `${error}: ${description}` })]
    }
  }
}

/** RFC 8252 §7.3: on loopback any port counts as registered. */
function ofLater(trial: ClientTrial, profile: ClientProfile): readonly Finding[] {
  const { authorizedLater } = trial
  const redirectUri = profile.laterRedirectUri
  if (authorizedLater === undefined || redirectUri === undefined) return []
  const { kind } = readAnswer(authorizedLater, redirectUri)
  return kind === 'fails' || kind === 'error' ? [found('loopback_port', { client: profile.name })] : []
}

interface IssRule {
  readonly issuer: string
  readonly isPromised: boolean
}

/** RFC 9207 §2.4: promised and missing, or of somebody else: a client must not go on. */
function ofIss(answered: Answered, { issuer, isPromised }: IssRule): readonly Finding[] {
  if (answered.kind !== 'error' || !answered.isBack) return []
  if (answered.issuer === undefined) return isPromised ? [found('iss_missing')] : []
  return answered.issuer === issuer ? [] : [found('iss_other', { says: answered.issuer, issuer })]
}

function ofProbes(
  { redirectUri, unknownRedirect, unknownResource, withoutPkce }: Probes,
  iss: IssRule,
): readonly Finding[] {
  const findings: Finding[] = []
  const target = URL.parse(locationOf(unknownRedirect), 'fault' in unknownRedirect ? undefined : unknownRedirect.url)
  const isRedirect = !('fault' in unknownRedirect) && unknownRedirect.status >= 300 && unknownRedirect.status < 400
  if (isRedirect && target !== null && comesBackTo(target, nowhere)) findings.push(found('open_redirector'))
  else if (isRedirect && target !== null && !/error/i.test(target.href)) findings.push(found('redirect_unchecked'))
  const [resource, pkce] = [readAnswer(unknownResource, redirectUri), readAnswer(withoutPkce, redirectUri)]
  if (resource.kind === 'goes_on') findings.push(found('resource_ignored'))
  if (pkce.kind === 'goes_on') findings.push(found('pkce_optional'))
  return [...findings, ...ofIss(resource, iss), ...ofIss(pkce, iss)].filter(
    (one, at, all) => all.findIndex(({ code }) => code === one.code) === at,
  )
}
