import { readAnswer } from './authorization.ts'
import { type ClientName, type ClientProfile, clientProfiles, documentUrlOf } from './clients.ts'
import { redirectOf, requestAs, type TrialDesk } from './try-clients.ts'
import type { ClientTrial, StandIn } from './walk.ts'
import { objectOf, textOf } from './wire.ts'

/**
 * Tries what can be tried of clients that come with a document which nobody can know before: whether the server takes another document of
 * the same host, and whether it lets in a registration with the same redirect URIs. After everybody else: where clients turn out to
 * stay, those that really register come first.
 */
export async function tryStandIns(
  desk: TrialDesk,
  profiles: readonly ClientProfile[],
  trials: ReadonlyMap<ClientName, ClientTrial>,
): Promise<ReadonlyMap<ClientName, StandIn>> {
  const standIns = new Map<ClientName, StandIn>()
  for (const profile of profiles) {
    const trial = trials.get(profile.id)
    if (trial?.way !== 'document' || trial.clientId !== undefined) continue
    const standIn = await tryStandIn(desk, profile, trials)
    if (standIn !== undefined) standIns.set(profile.id, standIn)
  }
  return standIns
}

async function tryStandIn(
  desk: TrialDesk,
  profile: ClientProfile,
  trials: ReadonlyMap<ClientName, ClientTrial>,
): Promise<StandIn | undefined> {
  const { document } = profile
  const kin = clientProfiles.find(({ id }) => document !== undefined && 'kin' in document && document.kin === id)
  const documentUrl = kin === undefined ? undefined : documentUrlOf(kin)
  if (kin === undefined || documentUrl === undefined) return undefined
  // Played itself, it was heard already.
  const ofKin =
    trials.get(kin.id)?.authorized ??
    (await requestAs(desk, kin, { clientId: documentUrl, redirectUri: kin.redirectUri }))
  if (ofKin === undefined) return undefined
  const { redirectUri } = kin
  const seen = { kin: { documentUrl, redirectUri }, ofKin, registered: undefined, authorized: undefined }
  if (readAnswer(ofKin, redirectUri).kind !== 'goes_on') return seen
  const registered = (await desk.registrar.register(profile)) ?? undefined
  const clientId = registered === undefined ? undefined : textOf(objectOf(registered), 'client_id')
  const known = { clientId: clientId ?? '', redirectUri: redirectOf(profile, registered) }
  const authorized = clientId === undefined ? undefined : await requestAs(desk, profile, known)
  return { ...seen, registered, authorized }
}
