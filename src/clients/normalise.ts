import { invalidClientMetadata, invalidRedirectUri, OAuthError } from '../oauth/errors.ts'
import { checkRedirectUri } from '../oauth/redirect-uri.ts'
import { assertionAlgs, chooseAuthMethod } from './auth-method.ts'
import { checkClaimedKeys } from './claimed-keys.ts'
import { checkClaimedUri, isLocalHttp } from './claimed-uri.ts'
import type { ClientOrigin } from './client.ts'
import type { ClientMetadata, GrantType } from './metadata.ts'
import { Said } from './said.ts'
import { hasSecretMark } from './secret.ts'

/** Error codes of RFC 7591 §3.2.2. */
export type MetadataError =
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement'

/** The metadata as we keep it, or why not. */
export type NormalisedMetadata =
  | { readonly ok: true; readonly metadata: ClientMetadata }
  | { readonly ok: false; readonly error: MetadataError; readonly description: string }

export interface NormaliseOptions {
  readonly origin: ClientOrigin
  /** Hosts that the operator lets us reach although they are internal. */
  readonly internalHosts?: readonly string[]
}

const maximumUris = 10
const maximumEntries = 100

/**
 * The one normaliser of what clients say of themselves, for registrations, their updates, metadata documents and operators' input.
 * It forgives what real clients send and nobody suffers from (empty strings, grants we do not have, a missing application type), and
 * refuses what could deceive or attack. The result holds listed members only: a chosen `client_id`, `client_secret`, `skip_consent` or
 * `__proto__` has no way through; `scope` is left out because it would only narrow what people may allow later.
 *
 * @param input parsed JSON
 * @see RFC 7591 §2
 */
export function normaliseClientMetadata(input: unknown, options: NormaliseOptions): NormalisedMetadata {
  try {
    return { ok: true, metadata: normalise(new Said(input), options) }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return { ok: false, error: metadataError(error.code), description: error.description }
  }
}

function normalise(said: Said, { origin, internalHosts }: NormaliseOptions): ClientMetadata {
  refuseStatementsAndSecrets(said, origin)
  const grants = chooseGrants(said, origin)
  const asksPeople = grants.includes('authorization_code')
  const uris = asksPeople || said.has('redirect_uris') ? checkRedirectUris(said) : []
  const native = isNative(said, uris)
  if (native) refuseLocalHttps(uris)

  const uri = (member: string, use: 'shown' | 'fetched' = 'shown') => {
    const text = said.text(member)
    if (text === undefined || (member === 'client_uri' && isLocalHttp(text))) return undefined
    // An operator knows where the keys of a client lie; a stranger must not send us anywhere inside (D04).
    const fetched = use === 'fetched' && origin !== 'operator' ? 'fetched' : 'shown'
    return checkClaimedUri(text, member, { use: fetched, internalHosts })
  }
  const jwksUri = uri('jwks_uri', 'fetched')
  const jwks = said.has('jwks') ? checkClaimedKeys(said.value('jwks')) : undefined
  if (jwks !== undefined && jwksUri !== undefined) throw invalidClientMetadata('jwks and jwks_uri exclude each other')
  const method = chooseAuthMethod(origin, {
    preferred: said.text('token_endpoint_auth_method'),
    offered: said.texts('token_endpoint_auth_methods_supported', maximumEntries),
    hasKeys: jwks !== undefined || jwksUri !== undefined,
  })
  if (method === 'none' && grants.includes('client_credentials')) {
    throw invalidClientMetadata('client_credentials needs a client that can prove itself')
  }
  uri('initiate_login_uri') // Checked although nothing uses it: a bad one betrays a bad client (D03).

  return defined<ClientMetadata>({
    redirect_uris: uris,
    application_type: native ? 'native' : 'web',
    grant_types: grants,
    response_types: asksPeople ? ['code'] : [],
    token_endpoint_auth_method: method,
    token_endpoint_auth_signing_alg: method === 'private_key_jwt' ? signingAlg(said) : undefined,
    jwks,
    jwks_uri: jwksUri,
    client_name: said.clean('client_name'),
    client_uri: uri('client_uri'),
    logo_uri: uri('logo_uri'),
    tos_uri: uri('tos_uri'),
    policy_uri: uri('policy_uri'),
    contacts: contacts(said),
    software_id: said.clean('software_id'),
    software_version: said.clean('software_version'),
    post_logout_redirect_uris: postLogoutRedirectUris(said),
  })
}

