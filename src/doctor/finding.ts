import type { ClientName } from './clients.ts'

/** The way of a client, in order. */
export const stepNames = [
  'challenge',
  'resource_metadata',
  'server_metadata',
  'cors',
  'registration',
  'authorize',
  'token',
  'call',
] as const

export type StepName = (typeof stepNames)[number]

/** Broken: a client cannot connect, or nothing is protected. Caution: some clients, or some day. Untried: nothing is said about it. */
export type Weight = 'broken' | 'caution' | 'untried'

const of = <Step extends StepName, W extends Weight>(step: Step, weight: W) => ({ step, weight })

/** Everything that can be wrong: where it belongs, and how bad it is. Each has its words in the catalogue. */
export const findings = {
  server_internal: of('challenge', 'broken'),
  server_not_https: of('challenge', 'broken'),
  server_redirects: of('challenge', 'broken'),
  server_unreachable: of('challenge', 'broken'),
  cloud_cannot_reach: of('challenge', 'caution'),
  not_mcp: of('challenge', 'broken'),
  open: of('challenge', 'broken'),
  nothing_there: of('challenge', 'broken'),
  fails: of('challenge', 'broken'),
  wrong_status: of('challenge', 'broken'),
  any_token: of('challenge', 'broken'),
  bad_token_status: of('challenge', 'broken'),
  bad_token_silent: of('challenge', 'caution'),
  no_challenge: of('challenge', 'caution'),
  malformed_challenge: of('challenge', 'broken'),
  no_pointer: of('challenge', 'caution'),
  foreign_pointer: of('challenge', 'broken'),
  early_error: of('challenge', 'caution'),
  offline_in_challenge: of('challenge', 'caution'),

  no_document: of('resource_metadata', 'broken'),
  dead_pointer: of('resource_metadata', 'broken'),
  bad_document: of('resource_metadata', 'broken'),
  not_at_path: of('resource_metadata', 'caution'),
  other_resource: of('resource_metadata', 'broken'),
  resource_above: of('resource_metadata', 'caution'),
  resource_above_refused: of('resource_metadata', 'broken'),
  resource_spelling: of('resource_metadata', 'caution'),
  no_server_named: of('resource_metadata', 'broken'),
  offline_in_document: of('resource_metadata', 'caution'),
  no_scopes: of('resource_metadata', 'caution'),

  no_metadata: of('server_metadata', 'broken'),
  issuer_not_https: of('server_metadata', 'broken'),
  issuer_internal: of('server_metadata', 'broken'),
  issuer_unreachable: of('server_metadata', 'broken'),
  bad_metadata: of('server_metadata', 'broken'),
  failing_spelling: of('server_metadata', 'broken'),
  missing_spelling: of('server_metadata', 'caution'),
  spellings_differ: of('server_metadata', 'caution'),
  other_issuer: of('server_metadata', 'broken'),
  issuer_slash: of('server_metadata', 'caution'),
  issuer_slash_refused: of('server_metadata', 'broken'),
  no_pkce: of('server_metadata', 'broken'),
  no_s256: of('server_metadata', 'broken'),
  no_endpoint: of('server_metadata', 'broken'),
  endpoint_not_https: of('server_metadata', 'broken'),
  no_code: of('server_metadata', 'broken'),
  openid_incomplete: of('server_metadata', 'broken'),
  no_none: of('server_metadata', 'caution'),
  no_refresh: of('server_metadata', 'caution'),
  no_iss: of('server_metadata', 'caution'),
  server_scopes: of('server_metadata', 'caution'),

  cors_server: of('cors', 'caution'),
  cors_challenge: of('cors', 'caution'),
  cors_resource_metadata: of('cors', 'broken'),
  cors_server_metadata: of('cors', 'broken'),
  cors_token: of('cors', 'broken'),
  cors_registration: of('cors', 'broken'),

  no_way_in: of('registration', 'broken'),
  no_documents: of('registration', 'caution'),
  registration_untried: of('registration', 'untried'),
  registration_unreachable: of('registration', 'broken'),
  registration_closed: of('registration', 'broken'),
  registration_refused: of('registration', 'broken'),
  registration_not_json: of('registration', 'broken'),
  registration_no_echo: of('registration', 'broken'),
  registration_secret: of('registration', 'caution'),
  registration_no_refresh: of('registration', 'caution'),
  registration_dangerous: of('registration', 'broken'),
  left_behind: of('registration', 'caution'),

  authorize_untried: of('authorize', 'untried'),
  authorize_unreachable: of('authorize', 'broken'),
  document_refused: of('authorize', 'broken'),
  kin_refused: of('authorize', 'caution'),
  kin_passed: of('authorize', 'untried'),
  stand_in_refused: of('authorize', 'caution'),
  stand_in_passed: of('authorize', 'untried'),
  authorize_fails: of('authorize', 'broken'),
  authorize_error: of('authorize', 'broken'),
  resource_refused: of('authorize', 'broken'),
  loopback_port: of('authorize', 'broken'),
  open_redirector: of('authorize', 'broken'),
  redirect_unchecked: of('authorize', 'caution'),
  resource_ignored: of('authorize', 'caution'),
  pkce_optional: of('authorize', 'caution'),
  iss_missing: of('authorize', 'broken'),
  iss_other: of('authorize', 'broken'),

  token_unreachable: of('token', 'broken'),
  token_takes_anything: of('token', 'broken'),
  token_not_json: of('token', 'broken'),
  token_wrong_answer: of('token', 'broken'),
  token_public_refused: of('token', 'broken'),
  login_failed: of('token', 'broken'),
  token_answer_cached: of('token', 'caution'),
  token_no_scope: of('token', 'caution'),
  token_no_refresh: of('token', 'caution'),

  call_untried: of('call', 'untried'),
  token_expired: of('call', 'broken'),
  token_other_issuer: of('call', 'broken'),
  token_other_audience: of('call', 'broken'),
  token_no_audience: of('call', 'broken'),
  token_opaque: of('call', 'caution'),
  token_long: of('call', 'caution'),
  call_unreachable: of('call', 'broken'),
  call_refused: of('call', 'broken'),
  call_forbidden: of('call', 'broken'),
  call_fails: of('call', 'broken'),
  no_tools: of('call', 'caution'),
} as const satisfies Readonly<Record<string, { readonly step: StepName; readonly weight: Weight }>>

export type FindingCode = keyof typeof findings

/** One thing that was found, with the values that its sentence has places for. A server may have written them. */
export interface Finding {
  readonly code: FindingCode
  readonly values: Readonly<Record<string, string>>
}

/** A finding with the clients that it concerns. */
export interface ReportedFinding extends Finding {
  readonly clients: readonly ClientName[]
}

/** Makes a finding. */
export function found(code: FindingCode, values: Finding['values'] = {}): Finding {
  return { code, values }
}
