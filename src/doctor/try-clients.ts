import { authorizationRequest, readAnswer, resourceFor, scopesFor } from './authorization.ts'
import { type ClientName, type ClientProfile, documentUrlOf } from './clients.ts'
import { endpointOf } from './look-around.ts'
import type { Registrar } from './registrar.ts'
import { type ClientTrial, type IssuerSeen, membersOf, metadataOf, type Probes, type ServerSeen } from './walk.ts'
import { type Ask, type Heard, objectOf, textOf, textsOf } from './wire.ts'

/** What the trials of clients stand on. */
export interface TrialDesk {
  readonly ask: Ask
  readonly registrar: Registrar
  readonly server: ServerSeen
  readonly issuer: IssuerSeen
  /** A client that exists already; it is used for every profile. */
  readonly givenClientId: string | undefined
}

/** Makes each client known in its own way and sends its authorization request, without a person behind it. */
export async function tryClients(
  desk: TrialDesk,
  profiles: readonly ClientProfile[],
): Promise<ReadonlyMap<ClientName, ClientTrial>> {
  const trials = new Map<ClientName, ClientTrial>()
  // One after the other: a server that cannot remove clients is asked to make one at most.
  for (const profile of profiles) trials.set(profile.id, await tryClient(desk, profile))
  return trials
}

async function tryClient(desk: TrialDesk, profile: ClientProfile): Promise<ClientTrial> {
  const { way, clientId, registered } = await introduce(desk, profile)
  const untold = { way, clientId, registered, authorized: undefined, authorizedLater: undefined }
  const redirectUri = redirectOf(profile, registered)
  const authorized = clientId === undefined ? undefined : await requestAs(desk, profile, { clientId, redirectUri })
  if (clientId === undefined || authorized === undefined) return untold
  const isIn = readAnswer(authorized, redirectUri).kind === 'goes_on'
  const later = isIn ? profile.laterRedirectUri : undefined
  const authorizedLater =
    later === undefined ? undefined : await requestAs(desk, profile, { clientId, redirectUri: later })
  return { ...untold, authorized, authorizedLater }
}

/** Sends a client's authorization request. @returns undefined when it finds no endpoint */
export async function requestAs(
  { ask, server, issuer }: TrialDesk,
  profile: ClientProfile,
  known: { readonly clientId: string; readonly redirectUri: string },
): Promise<Heard | undefined> {
  const endpoint = endpointOf(membersOf(metadataOf(profile, issuer)?.document), 'authorization_endpoint')
  if (endpoint === undefined) return undefined
  const [resource, scopes] = [resourceFor(profile, server), scopesFor(profile, server, issuer)]
  return ask(authorizationRequest({ ...known, endpoint, resource, scopes }).url, asPage)
}

const asPage = { headers: { accept: 'text/html,application/xhtml+xml' } }

async function introduce(
  { registrar, issuer, givenClientId }: TrialDesk,
  profile: ClientProfile,
): Promise<Pick<ClientTrial, 'way' | 'clientId' | 'registered'>> {
  const nothing = { clientId: undefined, registered: undefined }
  if (givenClientId !== undefined) return { way: 'given', clientId: givenClientId, registered: undefined }
  const members = membersOf(metadataOf(profile, issuer)?.document)
  if (members === null) return { way: 'untried', ...nothing }
  if (comesWithDocument(profile, members)) {
    return { way: 'document', clientId: documentUrlOf(profile), registered: undefined }
  }
  if (endpointOf(members, 'registration_endpoint') === undefined) return { way: 'none', ...nothing }
  const registered = await registrar.register(profile)
  if (registered === null) return { way: 'untried', ...nothing }
  const isMade = !('fault' in registered) && registered.status < 300
  return { way: 'registration', clientId: isMade ? textOf(objectOf(registered), 'client_id') : undefined, registered }
}

/** Whether a client comes with its document here: it needs to be told that it may, and one of them also that no secret is needed. */
export function comesWithDocument(
  { document }: ClientProfile,
  metadata: Readonly<Record<string, unknown>> | null,
): boolean {
  if (document === undefined || metadata?.client_id_metadata_document_supported !== true) return false
  const methods = textsOf(metadata, 'token_endpoint_auth_methods_supported') ?? []
  return !document.needsNone || methods.includes('none')
}

/** The redirect URI that a client uses: its own, unless the server kept others. */
export function redirectOf({ redirectUri }: ClientProfile, registered: Heard | undefined): string {
  const kept = registered === undefined ? undefined : textsOf(objectOf(registered), 'redirect_uris')
  return kept === undefined || kept.includes(redirectUri) ? redirectUri : (kept[0] ?? redirectUri)
}

/** The first client that the server knows for sure: it took its registration, or let its request in. */
export function knownClient(
  profiles: readonly ClientProfile[],
  trials: ReadonlyMap<ClientName, ClientTrial>,
): { readonly clientId: string; readonly redirectUri: string } | undefined {
  for (const profile of profiles) {
    const { way, clientId, registered, authorized } = trials.get(profile.id) ?? {}
    if (clientId === undefined) continue
    const redirectUri = redirectOf(profile, registered)
    const isLetIn = authorized !== undefined && readAnswer(authorized, redirectUri).kind === 'goes_on'
    if (way === 'registration' || isLetIn) return { clientId, redirectUri }
  }
  return undefined
}

/** Sends what has to be refused, as the first client whose own request was let in. */
export async function probe(
  desk: TrialDesk,
  profiles: readonly ClientProfile[],
  trials: ReadonlyMap<ClientName, ClientTrial>,
): Promise<Probes | undefined> {
  for (const profile of profiles) {
    const trial = trials.get(profile.id)
    const endpoint = endpointOf(membersOf(metadataOf(profile, desk.issuer)?.document), 'authorization_endpoint')
    if (trial?.authorized === undefined || trial.clientId === undefined || endpoint === undefined) continue
    const redirectUri = redirectOf(profile, trial.registered)
    if (readAnswer(trial.authorized, redirectUri).kind !== 'goes_on') continue
    const { resource, scopes } = {
      resource: resourceFor(profile, desk.server),
      scopes: scopesFor(profile, desk.server, desk.issuer),
    }
    const wish = { endpoint, clientId: trial.clientId, redirectUri, resource, scopes }
    const send = (changes: Partial<typeof wish>, options = {}) =>
      desk.ask(authorizationRequest({ ...wish, ...changes }, options).url, asPage)
    const [unknownRedirect, unknownResource, withoutPkce] = await Promise.all([
      send({ redirectUri: nowhere }),
      send({ resource: 'https://doctor.invalid/mcp' }),
      send({}, { withoutPkce: true }),
    ])
    return { redirectUri, unknownRedirect, unknownResource, withoutPkce }
  }
  return undefined
}

/** RFC 2606 §2: a name that nobody can have. */
export const nowhere = 'https://doctor.invalid/callback'
