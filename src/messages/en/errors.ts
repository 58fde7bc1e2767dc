/**
 * What the page of an error says, by the `words` that the error names, else by its code. `{places}` are filled from its
 * `values`. Without an entry, or with a place that has no value, the page says the English message of the error itself.
 * Codes that many errors share (`not_found`, `bad_request`) have no entry: each of these errors names its words.
 */
export const errors = {
  // web
  no_page: 'There is no page at this address.',
  no_page_for_you: 'There is no page at this address, or it is not for your account.',
  wrong_method: 'This address does not take that kind of request.',
  unreadable_request: 'This server could not read the request.',
  unreadable_form: 'The form holds characters that this server cannot read.',
  unsupported_form: 'This address takes web forms only.',
  form_too_large: 'This form is larger than anything this server asks for.',
  cross_site_request:
    'This form did not come from this site, or this browser has forgotten it since. Go back, load the page again and send it once more.',
  signed_out: 'You have been signed out in the meantime. Sign in and send the form again.',
  server_error: 'This is our fault, and it has been noted. Please try again in a moment.',

  // limits
  too_many_requests: 'Too many requests have come from your network. Nothing is lost: please try again in {wait}.',
  too_many_requests_of_you: 'You have sent many requests in a short time. Nothing is lost: please try again in {wait}.',
  too_many_requests_everywhere: 'Too many people ask for this just now. Nothing is lost: please try again in {wait}.',

  // credentials, login
  busy: 'Many people are signing in just now. Please try again in a few seconds.',
  too_many_failures: 'Too many attempts have failed. Please try again in {wait}.',
  password_too_long: 'This password is too long.',
  setup_closed:
    'This setup link does not work: it was used, a newer start of the server replaced it, or it was not copied in full. The log of the last start holds the link that counts, as long as there is no administrator.',
  invitation_closed:
    'This invitation does not work: it was accepted, it is over, a newer one replaced it, or it was not copied in full. Ask whoever invited you for a new one.',
  reset_closed:
    'This link does not work: it was used, it is over, or it was not copied in full. Ask for a new one on the sign-in page.',
  interaction_expired:
    'This page is no longer valid: it waited too long, was answered already, or belongs to another browser. Go back to the client and connect again.',

  // federation
  upstream_unknown: 'Nobody can sign in through this provider here (any more). Go back and choose another way.',

  // consent
  unknown_client:
    'This client is not registered here any more. Remove the connection in the client and add it again; it will register anew.',
  client_blocked: 'An administrator of this server has blocked this client. Ask them if you need it.',
  client_pending: 'This client waits until an administrator of this server lets it in. Try again after that.',
  asked_resource_gone:
    'The MCP server that the client asked for is not registered here any more. Ask the administrator of this server.',
  resource_not_for_you:
    'This MCP server is open to certain people only, and you are not among them. Ask the administrator of this server.',
  account_disabled: 'Your account is disabled. Ask the administrator of this server.',
  already_answered:
    'This question has been answered already. If the client does not go on, start the connection there once more.',
  choose_duration: 'Choose one of the durations.',
  client_changed:
    'The client describes itself otherwise than when this page was made. Nothing was allowed: go back to it and connect again.',
  allow_or_deny: 'Choose Allow or Deny.',

  // me
  connection_not_found: 'There is no such connection of yours. It may have ended already.',
  connection_not_named: 'The form does not say which connection is meant.',
  connection_in_use: 'This connection is in use just now. Please try again.',
  nothing_left_to_allow: 'Nothing would be left of this connection. Revoke it instead.',
  session_not_found: 'There is no such session of yours. It may have ended already.',

  // admin
  resource_not_found: 'This MCP server is not registered here (any more).',
  resource_set_by_file:
    'The MCP server “{name}” is set by the configuration file. Change it there and start the server again.',
  client_not_found: 'This client is not registered here (any more).',
  client_set_by_file: 'This client is set by the configuration file. Change it there.',
  client_blocked_already: 'This client is blocked already.',
  invalid_host: 'This is no host name. Type one like evil.example, without path and port.',
  host_blocked: 'This host is blocked already.',
  host_not_blocked: 'This host is not blocked.',
  client_not_blocked: 'This client is not blocked.',
  client_not_waiting: 'This client does not wait for anybody (any more). Somebody else may have decided a moment ago.',
  approval_not_waiting:
    'This person does not wait for this client (any more). Somebody else may have decided a moment ago.',
  client_introspects_origin:
    'Only clients that were added here, or by the configuration file, may ask about tokens of others.',
  client_introspects_invalid:
    'Nothing was changed. A client that asks about tokens has to prove itself, and it can ask about 100 MCP servers at most.',
  client_introspects_race: 'Somebody changed this client at the same moment. Nothing was changed; look at it again.',
  client_exists: 'There is or was a client with this id. Choose another one.',
  clean_up_changed:
    'Meanwhile other clients would be removed than the preview showed. Nothing was removed; look at the new preview.',
  clean_up_empty: 'Say which clients may go: never used, idle, or both.',
  clean_up_range: 'Hours and days must be whole numbers from 1 on.',
  token_note: 'Say in up to 100 characters what the token is for.',
  token_uses: 'Uses go from 1 to 10,000.',
  token_days: 'Days go from 1 to 365.',
  token_not_found: 'There is no such registration token. It may have been revoked already.',
  client_name_not_typed: 'Nothing was removed. Go back and type the name of the client, “{name}”, to confirm.',
  upstream_invalid: 'The provider was not saved: {faults}',
  upstream_not_found: 'There is no such sign-in provider here (any more).',
  upstream_exists: 'There is a sign-in provider with the identifier {id} already.',
  upstream_set_by_file:
    'The sign-in provider “{name}” is set by the configuration file. Change it there and start the server again.',
  upstream_last_way_in:
    'Nothing was changed: passwords are switched off, and without “{name}” no administrator could sign in any more.',
  identity_not_found: 'There is no such linked account. It may have been unlinked already.',
  passwords_off_links:
    'Passwords are switched off here, so a link to choose one would open nothing. People get an account when they first sign in with a provider that makes accounts.',
  passwords_off:
    'Signing in with a password of this server is switched off. Sign in with one of the other ways on the sign-in page.',
  person_not_found: 'There is no such account here (any more).',
  consent_not_found: 'There is no such consent. It may have ended already.',
  not_confirmed: 'Nothing was removed. Go back and type “{word}” to confirm.',
}
