import { createServer } from 'node:http'
import { authorizationRequest, resourceFor, scopesFor } from './authorization.ts'
import { clientProfiles } from './clients.ts'
import { endpointOf, firstMembers } from './look-around.ts'
import { createRegistrar } from './registrar.ts'
import type { IssuerSeen, ServerSeen } from './walk.ts'
import { type Ask, form, type Heard, objectOf, textOf } from './wire.ts'

/** Why nobody signed in. */
export interface LoginFault {
  readonly reason: string
}

// Ours: who has to find a second factor needs a while.
const patienceMs = 5 * 60_000

/**
 * Signs a person in as a program on this machine does (RFC 8252): listens on loopback, has the person open an address, redeems the code.
 *
 * @param show is told the address to open
 * @param clientId one whose redirects may be on loopback; without it a client is registered, and removed when it can be
 * @returns the answer of the token endpoint, or why there is none
 */
export function loginOnLoopback({
  show,
  clientId,
}: {
  readonly show: (url: string) => void
  readonly clientId?: string | undefined
}): (seen: { ask: Ask; server: ServerSeen; issuer: IssuerSeen }) => Promise<Heard | LoginFault> {
  return async function login({ ask, server, issuer }) {
    const members = firstMembers(issuer.metadata)
    const [authorize, token] = [endpointOf(members, 'authorization_endpoint'), endpointOf(members, 'token_endpoint')]
    if (authorize === undefined || token === undefined) return { reason: 'there is no endpoint to sign in at' }
    const listener = await listen()
    const registrar = createRegistrar(ask, endpointOf(members, 'registration_endpoint'), true)
    try {
      const id = clientId ?? (await registered(registrar.register, listener.redirectUri))
      if (id === undefined) return { reason: 'no client could be registered; name one with --client-id' }
      const [profile] = clientProfiles
      if (profile === undefined) throw new RangeError('there are no profiles')
      const resource = resourceFor(profile, server)
      const wish = { endpoint: authorize, clientId: id, redirectUri: listener.redirectUri, resource }
      const request = authorizationRequest({ ...wish, scopes: scopesFor(profile, server, issuer) })
      show(request.url)
      const back = await listener.answer
      if (back === undefined) return { reason: 'nobody came back within five minutes' }
      const error = back.get('error')
      if (error !== null)
        return { reason: [error, back.get('error_description')].filter((one) => one !== null).join(': ') }
      if (back.get('state') !== request.state) return { reason: 'the answer has another state than the request' }
      // RFC 9207 §2.4: an answer of another server.
      const iss = back.get('iss')
      if (iss !== null && iss !== issuer.issuer)
        return { reason: `the answer comes from ${iss}, not from ${issuer.issuer}` }
      const answer = await ask(
        token,
        form({
          grant_type: 'authorization_code',
          code: back.get('code') ?? '',
          redirect_uri: listener.redirectUri,
          client_id: id,
          code_verifier: request.codeVerifier,
          resource,
        }),
      )
      return textOf(objectOf(answer), 'access_token') === undefined ? { reason: reasonOf(answer) } : answer
    } finally {
      listener.close()
      await registrar.cleanUp()
    }
  }
}

async function registered(
  register: ReturnType<typeof createRegistrar>['register'],
  redirectUri: string,
): Promise<string | undefined> {
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

interface Listener {
  readonly redirectUri: string
  /** The query of the answer; undefined when nobody came. */
  readonly answer: Promise<URLSearchParams | undefined>
  close(): void
}

async function listen(): Promise<Listener> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const redirectUri = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/callback`
  const answer = new Promise<URLSearchParams | undefined>((resolve) => {
    const patience = setTimeout(() => resolve(undefined), patienceMs)
    server.on('close', () => clearTimeout(patience))
    server.on('request', (request, response) => {
      const url = URL.parse(request.url ?? '', redirectUri)
      if (url?.pathname !== '/callback') return void response.writeHead(404).end()
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
      response.end('Signed in. You may close this page.\n', () => resolve(url.searchParams))
    })
  })
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { redirectUri, answer, close }
}

function reasonOf(answer: Heard): string {
  if ('fault' in answer) return `the token endpoint did not answer (${answer.fault})`
  const members = objectOf(answer)
  const said = [textOf(members, 'error'), textOf(members, 'error_description')].filter((one) => one !== undefined)
  return said.length === 0 ? `the token endpoint answered ${answer.status}` : said.join(': ')
}
