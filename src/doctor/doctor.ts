/**
 * Doctor: what keeps MCP clients from connecting to a server, whoever made it and whoever guards it. It walks a client's way from the
 * first 401 to the first call, as each client of the field would, and names what is wrong in one sentence each, with what to change.
 *
 * Serves no path; the console and the command line call it. It asks servers as a stranger does and stores nothing. What a registered MCP
 * server should say of our own registration is `resources/inspector`'s; both read documents by the same rules.
 */
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'
import { type ClientName, type ClientProfile, clientProfiles } from './clients.ts'
import type { Login } from './login.ts'
import { endpointOf, firstMembers, issuerOf, lookAtIssuer, lookAtServer, readMetadata } from './look-around.ts'
import { createRegistrar } from './registrar.ts'
import { type Report, reportOf } from './report.ts'
import { tryStandIns } from './stand-in.ts'
import { knownClient, probe, tryClients } from './try-clients.ts'
import { useToken } from './use-token.ts'
import { type IssuerSeen, leadsOn, type ServerSeen, type Walk } from './walk.ts'
import { type Ask, createWire, type Wire } from './wire.ts'

/** What is examined. */
export interface Examination {
  /** The address of an MCP server, as a client is given it. */
  readonly address: string
  /** Who is played; everybody when absent. */
  readonly clients?: readonly ClientName[] | undefined
  /** Clients may be registered although they cannot be removed afterwards. */
  readonly mayLeaveBehind?: boolean | undefined
  /** A client that exists at the authorization server, in place of those that would be made. */
  readonly clientId?: string | undefined
  readonly accessToken?: string | undefined
  /** Signs a person in; given by whoever has one at hand. */
  readonly login?: Login | undefined
  /** Aborted, nothing more is tried, and what was registered is removed. */
  readonly signal?: AbortSignal | undefined
}

/** Examines MCP servers. */
export interface Doctor {
  /** @throws TypeError when the address is no http or https URL */
  examine(examination: Examination): Promise<Report>
}

// Ours: long enough for a provider that has to wake up, short enough for a person who waits at a page. The request that is under way
// when it ends has its own deadline.
const walkMs = 45_000
const removalMs = 15_000
// Somebody signs in meanwhile.
const loginMs = 6 * 60_000

/**
 * Makes the doctor.
 *
 * @param guardedFetch one that plays a client (`asClient`); it alone decides which hosts are contacted
 */
export function createDoctor({
  guardedFetch,
  clock,
}: {
  readonly guardedFetch: GuardedFetch
  readonly clock: Pick<Clock, 'now'>
}): Doctor {
  return {
    async examine(examination) {
      const profiles = clientProfiles.filter(({ id }) => examination.clients?.includes(id) ?? true)
      return reportOf(await walk(guardedFetch, examination, profiles, clock), profiles)
    },
  }
}

/** @returns the address without its fragment, or null when clients cannot be given it */
export function serverAddress(text: string): string | null {
  const url = URL.parse(text.trim())
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  url.hash = ''
  // A path-less address has no slash at its end in RFC 8707 identifiers; URLs write one.
  return url.pathname === '/' && url.search === '' ? url.origin : url.href
}

/** An address as it was given, without a name and a password in it: pages and logs keep what they are shown. */
export function withoutCredentials(text: string): string {
  const url = URL.parse(text.trim())
  if (url === null || (url.username === '' && url.password === '')) return text
  url.username = ''
  url.password = ''
  return url.href
}

async function walk(
  guardedFetch: GuardedFetch,
  examination: Examination,
  profiles: readonly ClientProfile[],
  clock: Pick<Clock, 'now'>,
): Promise<Walk> {
  const address = serverAddress(examination.address)
  if (address === null) throw new TypeError('the address of an MCP server begins with https:// or http://')
  const { accessToken, login, signal } = examination
  const wire = createWire(guardedFetch, { budgetMs: walkMs, signal })
  // Has a budget of its own: what was registered is removed even when nothing else is asked any more.
  const removal = () => createWire(guardedFetch, { budgetMs: removalMs }).ask
  const server = await lookAtServer(wire.ask, wire.guardedFetch, address)
  const nothing: Walk = { ...unseen, server, nowSeconds: Math.floor(clock.now().getTime() / 1000) }
  const issuer = leadsOn(server) ? issuerOf(server) : undefined
  if (issuer === undefined) {
    return { ...nothing, token: await useToken(wire.ask, address, { accessToken, answer: undefined }) }
  }
  const seen = await tryEverybody({ wire, server, issuer, removal }, examination, profiles)
  const later = login === undefined ? wire : createWire(guardedFetch, { budgetMs: loginMs, signal })
  // The clients of the walk are gone before a person is asked; a sign-in has its own, which goes after the call.
  const signIn = await login?.({ ask: later.ask, server, issuer: seen.issuer, signal })
  let token: Walk['token']
  let stays: readonly string[] = []
  try {
    token = await useToken(later.ask, address, { accessToken, answer: signIn?.answer })
  } finally {
    stays = (await signIn?.end(removal())) ?? []
  }
  const registration = { ...seen.registration, leftBehind: [...seen.registration.leftBehind, ...stays] }
  return { ...nothing, ...seen, registration, token, loginFault: signIn?.reason }
}

type Tried = Pick<Walk, 'trials' | 'standIns' | 'probes' | 'registration'> & { readonly issuer: IssuerSeen }

/** Plays every client without a person, and takes away what was registered, whatever happens. */
async function tryEverybody(
  place: { readonly wire: Wire; readonly server: ServerSeen; readonly issuer: string; readonly removal: () => Ask },
  { clientId: givenClientId, mayLeaveBehind = false }: Examination,
  profiles: readonly ClientProfile[],
): Promise<Tried> {
  const { server, removal } = place
  const { ask, guardedFetch } = place.wire
  const metadata = await readMetadata(guardedFetch, place.issuer)
  const registrar = createRegistrar(ask, endpointOf(firstMembers(metadata), 'registration_endpoint'), mayLeaveBehind)
  const desk = { ask, registrar, server, givenClientId, issuer: { ...unasked, issuer: place.issuer, metadata } }
  let leftBehind: readonly string[] = []
  const play = async () => {
    const trials = await tryClients(desk, profiles)
    const standIns = await tryStandIns(desk, profiles, trials)
    const probes = await probe(desk, profiles, trials)
    const isTried = [...trials.values()].some(({ way }) => way === 'registration')
    const dangerous = isTried ? ((await registrar.registerDanger()) ?? undefined) : undefined
    const issuer = await lookAtIssuer(ask, place.issuer, metadata, knownClient(profiles, trials))
    return { trials, standIns, probes, isTried, dangerous, issuer }
  }
  const played = await play().finally(async () => {
    leftBehind = await registrar.cleanUp(removal())
  })
  const { isTried, dangerous, ...seen } = played
  return { ...seen, registration: { isTried, dangerous, leftBehind } }
}

const unseen = {
  ...{ issuer: undefined, trials: new Map(), standIns: new Map(), probes: undefined, token: undefined },
  registration: { isTried: false, dangerous: undefined, leftBehind: [] },
  loginFault: undefined,
} satisfies Partial<Walk>

const unasked = {
  registrationPreflight: undefined,
  forgedCode: undefined,
  knowsForger: false,
  forgedCodeFromPage: undefined,
}
