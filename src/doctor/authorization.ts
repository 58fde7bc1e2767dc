import { sha256Base64url } from '../crypto/digest.ts'
import { randomSecret } from '../crypto/random.ts'
import type { ClientProfile } from './clients.ts'
import { documentOf, type IssuerSeen, membersOf, metadataOf, type ServerSeen } from './walk.ts'
import { type Heard, textOf, textsOf } from './wire.ts'

/** An authorization request, and what a client keeps of it. */
export interface AuthorizationRequest {
  readonly url: string
  readonly state: string
  readonly codeVerifier: string
}

/** What a client asks for. */
export interface Wish {
  readonly endpoint: string
  readonly clientId: string
  readonly redirectUri: string
  readonly resource: string
  readonly scopes: readonly string[]
}

/** Makes the request (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2). @param left out, for requests that have to be refused */
export function authorizationRequest(
  wish: Wish,
  { withoutPkce = false }: { readonly withoutPkce?: boolean } = {},
): AuthorizationRequest {
  const codeVerifier = randomSecret()
  const state = randomSecret()
  const url = new URL(wish.endpoint)
  const parameters: Readonly<Record<string, string>> = {
    response_type: 'code',
    client_id: wish.clientId,
    redirect_uri: wish.redirectUri,
    state,
    resource: wish.resource,
    ...(wish.scopes.length === 0 ? {} : { scope: wish.scopes.join(' ') }),
    ...(withoutPkce
      ? {}
      : {
          code_challenge: sha256Base64url(codeVerifier),
          code_challenge_method: 'S256',
        }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return { url: url.href, state, codeVerifier }
}

/** The resource that a client names: what the document says, letter by letter, else the address. */
export function resourceFor(profile: ClientProfile, server: ServerSeen): string {
  return textOf(membersOf(documentOf(profile, server)?.document), 'resource') ?? server.address
}

/** Whether a resource is this server, or a path above it. RFC 9728 §3.3: a document of another one must not be used. */
export function covers(resource: string, address: string): boolean {
  const [named, here] = [URL.parse(resource), new URL(address)]
  if (named === null || named.origin !== here.origin || named.search !== here.search || named.hash !== '') return false
  const [above, path] = [named.pathname.replace(/\/$/, ''), here.pathname.replace(/\/$/, '')]
  return above === path || path.startsWith(`${above}/`)
}

/** A20: https, or a server under development on this machine. */
export function isHttps(address: string): boolean {
  const url = URL.parse(address)
  if (url === null) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isOwnMachine(url))
}

/** The names and addresses of this machine to itself. */
export function isOwnMachine({ hostname }: Pick<URL, 'hostname'>): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$|\.localhost$/.test(hostname)
}

/** The scopes that a client asks for first: of the challenge, else all of the document; some look elsewhere. */
export function scopesFor(profile: ClientProfile, server: ServerSeen, issuer: IssuerSeen): readonly string[] {
  const listed = textsOf(membersOf(documentOf(profile, server)?.document), 'scopes_supported') ?? []
  switch (profile.scopes) {
    case 'none':
      return []
    case 'server':
      return textsOf(membersOf(metadataOf(profile, issuer)?.document), 'scopes_supported') ?? listed
    case 'resource': {
      const challenged = (server.challenge.parameters?.get('scope') ?? '').split(' ').filter((name) => name !== '')
      return challenged.length > 0 ? challenged : listed
    }
  }
}

/** What an authorization endpoint did with somebody who is not signed in. */
export type Answered =
  | { readonly kind: 'goes_on'; readonly to: string | undefined }
  | {
      readonly kind: 'error'
      readonly error: string
      readonly description: string
      readonly issuer: string | undefined
      readonly isBack: boolean
    }
  | { readonly kind: 'fails'; readonly status: number; readonly namesTarget: boolean }
  | { readonly kind: 'silent'; readonly fault: string }

/** Reads the answer to an authorization request: on to a page, back to the client with an error, or a failure. */
export function readAnswer(heard: Heard, redirectUri: string): Answered {
  if ('fault' in heard) return { kind: 'silent', fault: heard.fault }
  // An error page of the server's own may still say the word of RFC 8707 §2.
  const failure = { kind: 'fails', status: heard.status, namesTarget: /\binvalid_target\b/.test(heard.text) } as const
  const location = heard.headers.get('location')
  const isRedirect = heard.status >= 300 && heard.status < 400 && location !== null
  if (!isRedirect) return heard.status < 400 ? { kind: 'goes_on', to: undefined } : failure
  const target = URL.parse(location, heard.url)
  if (target === null) return failure
  const isBack = comesBackTo(target, redirectUri)
  const error = target.searchParams.get('error')
  if (error === null) return { kind: 'goes_on', to: target.href }
  const description = target.searchParams.get('error_description') ?? ''
  return { kind: 'error', error, description, issuer: target.searchParams.get('iss') ?? undefined, isBack }
}

/** Is this address the redirect URI, with parameters added? */
export function comesBackTo(target: URL, redirectUri: string): boolean {
  const own = URL.parse(redirectUri)
  return (
    own !== null &&
    own.protocol === target.protocol &&
    own.host === target.host &&
    own.pathname.replace(/\/$/, '') === target.pathname.replace(/\/$/, '')
  )
}
