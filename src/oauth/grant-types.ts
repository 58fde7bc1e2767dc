/** RFC 6749 §4.1 */
export const authorizationCode = 'authorization_code'
/** RFC 6749 §6 */
export const refreshToken = 'refresh_token'
/** RFC 6749 §4.4 */
export const clientCredentials = 'client_credentials'

/** Every grant type of this server, as `grant_types_supported` lists them. */
export const supportedGrantTypes = [authorizationCode, refreshToken, clientCredentials] as const

/** What a client that registers itself can get; machine access is given by an operator only (ASVS 10.4.4). */
export const selfServiceGrantTypes = [authorizationCode, refreshToken] as const

/** OAuth 2.1 §1.3: no implicit, no hybrid; `code` is the only response type. */
export const supportedResponseTypes = ['code'] as const
