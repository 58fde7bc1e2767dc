import type { Light } from '../resources/judge.ts'
import { type ClientName, type ClientProfile, clientNames, clientProfiles } from './clients.ts'
import { type Finding, findings, type ReportedFinding, type StepName, stepNames } from './finding.ts'
import { judgeAuthorization } from './judge-authorization.ts'
import { judgeChallenge } from './judge-challenge.ts'
import { judgeCors } from './judge-cors.ts'
import { judgeDocuments } from './judge-documents.ts'
import { judgeMetadata } from './judge-metadata.ts'
import { judgeRegistration } from './judge-registration.ts'
import { judgeCall, judgeToken } from './judge-token.ts'
import { showing, withShownValues } from './shown.ts'
import { type ClientTrial, leadsOn, type Walk } from './walk.ts'

/** What is said of one step, over all clients. */
export interface StepReport {
  readonly step: StepName
  /** `untried`: nothing was found because the step was not reached, or not asked for. */
  readonly light: Light | 'untried'
  readonly findings: readonly ReportedFinding[]
}

/** What is said of one client, over all steps. */
export interface ClientReport {
  readonly client: ClientName
  readonly name: string
  /** Of what was tried: red where the client cannot connect. */
  readonly light: Light
  /** How it makes itself known here. */
  readonly way: ClientTrial['way']
  readonly findings: readonly Finding[]
}

/** What came out of a walk. */
export interface Report {
  readonly address: string
  readonly issuer: string | undefined
  /** Red: something is broken. Amber: it works, not for everyone or not for long. */
  readonly light: Light
  readonly steps: readonly StepReport[]
  readonly clients: readonly ClientReport[]
  /** Clients that were registered and could not be taken away. */
  readonly leftBehind: readonly string[]
}

/** The steps of a client, in order, each with what it judges by. A step knows nothing of the others. */
const steps: Readonly<Record<StepName, (walk: Walk, profile: ClientProfile) => readonly Finding[]>> = {
  challenge: judgeChallenge,
  resource_metadata: judgeDocuments,
  server_metadata: judgeMetadata,
  cors: judgeCors,
  registration: judgeRegistration,
  authorize: judgeAuthorization,
  token: judgeToken,
  call: judgeCall,
}

/** Judges a walk for every client that was played; pure. */
export function reportOf(walk: Walk, profiles: readonly ClientProfile[]): Report {
  // A server that is shown a token may repeat it in its answer.
  const show = showing(walk.token === undefined ? [] : [walk.token.accessToken])
  const byClient = profiles.map((profile) => ({
    profile,
    found: stepNames.flatMap((step) => steps[step](walk, profile)).map((one) => withShownValues(one, show)),
  }))
  const merged = merge(byClient.map(({ profile, found }) => ({ client: profile.id, found })))
  return {
    address: walk.server.address,
    issuer: walk.issuer === undefined ? undefined : show(walk.issuer.issuer),
    light: lightOf(merged),
    steps: stepNames.map((step) => {
      const here = merged.filter(({ code }) => findings[code].step === step)
      const light = lightOf(here)
      return { step, light: light === 'green' && !isReached(step, walk) ? 'untried' : light, findings: here }
    }),
    clients: byClient.map(({ profile, found }) => ({
      client: profile.id,
      name: profile.name,
      light: lightOf(found),
      way: walk.trials.get(profile.id)?.way ?? 'untried',
      findings: found,
    })),
    leftBehind: walk.registration.leftBehind.map(show),
  }
}

/** One thing is said once, with everyone whom it concerns. */
function merge(
  found: readonly { readonly client: ClientName; readonly found: readonly Finding[] }[],
): readonly ReportedFinding[] {
  const merged = new Map<string, { finding: Finding; clients: Set<ClientName> }>()
  for (const { client, found: own } of found) {
    for (const finding of own) {
      // What differs by the name of the client alone is one thing.
      const { client: _name, ...values } = finding.values
      const key = JSON.stringify([finding.code, values])
      const known = merged.get(key) ?? { finding, clients: new Set() }
      known.clients.add(client)
      merged.set(key, known)
    }
  }
  const order = Object.keys(findings)
  return [...merged.values()]
    .map(({ finding, clients }) =>
      forAll(
        finding,
        clientNames.filter((name) => clients.has(name)),
      ),
    )
    .sort((one, other) => order.indexOf(one.code) - order.indexOf(other.code))
}

function forAll({ code, values }: Finding, clients: readonly ClientName[]): ReportedFinding {
  const names = clientProfiles.filter(({ id }) => clients.includes(id)).map(({ name }) => name)
  return { code, values: values.client === undefined ? values : { ...values, client: names.join(', ') }, clients }
}

function lightOf(found: readonly Finding[]): Light {
  const weights = found.map(({ code }) => findings[code].weight)
  if (weights.includes('broken')) return 'red'
  return weights.includes('caution') ? 'amber' : 'green'
}

function isReached(step: StepName, { server, issuer, trials, token }: Walk): boolean {
  switch (step) {
    case 'challenge':
      return true
    case 'resource_metadata':
      return leadsOn(server)
    case 'cors':
      return leadsOn(server) && !('fault' in server.bare)
    case 'server_metadata':
      return issuer !== undefined
    case 'registration':
      return [...trials.values()].some(({ way }) => way !== 'untried')
    case 'authorize':
      return [...trials.values()].some(({ authorized }) => authorized !== undefined)
    case 'token':
      return issuer?.forgedCode !== undefined
    case 'call':
      return token !== undefined
  }
}
