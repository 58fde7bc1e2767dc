/** Texts of the console that find out what is wrong, and of the pages that explain an error code. */
export const diagnostics = {
  heading: 'Diagnostics',
  intro: 'Find out why something does not work.',
  token: {
    heading: 'Read an access token',
    text: 'It is taken apart here, on this server. It is neither kept nor logged, and not shown again.',
    label: 'Access token',
    submit: 'Read it',
    another: 'Read another one',
    result: 'What this token says',
    accept: 'An MCP server would accept this token.',
    refuse: 'An MCP server would refuse this token.',
    unreadable: 'This cannot be read as a token.',
    findings: 'What we looked at',
    header: 'Header',
    claims: 'Claims',
    raw: 'As it is signed',
    tones: { good: 'good', care: 'look at this', stop: 'problem' },
  },
  /** One sentence for each thing that the decoder looks at. */
  findings: {
    empty: 'Nothing was pasted.',
    too_long: 'It is longer than {most} characters. No token of this server is; MCP servers refuse it unread.',
    opaque:
      'It has no dots, so it is no access token. It may be a refresh token or a code: those are secrets of the client. If you copied it from somewhere, treat it as known to others.',
    encrypted: 'It has five parts, so it is encrypted. This server makes no such tokens.',
    segments: 'It has {count} parts; a signed token has three.',
    not_base64url:
      'A part holds characters or an ending that base64url does not have. It was probably not copied in full.',
    not_json: 'A part is not JSON. It was probably not copied in full.',
    duplicate: 'A member is there twice: {names}. Readers would disagree about which one counts.',
    alg_none: 'It is not signed at all. Anybody could have written it.',
    alg_symmetric:
      'It is signed by {alg}, with a shared secret. This server never does that; a public key may have been misused as a secret.',
    alg_unknown: 'It names the algorithm {alg}, which this server does not sign with.',
    embedded_key: 'It brings a key or the address of one along ({names}). Those are ignored: only our own keys count.',
    crit: 'It demands extensions that nobody here knows ({names}), so it has to be refused.',
    typ_good: 'It is an access token by its type ({typ}).',
    typ_id_token:
      'It is an ID token: it tells a client who signed in, and opens no MCP server. The client has to send the access token instead.',
    typ_wrong: 'Its type is {typ}; an access token has at+jwt.',
    typ_missing: 'It has no type; an access token has at+jwt.',
    signature_good: 'Its signature is good. The key {kid} is {state}.',
    signature_bad: 'Its signature is not good: it was changed, or something was lost in copying.',
    key_unknown:
      'It was signed with the key {kid}, which is none of ours. It is from another server, or its key has been destroyed since.',
    key_missing: 'It does not say which key it was signed with, and none of ours fits.',
    alg_differs: 'It says {alg}, but the key it names signs by {expected}.',
    issuer_good: 'It comes from this server ({issuer}).',
    issuer_missing: 'It does not say who issued it.',
    issuer_near:
      'Its issuer is {found}, which is nearly but not exactly {issuer}. Every character counts, the slash at the end too.',
    issuer_other: 'It comes from another server: {found}. Here it is {issuer}.',
    audience_good: 'It is for {name} ({audience}).',
    audience_spelling:
      'It is for {audience}, which is another spelling of {identifier}. MCP servers compare every character.',
    audience_unknown: 'It is for {audience}, which is not registered here.',
    audience_many: 'It is for several servers at once. This server never makes such tokens.',
    audience_missing: 'It does not say which MCP server it is for.',
    expires: 'It is valid until {moment} ({relative}).',
    expired: 'It ended {moment} ({relative}). The client should have renewed it; if it did not, connect it again.',
    expiry_wrong: 'It does not say properly when it ends.',
    life_long: 'It lives {life}, longer than any token of this server (one hour at most).',
    not_yet:
      'It is valid from {moment} on only ({relative}). The clock of the server that made it or of this one is wrong.',
    issued_ahead:
      'It was issued in the future, at {moment}. The clock of the server that made it or of this one is wrong.',
    claims_missing: 'Claims are missing that every access token has: {names}.',
    person: 'It acts as {email}.',
    person_gone: 'The person it acts as has no account here any more.',
    person_disabled: 'The account of {email} is disabled.',
    machine: 'It acts for the client itself, for no person.',
    client_good: 'It was given to {client}.',
    client_gone: 'The client it was given to ({client}) is not registered here.',
    client_state: 'The client it was given to, {client}, is not let in: {state}.',
    scope_good: 'It may: {scopes}.',
    scope_none: 'It holds no permission at all.',
    scope_unknown: 'It holds permissions that the MCP server does not have (any more): {scopes}.',
    grant_alive: 'The connection it belongs to is alive.',
    grant_paused: 'The connection it belongs to is paused. It gets no new token; this one works until it ends.',
    grant_gone:
      'The connection it belongs to was revoked or has ended. It gets no new token; this one works until it ends.',
    grant_unknown: 'Which connection it belongs to was not found in the audit book.',
  },
  keyStates: { current: 'signing now', next: 'published and not signing yet', retired: 'retired, but still published' },
  clientStates: { pending: 'it waits for an administrator', blocked: 'it is blocked', removed: 'it was removed' },
  failures: {
    heading: 'What failed lately',
    text: 'Refusals of the last 24 hours, newest first. An error page shows the id of its request: look for it here.',
    label: 'Id of a request',
    submit: 'Look for it',
    clear: 'Show the last day',
    none: 'Nothing was refused in the last 24 hours.',
    notFound:
      'Nothing was written under this id. Either it was not copied in full, or the request was refused before it had anything to do with a client or a person; the log of the server holds every request.',
    cut: 'Not found among the newest events. Older ones have not been looked at yet.',
    goOn: 'Go on looking',
    columns: { when: 'When', what: 'What', why: 'Why', request: 'Request' },
    noReason: 'no code',
    more: 'Everything in the audit book',
  },
  codes: {
    heading: 'What an error code means',
    text: 'The codes that clients and error pages show, with their cause and what to do.',
    label: 'Error code',
    submit: 'Explain',
    all: 'All codes',
    unknown: 'This server has no error code {code}.',
    cause: 'What it means',
    cure: 'What to do',
    home: 'To your own pages',
  },
  /** By error code. */
  explained: {
    invalid_request: {
      cause: 'The request lacks something, holds something twice, or is malformed.',
      cure: 'Nothing that you could do here: the client sends the wrong thing. Update it; if that does not help, give its developer the text beside the code.',
    },
    invalid_client: {
      cause: 'The client is not known here, or could not prove that it is the one.',
      cure: 'Remove the connection in the client and add it again, so that it registers anew. A client that an administrator made needs its id and secret exactly as they were shown.',
    },
    invalid_grant: {
      cause:
        'The code or refresh token is unknown, used up, expired or revoked, or belongs to another client, address or MCP server.',
      cure: 'Connect again in the client. If it comes often: does the client run twice with copied settings, or does it keep an old token?',
    },
    invalid_scope: {
      cause: 'The client asks for a permission that the MCP server does not have, or that it may not have.',
      cure: 'Compare the permissions of the MCP server here with those that it lists in its own description.',
    },
    invalid_target: {
      cause:
        'The client asks for an MCP server that is not registered here, for none although there are several, or for more than one.',
      cure: 'An administrator adds the address under “MCP servers”, or adds the spelling that the client uses as an alias.',
    },
    unauthorized_client: {
      cause:
        'The client is known but may not do this: it waits for an administrator, or never said that it would use this way.',
      cure: 'Look under “Clients” whether it waits. Otherwise remove the connection in the client and add it again.',
    },
    unsupported_grant_type: {
      cause: 'The client asks for tokens in a way that this server does not offer.',
      cure: 'This server knows authorization codes, refresh tokens and client credentials. Choose one of them in the client.',
    },
    unsupported_response_type: {
      cause: 'The client wants its answer in a way that OAuth 2.1 has given up.',
      cure: 'Choose the authorization code with PKCE in the client, or update it.',
    },
    access_denied: {
      cause: 'A person said no, or may not use this MCP server.',
      cure: 'If it was a mistake, connect again and allow it. Who may use an MCP server is set on its own page in the console.',
    },
    login_required: {
      cause: 'The client wanted an answer without a page, but nobody is signed in in this browser.',
      cure: 'Connect again in the client; this time it has to open a page.',
    },
    consent_required: {
      cause: 'The client wanted an answer without a page, but this was not allowed yet.',
      cure: 'Connect again in the client; this time it has to open a page.',
    },
    invalid_redirect_uri: {
      cause:
        'The address to which the answer should go is not one that the client has registered. It could belong to somebody else, so nothing is sent there.',
      cure: 'Remove the connection in the client and add it again, so that it registers its present address.',
    },
    invalid_client_metadata: {
      cause: 'What the client says of itself at its registration cannot be accepted.',
      cure: 'The text beside the code names the member. The developer of the client has to change it.',
    },
    invalid_token: {
      cause: 'The token is not good: it has ended, is meant for another server, was revoked, or was changed.',
      cure: 'Paste it under “Diagnostics” to see what is wrong. Usually it is enough to connect again in the client.',
    },
    insufficient_scope: {
      cause: 'The token is good, but does not hold the permission that this act needs.',
      cure: 'Allow the client to ask for more: it opens the page again and names what is new.',
    },
    session_not_found: {
      cause: 'The page waited too long, was answered already, or belongs to another browser.',
      cure: 'Go back to the client and connect again, in this browser.',
    },
    already_answered: {
      cause: 'Another tab of this browser has answered the same question.',
      cure: 'Go back to the client. If it is not connected, connect again.',
    },
    removed: {
      cause: 'The client uses a registration that was removed here.',
      cure: 'Remove the connection in the client and add it again; it registers anew.',
    },
    blocked: {
      cause: 'An administrator of this server has blocked the client.',
      cure: 'Ask an administrator. They can unblock it under “Clients”.',
    },
    pending: {
      cause: 'Clients have to be let in by an administrator here, and this one still waits.',
      cure: 'Ask an administrator. They find it under “Approvals”.',
    },
    not_found: {
      cause: 'There is nothing at this address, or it is not for your account.',
      cure: 'Check the address. Pages of the console are for administrators only.',
    },
    cross_site_request: {
      cause: 'A form came from another site, or the browser has lost the cookie that belongs to it.',
      cure: 'Load the page again and send the form once more. The browser has to accept cookies of this server.',
    },
    signed_out: {
      cause: 'The session ended before the form was sent.',
      cure: 'Sign in and send it again.',
    },
    busy: {
      cause: 'More people are signing in than this server can check at a time.',
      cure: 'Wait a few seconds and try again.',
    },
    temporarily_unavailable: {
      cause: 'The server cannot write to its database at the moment. Nothing was changed.',
      cure: 'Wait a moment and try again. For its operator: look whether the disk is full and the database answers.',
    },
    server_error: {
      cause: 'Something broke here. It is no fault of the client or of the person.',
      cure: 'Try again. If it stays, give the operator the id of the request: the log says more under it.',
    },
  },
}
