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
import type { LoginFault } from './login.ts'
import { endpointOf, firstMembers, issuerOf, lookAtIssuer, lookAtServer, readMetadata } from './look-around.ts'
import { createRegistrar } from './registrar.ts'
import { type Report, reportOf } from './report.ts'
import { knownClient, probe, tryClients } from './try-clients.ts'
import { useToken } from './use-token.ts'
import type { IssuerSeen, ServerSeen, Walk } from './walk.ts'
import { type Ask, createWire, type Heard } from './wire.ts'

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
  readonly login?:
    | ((seen: { ask: Ask; server: ServerSeen; issuer: IssuerSeen }) => Promise<Heard | LoginFault>)
    | undefined
}

/** Examines MCP servers. */
export interface Doctor {
  /** @throws TypeError when the address is no http or https URL */
  examine(examination: Examination): Promise<Report>
}

// Ours: long enough for a provider that has to wake up, short enough for a person who waits at a page.
const budgetMs = 60_000
// Somebody signs in meanwhile.
const loginMs = 5 * 60_000

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

async function walk(
  guardedFetch: GuardedFetch,
  examination: Examination,
  profiles: readonly ClientProfile[],
  clock: Pick<Clock, 'now'>,
): Promise<Walk> {
  const address = serverAddress(examination.address)
  if (address === null) throw new TypeError('the address of an MCP server begins with https:// or http://')
  const wire = createWire(guardedFetch, { budgetMs: examination.login === undefined ? budgetMs : budgetMs + loginMs })
  const server = await lookAtServer(wire.ask, wire.guardedFetch, address)
  const nowSeconds = Math.floor(clock.now().getTime() / 1000)
  const nothing: Walk = {
    ...{ server, nowSeconds, issuer: undefined, trials: new Map(), probes: undefined, loginFault: undefined },
    registration: { isTried: false, dangerous: undefined, leftBehind: [] },
    token: undefined,
  }
  if ('fault' in server.bare && server.documents.length === 0) return nothing
  const named = issuerOf(server)
  const metadata = named === undefined ? [] : await readMetadata(wire.guardedFetch, named)
  const seen = named === undefined ? undefined : { ...emptyIssuer, issuer: named, metadata }
  const endpoint = endpointOf(firstMembers(metadata), 'registration_endpoint')
  const registrar = createRegistrar(wire.ask, endpoint, examination.mayLeaveBehind === true)
  const desk = { ask: wire.ask, registrar, server, givenClientId: examination.clientId }
  const trials = seen === undefined ? new Map() : await tryClients({ ...desk, issuer: seen }, profiles)
  const probes = seen === undefined ? undefined : await probe({ ...desk, issuer: seen }, profiles, trials)
  const isTried = [...trials.values()].some(({ way }) => way === 'registration')
  const dangerous = isTried ? await registrar.registerDanger() : null
  const known = knownClient(profiles, trials)
  const issuer = named === undefined ? undefined : await lookAtIssuer(wire.ask, named, metadata, known)
  // The clients of the walk go before a person is asked; a sign-in has its own.
  const leftBehind = await registrar.cleanUp()
  const answer =
    examination.login === undefined || issuer === undefined
      ? undefined
      : await examination.login({ ask: wire.ask, server, issuer })
  const loginFault = answer !== undefined && 'reason' in answer ? answer.reason : undefined
  return {
    ...nothing,
    ...{ issuer, trials, probes, loginFault },
    registration: { isTried, dangerous: dangerous ?? undefined, leftBehind },
    token: await useToken(wire.ask, address, {
      accessToken: examination.accessToken,
      answer: answer !== undefined && !('reason' in answer) ? answer : undefined,
    }),
  }
}

const emptyIssuer = {
  registrationPreflight: undefined,
  forgedCode: undefined,
  knowsForger: false,
  forgedCodeFromPage: undefined,
}
