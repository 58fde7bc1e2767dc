/** What a detail may hold: flat, short, and no secret. */
export type DetailValue = string | number | boolean | readonly string[]

/**
 * Every event there is, with the names its detail may have. Closed on purpose: a new event is a new line here, and a
 * member that is not listed is never stored, whoever passes it.
 */
export const detailNames = {
  'setup.completed': [],
  'account.created': ['role', 'method'],
  'account.invited': ['role', 'method'],
  'account.invitation_accepted': [],
  'account.reset_requested': ['method'],
  'account.role_changed': ['role'],
  'account.disabled': ['reason'],
  'account.enabled': ['reason'],
  'account.removed': ['reason'],
  'account.password_changed': ['method'],
  'account.exported': [],
  'account.authenticator_added': [],
  'account.authenticator_removed': [],
  'account.passkey_added': [],
  'account.passkey_removed': [],
  'account.recovery_codes_made': [],
  'account.second_factors_reset': ['method'],
  'session.upstream_started': ['upstream', 'purpose'],
  'session.signed_in': ['method', 'upstream'],
  'session.first_factor_proved': ['method', 'upstream'],
  'session.second_factor_asked': ['method'],
  'session.second_factor_proved': ['method'],
  'session.sign_in_refused': ['reason', 'method', 'upstream'],
  'session.sign_in_slowed': ['purpose', 'reason'],
  'account.unlocked': ['method'],
  'limit.reached': ['limit', 'by'],
  'identity.linked': ['upstream', 'method'],
  'identity.unlinked': ['upstream', 'method'],
  'session.signed_out': ['reason'],
  'session.ended': ['reason'],
  'session.ended_all': ['count', 'reason'],
  'client.registered': ['origin', 'clientName', 'redirectHosts', 'method', 'invitedBy', 'introspects'],
  'client.updated': ['origin', 'clientName', 'redirectHosts', 'changed', 'reason'],
  'client.introspection_changed': ['clientName', 'added', 'removed'],
  'client.removed': ['origin', 'clientName', 'reason'],
  'client.blocked': ['reason'],
  'client.unblocked': ['reason'],
  'client.reported': ['clientName', 'redirectHost'],
  'client.approval_asked': ['origin', 'clientName', 'redirectHosts'],
  'client.allowed': ['for', 'person', 'reason'],
  'client.rejected': ['reason', 'count'],
  'client.cleaned_up': ['count', 'reason'],
  'client.document_refused': ['host', 'reason', 'result'],
  'host.blocked': ['host', 'reason'],
  'host.unblocked': ['host', 'reason'],
  'client.registration_refused': ['error', 'reason', 'origin', 'redirectHosts'],
  'registration_token.created': ['tokenId', 'note', 'uses', 'expiresAt'],
  'registration_token.revoked': ['tokenId'],
  'consent.granted': ['consentId', 'scopes', 'redirectHost', 'stayConnected', 'reason', 'expiresAt'],
  'consent.denied': ['scopes', 'redirectHost', 'reason'],
  'consent.revoked': ['consentId', 'scopes', 'redirectHost', 'reason', 'count'],
  'authorization.refused': ['error', 'reason', 'redirectHost', 'scopes'],
  'code.issued': ['scopes', 'redirectHost', 'remembered'],
  'code.replayed': ['reason', 'revoked'],
  'token.issued': ['grantType', 'scopes', 'tokenId', 'expiresAt', 'kid'],
  'token.refused': ['grantType', 'error', 'reason'],
  'token.refreshed': ['scopes', 'tokenId', 'expiresAt', 'kid'],
  'token.refresh_grace': ['scopes', 'tokenId', 'expiresAt', 'reason', 'kid'],
  'refresh.reused': ['reason', 'revoked'],
  'connection.paused': ['reason'],
  'connection.resumed': ['reason'],
  'connection.narrowed': ['scopes', 'removed', 'reason'],
  'grant.revoked': ['consentId', 'reason', 'count'],
  'resource.created': ['name', 'scopes', 'origin'],
  'resource.updated': ['name', 'scopes', 'origin', 'changed'],
  'resource.removed': ['name', 'origin'],
  'upstream.created': ['upstream', 'name', 'issuer', 'origin'],
  'upstream.updated': ['upstream', 'name', 'issuer', 'origin', 'changed'],
  'upstream.enabled': ['upstream', 'name'],
  'upstream.disabled': ['upstream', 'name'],
  'upstream.removed': ['upstream', 'name', 'origin'],
  'key.created': ['kid', 'alg', 'reason'],
  'key.activated': ['kid', 'alg', 'reason'],
  'key.retired': ['kid', 'alg', 'reason'],
  'key.removed': ['kid', 'alg', 'reason'],
  'audit.exported': ['format', 'filters'],
  'audit.verified': ['result', 'count'],
  'mail.failed': ['purpose', 'reason'],
  'migration.applied': ['migrations'],
  'server.started': ['version', 'database'],
} as const satisfies Record<string, readonly string[]>

export type AuditEventType = keyof typeof detailNames

/** Who did it: a person, a client, whoever holds the machine, or the server by itself. */
export type Actor = `account:${string}` | `client:${string}` | 'operator' | 'system'

/** Facts that any event may have. */
export interface AuditFacts {
  readonly actor: Actor
  readonly accountId?: string | undefined
  readonly clientId?: string | undefined
  /** Canonical identifier of the MCP server. */
  readonly resource?: string | undefined
  readonly grantId?: string | undefined
  /** Address of the caller. */
  readonly address?: string | undefined
  readonly requestId?: string | undefined
}

/** One event of one type, with the detail that this type may have. */
export type AuditEventOf<Type extends AuditEventType> = AuditFacts & {
  readonly type: Type
  readonly detail?: { readonly [Name in (typeof detailNames)[Type][number]]?: DetailValue | undefined }
}

/** Any event. */
export type AuditEvent = { [Type in AuditEventType]: AuditEventOf<Type> }[AuditEventType]

/** Is this one of our event types? For filters that come from outside. */
export function isAuditEventType(text: string): text is AuditEventType {
  return Object.hasOwn(detailNames, text)
}
