/** Texts of the doctor: what keeps clients from connecting to an MCP server, and what to change. The command line uses them, too. */
export const doctor = {
  heading: 'Examine an MCP server',
  text: 'Walks the way of a client, from the first 401 to the token endpoint, as each client would, and says what is wrong. It can be any MCP server with any authorization server.',
  address: 'Address of the MCP server',
  addressHint: 'As clients are given it, for instance https://tools.example.com/mcp',
  badAddress:
    'This is no address that a client could be given. It begins with https:// and holds no name and no password.',
  register: 'Clients may be registered there even if they cannot be removed again',
  registerHint:
    'Without this, clients are registered only where the server lets them be removed, and are removed at once.',
  submit: 'Examine it',
  again: 'Examine another one',
  result: 'What was found at {address}',
  server: 'Authorization server',
  noServer: 'none was found',
  verdicts: {
    green: 'Every client can connect.',
    amber: 'Clients can connect, but not all of them, or not for long.',
    red: 'Something is broken.',
  },
  lights: { green: 'good', amber: 'caution', red: 'broken', untried: 'not tried' },
  clients: 'Clients',
  steps: 'Steps',
  columns: { client: 'Client', light: 'Connects', way: 'Made known by', trouble: 'Because of' },
  ways: {
    document: 'its document',
    registration: 'registration',
    given: 'the client that was named',
    untried: 'not tried',
    none: 'nothing',
  },
  change: 'Change: {change}',
  concerns: 'Concerns {clients}.',
  everyone: 'everyone',
  nothing: 'Nothing is wrong here.',
  /** Why no answer came, behind “No answer came from …”. */
  faults: {
    refused: 'the connection was refused',
    certificate: 'its certificate is not trusted',
    no_tls: 'what answers does not speak TLS',
    network: 'the connection could not be made, or broke off',
    not_found: 'the name has no address',
    timeout: 'it was not whole in time',
    too_large: 'it is larger than what is read here',
    encoding: 'it is compressed, though nobody asked for that',
    busy: 'too much is being fetched at the moment',
    limited: 'the host was asked too often in this minute',
    proxy: 'the proxy did not let the request through',
    redirected: 'it leads elsewhere',
    address_refused: 'the address is internal, and not allowed here',
    url_refused: 'only https is fetched, or http from this machine where that is allowed',
  },
  left: 'Left behind at the authorization server: {ids}',
  stepNames: {
    challenge: 'First call and challenge',
    resource_metadata: 'Metadata of the MCP server',
    server_metadata: 'Metadata of the authorization server',
    cors: 'From a page of a browser',
    registration: 'Making the client known',
    authorize: 'Authorization request',
    token: 'Token endpoint',
    call: 'Call with a token',
  },
  findings: {
    server_internal: {
      what: '{host} lies on an internal address that is not contacted from here.',
      change:
        'allow a private host by name (SALLYPORT_EGRESS_ALLOWED_HOSTS), or run “sallyport doctor” with its address; link-local addresses are never contacted.',
    },
    server_not_https: {
      what: '{host} is not reached by https.',
      change: 'serve the MCP server by https; tokens must not travel in the clear.',
    },
    server_redirects: {
      what: 'The address answers with a redirect ({status} to {to}), which clients do not follow with a token.',
      change: 'give clients the address that it leads to.',
    },
    server_unreachable: {
      what: 'No answer came from {host} ({fault}).',
      change: 'check host, port and certificate, and that the server is running.',
    },
    cloud_cannot_reach: {
      what: 'What runs in the cloud of its vendor cannot reach {host}: {client}.',
      change: 'give the server a public https address; while you develop, leave it.',
    },
    not_mcp: {
      what: 'What answers a POST to {address} is no MCP server ({status}, {type}).',
      change: 'check the address; an MCP server answers with JSON-RPC, or with 401 where it is protected.',
    },
    open: {
      what: 'The server answers without a token ({status}): nothing is protected.',
      change: 'answer 401 with a Bearer challenge to every request that brings no token.',
    },
    nothing_there: {
      what: 'A POST to {address} is answered {status}: there is no MCP endpoint.',
      change: 'check the path; Streamable HTTP takes POST at the address that clients are given.',
    },
    fails: {
      what: 'The server fails ({status}) when no token comes along.',
      change: 'look into its log; a request without a token has to be answered 401.',
    },
    wrong_status: {
      what: 'A request without a token is answered {status}, not 401, so no client begins to sign in.',
      change: 'answer 401; 403 says that signing in would not help.',
    },
    any_token: {
      what: 'The server takes a token that nobody has issued.',
      change: 'check signature, issuer, audience and expiry of every token before anything else.',
    },
    bad_token_status: {
      what: 'A token that is not good is answered {status}, not 401, so clients do not sign in anew.',
      change: 'answer 401 with error=invalid_token.',
    },
    bad_token_silent: {
      what: 'The 401 for a bad token does not say error=invalid_token.',
      change: 'add it, so that a client knows that its token is the trouble.',
    },
    no_challenge: {
      what: 'The 401 has no WWW-Authenticate with a Bearer challenge, so clients have to guess where the metadata is.',
      change: 'add WWW-Authenticate: Bearer resource_metadata=….',
    },
    malformed_challenge: {
      what: 'The challenge is not well formed: {challenge}',
      change: 'put a comma between any two parameters and quotes around every URL.',
    },
    no_pointer: {
      what: 'The challenge does not say where the metadata is.',
      change: 'add resource_metadata=… to the challenge.',
    },
    foreign_pointer: {
      what: 'The challenge points to {pointer}, on another origin.',
      change: 'serve the document on the origin of the MCP server and point there.',
    },
    early_error: {
      what: 'The challenge says error={error} although no token was sent.',
      change: 'leave error out of the challenge for requests without a token.',
    },
    offline_in_challenge: {
      what: 'The challenge asks for offline_access, which is no scope of an MCP server.',
      change: 'take it out; the authorization server decides about refresh tokens.',
    },
    no_document: {
      what: 'There is no metadata at {url}.',
      change: 'serve the RFC 9728 document there, as application/json, without a token.',
    },
    dead_pointer: {
      what: 'The challenge points to {pointer}, and there is no metadata there.',
      change: 'serve the document there, or point to {url}.',
    },
    bad_document: {
      what: 'What lies at {url} is no RFC 9728 document.',
      change: 'serve JSON with resource and authorization_servers, as application/json.',
    },
    not_at_path: {
      what: 'The metadata is not at {url}, where clients look that do not follow the challenge.',
      change: 'serve it there, too.',
    },
    other_resource: {
      what: 'The document speaks of {resource}, not of {address}.',
      change: 'make resource the address that clients are given, letter by letter.',
    },
    resource_above: {
      what: 'The document speaks of {resource}, which lies above {address}.',
      change: 'make resource the address itself; some clients want them equal.',
    },
    resource_above_refused: {
      what: 'The document speaks of {resource}; this client wants exactly {address}.',
      change: 'make resource the address that clients are given.',
    },
    resource_spelling: {
      what: 'resource is {resource}, another spelling of {address}.',
      change: 'use one spelling everywhere: in the document, in tokens, and for clients.',
    },
    no_server_named: {
      what: 'The document names no authorization server that can be reached ({named}).',
      change: 'put the issuer of your authorization server first in authorization_servers.',
    },
    offline_in_document: {
      what: 'scopes_supported holds offline_access, which is no scope of an MCP server.',
      change: 'take it out of the document.',
    },
    no_scopes: {
      what: 'Neither the challenge nor the document names a scope, so clients ask for none.',
      change: 'name the scopes for a first connection in the challenge.',
    },
    no_metadata: {
      what: 'The authorization server {issuer} has no metadata under any of its addresses.',
      change: 'serve it at {url}.',
    },
    issuer_not_https: {
      what: 'The authorization server {issuer} is not reached by https.',
      change: 'serve it by https.',
    },
    issuer_internal: {
      what: 'The authorization server {issuer} lies on an internal address, and a server may not name those unasked.',
      change:
        'allow its host: --allow-internal or --allow-loopback, or SALLYPORT_EGRESS_ALLOWED_HOSTS for the console, too.',
    },
    issuer_unreachable: {
      what: 'No answer came from the authorization server {issuer} ({fault}).',
      change: 'check the address in authorization_servers, and that it can be reached from outside.',
    },
    bad_metadata: {
      what: 'What lies at {url} is no metadata.',
      change: 'serve a JSON object as application/json.',
    },
    failing_spelling: {
      what: '{url} fails ({status}); clients stop there and do not try the next address.',
      change: 'answer 404 where there is no document, or serve it.',
    },
    missing_spelling: {
      what: 'There is no metadata at {url}, the first place where clients look.',
      change: 'serve the same document there.',
    },
    spellings_differ: {
      what: 'The metadata names different issuers at different addresses: {issuers}',
      change: 'serve one document everywhere.',
    },
    other_issuer: {
      what: 'The metadata says that it belongs to {says}, not to {issuer}.',
      change: 'make the issuer and the entry in authorization_servers the same, letter by letter.',
    },
    issuer_slash: {
      what: 'The issuer is {says} in one place and {issuer} in the other: a slash differs.',
      change: 'write it the same in authorization_servers, in the metadata and in tokens.',
    },
    issuer_slash_refused: {
      what: 'The issuer is {says} in one place and {issuer} in the other; this client compares every character.',
      change: 'write it the same in authorization_servers, in the metadata and in tokens.',
    },
    no_pkce: {
      what: 'The metadata does not say that the server does PKCE, and clients must refuse it then.',
      change: 'add code_challenge_methods_supported: [S256].',
    },
    no_s256: {
      what: 'The server does not list the PKCE method S256 ({methods}).',
      change: 'support S256 and list it in code_challenge_methods_supported.',
    },
    no_endpoint: { what: 'The metadata has no {name} that is an address.', change: 'add it.' },
    endpoint_not_https: { what: '{name} is not https: {url}', change: 'give it an https address.' },
    no_code: {
      what: 'The metadata does not list the response type “code” ({types}).',
      change: 'add response_types_supported: [code].',
    },
    openid_incomplete: {
      what: 'The OpenID document {url} lacks {names}, and clients cannot read it.',
      change: 'add them, or serve RFC 8414 metadata.',
    },
    no_none: {
      what: 'The server does not list “none” as a way for clients to authenticate ({methods}), and MCP clients have no secret.',
      change: 'add none to token_endpoint_auth_methods_supported, and let public clients in.',
    },
    no_refresh: {
      what: 'The server does not list refresh_token among its grants, so people sign in again whenever a token ends.',
      change: 'issue refresh tokens and list the grant.',
    },
    no_iss: {
      what: 'The server does not promise to name itself in its answers (iss), so a client of several servers can be misled.',
      change: 'send iss and set authorization_response_iss_parameter_supported to true (RFC 9207).',
    },
    server_scopes: {
      what: 'The authorization server does not list {names}; this client takes its scopes from there.',
      change: 'list the scopes of the MCP server in scopes_supported of the authorization server.',
    },
    cors_server: {
      what: 'A page of a browser may not send a token to the MCP server.',
      change:
        'answer the preflight with Access-Control-Allow-Origin and with Authorization and Content-Type in Access-Control-Allow-Headers.',
    },
    cors_challenge: {
      what: 'A page of a browser cannot read the challenge.',
      change: 'add Access-Control-Allow-Origin and Access-Control-Expose-Headers: WWW-Authenticate to the 401.',
    },
    cors_resource_metadata: {
      what: 'A page of a browser cannot read {url}.',
      change: 'add Access-Control-Allow-Origin: * to it.',
    },
    cors_server_metadata: {
      what: 'A page of a browser cannot read {url}.',
      change: 'add Access-Control-Allow-Origin: * to it.',
    },
    cors_token: {
      what: 'A page of a browser cannot read the answers of {url}.',
      change: 'add Access-Control-Allow-Origin to the token endpoint.',
    },
    cors_registration: {
      what: 'A page of a browser cannot register at {url}.',
      change:
        'answer its preflight with Access-Control-Allow-Origin and with Content-Type in Access-Control-Allow-Headers.',
    },
    no_way_in: {
      what: '{client} has no way to make itself known: there is no registration endpoint, and documents are not announced for it.',
      change: 'offer client ID metadata documents or registration, or create a client and enter its id in the client.',
    },
    no_documents: {
      what: 'The server does not take client ID metadata documents, so {client} registers anew; MCP has deprecated that.',
      change: 'support them and set client_id_metadata_document_supported to true.',
    },
    registration_untried: {
      what: 'Nothing was registered, because the server does not look as if clients could be removed again.',
      change: 'allow it (--register, or the box on the page), or name a client (--client-id).',
    },
    registration_unreachable: {
      what: 'No answer came from the registration endpoint {url} ({fault}).',
      change: 'check registration_endpoint.',
    },
    registration_closed: {
      what: 'Registration is closed to strangers ({status}).',
      change: 'open it, support client ID metadata documents, or create clients by hand.',
    },
    registration_refused: {
      what: 'The registration of {client} is refused: {error}',
      change:
        'let in what this client registers; ignore what you do not know, and take loopback and private-scheme redirects.',
    },
    registration_not_json: {
      what: 'The registration endpoint {url} does not answer with JSON ({status}).',
      change: 'answer with JSON, errors too (RFC 7591).',
    },
    registration_no_echo: {
      what: 'The registration of {client} came back without {uris}.',
      change: 'register every redirect URI and send all of them back, or refuse the whole with an error.',
    },
    registration_secret: {
      what: '{client} asked to have no secret and was registered for {method}.',
      change: 'register it as it asks: token_endpoint_auth_method none.',
    },
    registration_no_refresh: {
      what: '{client} was registered without refresh_token, so its people sign in again whenever a token ends.',
      change: 'let clients have the grant.',
    },
    registration_dangerous: {
      what: 'A redirect URI that runs a script (javascript:) was registered.',
      change: 'refuse javascript:, data: and similar schemes.',
    },
    left_behind: {
      what: 'Clients of this examination are still registered: {ids}',
      change: 'remove them; offer RFC 7592 management, and they will go by themselves.',
    },
    authorize_untried: {
      what: '{client} makes a document for each connection, at an address that nobody can know before, and nothing could be tried in its place.',
      change: 'connect it once to know.',
    },
    kin_passed: {
      what: '{client} makes a document for each connection, at an address that nobody can know before; another one of its host, {document}, is let in, and its redirect URIs could not be tried.',
      change: 'connect it once to be sure, or allow clients to be registered for the trial (--register).',
    },
    kin_refused: {
      what: '{client} makes a document for each connection; another one of its host, {document}, is not let in ({says}).',
      change: 'let the authorization server fetch documents from that host.',
    },
    stand_in_passed: {
      what: '{client} makes a document for each connection, at an address that nobody can know before; in its place another one of its host, {document}, and a registration with its redirect URIs were let in.',
      change: 'connect it once to be sure.',
    },
    stand_in_refused: {
      what: 'A registration with the redirect URIs of {client}, in place of its document, is not let in: {says}',
      change: 'let in its redirect URIs: {uris}',
    },
    authorize_unreachable: {
      what: 'No answer came from the authorization endpoint ({fault}).',
      change: 'check authorization_endpoint.',
    },
    document_refused: {
      what: 'The server does not take the document of {client} ({status}): {document}',
      change: 'let it fetch that address, or give it a copy.',
    },
    authorize_fails: {
      what: 'The authorization request of {client} ends on an error page ({status}).',
      change: 'look into the log of the authorization server.',
    },
    authorize_error: {
      what: 'The authorization request of {client} is refused: {error}',
      change: 'let in what this client asks for; leave out what you do not grant.',
    },
    resource_refused: {
      what: 'The authorization server does not know {resource}: {description}',
      change: 'register the MCP server there under exactly this address.',
    },
    loopback_port: {
      what: 'The server wants the loopback port that was registered; {client} takes another one each time.',
      change: 'ignore the port of loopback redirects (RFC 8252 §7.3).',
    },
    open_redirector: {
      what: 'The server sends people to a redirect URI that the client never registered.',
      change: 'compare redirect URIs exactly, and show an error page otherwise.',
    },
    redirect_unchecked: {
      what: 'The server begins to sign people in for a redirect URI that was never registered.',
      change: 'refuse it at once, with a page of your own.',
    },
    resource_ignored: {
      what: 'The server takes a resource that cannot exist, so its tokens may not be bound to one MCP server.',
      change: 'support RFC 8707: refuse unknown resources with invalid_target, put the known one into aud.',
    },
    pkce_optional: {
      what: 'The server takes requests without PKCE.',
      change: 'require code_challenge of every client.',
    },
    iss_missing: {
      what: 'The server promises iss in its answers and leaves it out, so clients reject them.',
      change: 'send iss in every answer, errors too.',
    },
    iss_other: {
      what: 'An answer says that it comes from {says}, not from {issuer}.',
      change: 'make iss the issuer of the metadata.',
    },
    token_unreachable: {
      what: 'No answer came from the token endpoint {url} ({fault}).',
      change: 'check token_endpoint.',
    },
    token_takes_anything: {
      what: 'The token endpoint {url} says yes to a code that nobody has issued.',
      change: 'redeem only codes that were issued, once.',
    },
    token_not_json: {
      what: 'The token endpoint {url} does not say its errors in JSON ({status}).',
      change: 'answer with a JSON object that has error.',
    },
    token_wrong_answer: {
      what: 'The token endpoint {url} answers a bad code with {status}.',
      change: 'answer 400 with invalid_grant.',
    },
    token_public_refused: {
      what: 'The token endpoint {url} refuses a client without a secret.',
      change: 'let public clients redeem codes with PKCE alone.',
    },
    login_failed: { what: 'Nobody could be signed in: {fault}', change: 'see what the answer says.' },
    token_answer_cached: {
      what: 'The answer with the token may be stored by caches.',
      change: 'send Cache-Control: no-store.',
    },
    token_no_scope: {
      what: 'The answer with the token does not say which scopes it has.',
      change: 'always send scope, or clients cannot ask for more later.',
    },
    token_no_refresh: {
      what: 'There is no refresh token, so people sign in again when the token ends.',
      change: 'issue one to clients that registered the grant.',
    },
    call_untried: {
      what: 'Nothing was called with a token, because there is none.',
      change: 'give one (--token), or sign in (--login), on the command line.',
    },
    token_expired: { what: 'The token has expired.', change: 'take a new one.' },
    token_other_issuer: {
      what: 'The token comes from {says}, not from {issuer}.',
      change: 'make the issuer of tokens and metadata the same.',
    },
    token_other_audience: {
      what: 'The token is for {says}, not for {resource}.',
      change: 'put the resource that the client named into aud (RFC 8707).',
    },
    token_no_audience: {
      what: 'The token does not say which server it is for, so every server that trusts the issuer would take it.',
      change: 'put {resource} into aud (RFC 8707).',
    },
    token_opaque: {
      what: 'The token is not a JWT, so nothing of it can be read here.',
      change: 'make sure that the MCP server asks for whom it was issued.',
    },
    token_long: {
      what: 'The token is good for {minutes} minutes.',
      change: 'an hour is long; use refresh tokens.',
    },
    call_unreachable: {
      what: 'No answer came to the call with a token ({fault}).',
      change: 'look into the log of the MCP server.',
    },
    call_refused: {
      what: 'The MCP server refuses the token: {reason}',
      change: 'compare issuer, audience and keys of its check with those of the token.',
    },
    call_forbidden: {
      what: 'The token has too few scopes for a first call ({scope}).',
      change: 'ask for these scopes in the challenge, or let the handshake in with any good token.',
    },
    call_fails: { what: 'The call with a token is answered {status}.', change: 'look into the log of the MCP server.' },
    no_tools: { what: 'No list of tools came back.', change: 'answer tools/list.' },
  },
}
