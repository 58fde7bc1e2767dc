import { authorizationRequest, covers, isOwnMachine, resourceFor, scopesFor } from './authorization.ts'
import { clientProfiles } from './clients.ts'
import { listenOnLoopback } from './listener.ts'
import { endpointOf, firstMembers } from './look-around.ts'
import { createRegistrar, type Registrar } from './registrar.ts'
import { showing } from './shown.ts'
import { type IssuerSeen, promisesIss, type ServerSeen } from './walk.ts'
import { type Ask, form, type Heard, objectOf, textOf } from './wire.ts'

/** How a sign-in ended. */
export interface SignIn {
  /** Of the token endpoint, with a token in it. */
  readonly answer?: Heard
  /** Why there is none. */
  readonly reason?: string
  /** Takes back what was made for it: the tokens, and the client. @returns ids of clients that stay */
  end(askToRemove: Ask): Promise<readonly string[]>
}

/** What a sign-in begins with. */
export interface LoginPlace {
  readonly ask: Ask
  readonly server: ServerSeen
  readonly issuer: IssuerSeen
  readonly signal?: AbortSignal | undefined
}

/** Signs a person in. Never throws for what the other side does. */
export type Login = (place: LoginPlace) => Promise<SignIn>

/**
 * Signs a person in as a program on this machine does (RFC 8252): listens on loopback, has the person open an address, redeems the code.
 *
 * @param show is told the address to open
 * @param clientId one whose redirects may be on loopback; without it a client is registered, and removed at the end when it can be
 */
export function loginOnLoopback({
  show,
  clientId,
}: {
  readonly show: (url: string) => void
  readonly clientId?: string | undefined
}): Login {
  return async function login({ ask, server, issuer, signal }) {
    const members = firstMembers(issuer.metadata)
    const registrar = createRegistrar(ask, endpointOf(members, 'registration_endpoint'), true)
    const place = { ask, server, issuer, signal, show, clientId, registrar }
    const outcome = await signIn(place).catch(async (error: unknown) => {
      await registrar.cleanUp(ask)
      throw error
    })
    return {
      ...outcome,
      async end(askToRemove) {
        // A client of the person's own keeps what it has: with the token, other connections of it could end.
        if (clientId === undefined) await revoke(askToRemove, members, outcome)
        return registrar.cleanUp(askToRemove)
      },
    }
  }
}

interface SignInPlace extends LoginPlace {
  readonly show: (url: string) => void
  readonly clientId: string | undefined
  readonly registrar: Registrar
}

type Outcome =
  | { readonly answer: Heard; readonly clientId: string }
  | { readonly answer?: never; readonly reason: string; readonly clientId?: never }

async function signIn({ ask, server, issuer, signal, show, clientId, registrar }: SignInPlace): Promise<Outcome> {
  const members = firstMembers(issuer.metadata)
  const [authorize, token] = [endpointOf(members, 'authorization_endpoint'), endpointOf(members, 'token_endpoint')]
  if (authorize === undefined || token === undefined) return { reason: 'there is no endpoint to sign in at' }
  // A person opens it: what is no web page, or one on this machine that a stranger chose, could do anything here.
  if (!mayBeOpened(authorize, issuer.issuer)) return { reason: 'the authorization endpoint is no https address' }
  const [profile] = clientProfiles
  if (profile === undefined) throw new RangeError('there are no profiles')
  const resource = resourceFor(profile, server)
  // RFC 9728 §3.3: the token would be good elsewhere, and this server would be given it.
  if (!covers(resource, server.address)) {
    return { reason: `the document speaks of ${resource}, and a token for that is not given to this server` }
  }
  const listener = await listenOnLoopback(signal)
  try {
    const { redirectUri } = listener
    const id = clientId ?? (await registered(registrar, redirectUri))
    if (id === undefined) return { reason: 'no client could be registered; name one with --client-id' }
    const wish = { endpoint: authorize, clientId: id, redirectUri, resource }
    const request = authorizationRequest({ ...wish, scopes: scopesFor(profile, server, issuer) })
    const answered = listener.answerTo(request.state)
    show(request.url)
    const back = await answered
    if (typeof back === 'string') return { reason: back }
    // RFC 9207 §2.4: an answer of another server.
    const iss = back.get('iss')
    if (iss !== null && iss !== issuer.issuer) {
      return { reason: `the answer comes from ${iss}, not from ${issuer.issuer}` }
    }
    if (iss === null && promisesIss(profile, issuer)) return { reason: 'the answer lacks iss, which was promised' }
    const error = back.get('error')
    if (error !== null) {
      return { reason: [error, back.get('error_description')].filter((one) => one !== null).join(': ') }
    }
    const code = back.get('code') ?? ''
    const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, client_id: id, resource }
    const answer = await ask(token, form({ ...grant, code_verifier: request.codeVerifier }))
    if (textOf(objectOf(answer), 'access_token') !== undefined) return { answer, clientId: id }
    return { reason: showing([code, request.codeVerifier])(reasonOf(answer)) }
  } finally {
    listener.close()
  }
}

/** A20: https; plain http only to a server under development, which says of itself that it is one. */
function mayBeOpened(endpoint: string, issuer: string): boolean {
  const [url, home] = [new URL(endpoint), new URL(issuer)]
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isOwnMachine(url) && isOwnMachine(home))
}

async function registered({ register }: Registrar, redirectUri: string): Promise<string | undefined> {
  const heard = await register({
    registration: {
      client_name: 'Doctor',
      redirect_uris: [redirectUri],
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
    },
  })
  return heard === null ? undefined : textOf(objectOf(heard), 'client_id')
}

/** RFC 7009 §2.1: the refresh token, with which the access token should go; else that one. */
async function revoke(ask: Ask, members: ReturnType<typeof firstMembers>, { answer, clientId }: Outcome) {
  const endpoint = endpointOf(members, 'revocation_endpoint')
  if (answer === undefined || endpoint === undefined) return
  const given = objectOf(answer)
  const token = textOf(given, 'refresh_token') ?? textOf(given, 'access_token')
  if (token !== undefined) await ask(endpoint, form({ token, client_id: clientId }))
}

function reasonOf(answer: Heard): string {
  if ('fault' in answer) return `the token endpoint did not answer (${answer.fault})`
  const members = objectOf(answer)
  const said = [textOf(members, 'error'), textOf(members, 'error_description')].filter((one) => one !== undefined)
  return said.length === 0 ? `the token endpoint answered ${answer.status}` : said.join(': ')
}
