/** Methods that have a series of their own; a stranger may invent as many as he likes. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])

/** Grant types that give tokens here. */
const grantTypes = new Set(['authorization_code', 'refresh_token', 'client_credentials'])

// RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3.1; RFC 7009 §2.2.1; RFC 7591 §3.2.2; RFC 8707 §2; RFC 9449 §5, §8; OpenID Connect Core §3.1.2.6.
const registeredErrors = new Set([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'unsupported_response_mode',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'invalid_client',
  'invalid_grant',
  'unsupported_grant_type',
  'invalid_token',
  'insufficient_scope',
  'unsupported_token_type',
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_software_statement',
  'unapproved_software_statement',
  'invalid_target',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
  'invalid_request_uri',
  'invalid_request_object',
  'request_not_supported',
  'request_uri_not_supported',
  'registration_not_supported',
])

/** A method as a label. */
export function methodLabel(method: string): string {
  return methods.has(method) ? method : 'other'
}

/** A grant type as a label. */
export function grantTypeLabel(grantType: unknown): string {
  return typeof grantType === 'string' && grantTypes.has(grantType) ? grantType : 'other'
}

/** An error of the protocol as a label. */
export function errorLabel(error: unknown): string {
  return typeof error === 'string' && registeredErrors.has(error) ? error : 'other'
}

/**
 * A word of ours as a label: reasons, names of limits, outcomes. Words come from our own code; the form and the bound below hold
 * even if one day a stranger's text comes this way.
 *
 * @returns a function that answers `other` for what is no such word, and for every word after `most` different ones
 */
export function createWordLabel(most = 60): (word: unknown) => string {
  const known = new Set<string>()
  return function wordLabel(word) {
    if (typeof word !== 'string' || !/^[a-z][a-z0-9_.-]{0,39}$/.test(word)) return 'other'
    if (!known.has(word) && known.size >= most) return 'other'
    known.add(word)
    return word
  }
}