function refuseStatementsAndSecrets(said: Said, origin: ClientOrigin): void {
  if (said.has('software_statement')) {
    // RFC 7591 §3.2.2: none is trusted here, and an unchecked one must not look as if it had counted
    const isJwt = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(String(said.value('software_statement')))
    throw isJwt
      ? new OAuthError('unapproved_software_statement', 400, 'software statements are not used here; leave it out')
      : new OAuthError('invalid_software_statement', 400, 'software_statement is not a JWT')
  }
  if (origin === 'document' && (said.mentions('client_secret') || said.mentions('client_secret_expires_at'))) {
    throw invalidClientMetadata('a metadata document must not hold a client secret')
  }
  if (hasSecretMark(said.value('client_secret')))
    throw invalidClientMetadata('client_secret must not begin with sha256:')
}

function chooseGrants(said: Said, origin: ClientOrigin): readonly GrantType[] {
  const wanted = said.texts('grant_types', maximumEntries)
  const responseTypes = said.texts('response_types', maximumEntries)
  const takesCode = responseTypes.length === 0 || responseTypes.includes('code')
  const grants: GrantType[] = []
  if (takesCode && (wanted.length === 0 || wanted.includes('authorization_code'))) {
    // By policy every client that asks people may stay connected; whether it does, the person decides (O9, O11).
    grants.push('authorization_code', 'refresh_token')
  }
  // ASVS 10.4.4: machine access is given by an operator, never taken
  if (origin === 'operator' && wanted.includes('client_credentials')) grants.push('client_credentials')
  if (grants.length === 0) {
    throw invalidClientMetadata(
      'nothing that this client asks for can be granted: use authorization_code with response type code',
    )
  }
  return grants
}

function checkRedirectUris(said: Said): readonly string[] {
  const value = said.value('redirect_uris')
  if (value === undefined) throw invalidRedirectUri('redirect_uris must hold at least one URI')
  if (!Array.isArray(value)) throw invalidRedirectUri('redirect_uris must be an array of URIs')
  if (value.length > maximumUris) throw invalidRedirectUri(`redirect_uris must not hold more than ${maximumUris} URIs`)
  // All or nothing: a client whose bad URI was dropped in silence would fail later, where nobody can tell it why.
  const uris = value.map((text: unknown) => {
    if (typeof text !== 'string') throw invalidRedirectUri('redirect_uris must be an array of URIs')
    const check = checkRedirectUri(text)
    if (!check.ok) throw invalidRedirectUri(`redirect_uris: ${quote(text)} is not acceptable: ${check.reason}`)
    return check.uri
  })
  return [...new Set(uris)]
}

/** RFC 8252 §7: programs on a computer are native whatever they say; only then may their port vary (O4, O5). */
function isNative(said: Said, uris: readonly string[]): boolean {
  if (uris.some((uri) => !uri.startsWith('https:'))) return true
  return said.text('application_type') === 'native' && uris.length > 0 && !uris.some(isLocalHttps)
}

function isLocalHttps(uri: string): boolean {
  const check = checkRedirectUri(uri)
  return check.ok && check.kind === 'loopback' && uri.startsWith('https:')
}

function refuseLocalHttps(uris: readonly string[]): void {
  const bad = uris.find(isLocalHttps)
  if (bad !== undefined) {
    throw invalidRedirectUri(
      `redirect_uris: ${quote(bad)} is not acceptable: a native client uses http on this computer`,
    )
  }
}

function signingAlg(said: Said): string | undefined {
  const alg = said.text('token_endpoint_auth_signing_alg')
  if (alg !== undefined && !assertionAlgs.includes(alg)) {
    throw invalidClientMetadata(`token_endpoint_auth_signing_alg must be one of ${assertionAlgs.join(', ')}`)
  }
  return alg
}

function contacts(said: Said): readonly string[] | undefined {
  // A web address among the contacts helps nobody and harms nobody: it is left out.
  const mail = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i
  const addresses = said.texts('contacts', maximumUris).filter((text) => text.length <= 254 && mail.test(text))
  return addresses.length === 0 ? undefined : addresses
}

function postLogoutRedirectUris(said: Said): readonly string[] | undefined {
  const uris = said.texts('post_logout_redirect_uris', maximumUris).map((text) => {
    const check = checkRedirectUri(text)
    if (!check.ok)
      throw invalidClientMetadata(`post_logout_redirect_uris: ${quote(text)} is not acceptable: ${check.reason}`)
    return check.uri
  })
  return uris.length === 0 ? undefined : uris
}

/** RFC 6749 §5.2: error_description has printable ASCII only, without quotes and backslash. */
function quote(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]|["\\]/g, '?')
}

/** Leaves out what is undefined; the cast only says so to the compiler. */
function defined<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}

function metadataError(code: string): MetadataError {
  return code === 'invalid_redirect_uri' ||
    code === 'invalid_software_statement' ||
    code === 'unapproved_software_statement'
    ? code
    : 'invalid_client_metadata'
}
