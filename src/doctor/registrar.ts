import { randomSecret } from '../crypto/random.ts'
import type { ClientProfile } from './clients.ts'
import { type Ask, type Heard, isBearerToken, json, objectOf, textOf } from './wire.ts'

/** Registers clients for the walk and takes them away again. */
export interface Registrar {
  /** @returns null when it is not tried */
  register(profile: Pick<ClientProfile, 'registration'>): Promise<Heard | null>
  /** A registration that has to be refused: its redirect runs a script in the browser of whoever consents. */
  registerDanger(): Promise<Heard | null>
  /**
   * Removes what can be removed (RFC 7592 §2.3).
   *
   * @param askToRemove has a budget of its own: a walk that took too long, or was called off, leaves nobody behind
   * @returns the ids of what stays
   */
  cleanUp(askToRemove: Ask): Promise<readonly string[]>
}

/** What is said of a client in the body of a registration. */
export function bodyOf({ registration }: Pick<ClientProfile, 'registration'>): Readonly<Record<string, unknown>> {
  return {
    ...registration,
    // Whoever meets it in a list should know where it came from.
    client_name: `${registration.client_name} (sallyport doctor)`,
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
}

/**
 * Makes the registrar of one walk. It leaves no client behind unless it may: it registers only where the server looks as if clients could be
 * removed, and stops with the first that turns out to stay.
 *
 * @param endpoint of registration; undefined when there is none
 */
export function createRegistrar(ask: Ask, endpoint: string | undefined, mayLeaveBehind: boolean): Registrar {
  const made: { readonly id: string; readonly uri: string | undefined; readonly token: string | undefined }[] = []
  let looksRemovable: Promise<boolean> | undefined

  async function send(body: Readonly<Record<string, unknown>>): Promise<Heard | null> {
    if (endpoint === undefined) return null
    looksRemovable ??= mayLeaveBehind ? Promise.resolve(true) : answersForClients(ask, endpoint)
    if (!(await looksRemovable)) return null
    if (!mayLeaveBehind && made.some(({ uri }) => uri === undefined)) return null
    const heard = await ask(endpoint, json(body))
    const answer = isSuccess(heard) ? objectOf(heard) : null
    const id = textOf(answer, 'client_id')
    if (id !== undefined) made.push({ id, ...managementOf(answer, endpoint) })
    return heard
  }

  return {
    register: (profile) => send(bodyOf(profile)),
    registerDanger: () =>
      send({
        client_name: 'sallyport doctor',
        redirect_uris: ['javascript:alert(1)'],
        token_endpoint_auth_method: 'none',
      }),
    async cleanUp(askToRemove) {
      const left: string[] = []
      for (const { id, uri, token } of made) {
        const isGone =
          uri !== undefined &&
          token !== undefined &&
          isSuccess(await askToRemove(uri, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }))
        if (!isGone) left.push(id)
      }
      return left
    },
  }
}

/** RFC 7592 §2.3: 401 for a client that is not there. Where nothing can be removed, nothing is found, or the method is unknown. */
async function answersForClients(ask: Ask, endpoint: string): Promise<boolean> {
  const nobody = new URL(endpoint)
  // Nothing but the path: `…/items/7?` would make this the removal of something that is there, wherever a stranger points it.
  nobody.search = ''
  nobody.hash = ''
  nobody.pathname = `${nobody.pathname.replace(/\/$/, '')}/${randomSecret()}`
  const heard = await ask(nobody.href, { method: 'DELETE', headers: { authorization: `Bearer ${randomSecret()}` } })
  return !('fault' in heard) && heard.status === 401
}

/** The token of a client is sent to the server that gave it, and nowhere else. */
function managementOf(answer: Readonly<Record<string, unknown>> | null, endpoint: string) {
  const uri = textOf(answer, 'registration_client_uri')
  const isHere = uri !== undefined && URL.parse(uri)?.origin === new URL(endpoint).origin
  const token = isHere ? textOf(answer, 'registration_access_token') : undefined
  // RFC 7591 §3.2.1 says nothing of its form; what is no Bearer token cannot be sent as one.
  return { uri: isHere ? uri : undefined, token: token !== undefined && isBearerToken(token) ? token : undefined }
}

function isSuccess(heard: Heard): boolean {
  return !('fault' in heard) && heard.status >= 200 && heard.status < 300
}
