// An MCP server with its authorization server on one port, made by hand, that does everything right but for what is switched on.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FindingCode, findings } from '../../src/doctor/finding.ts'

/** What can be wrong with it: what the doctor should call it. */
export type Defect = FindingCode

/** A running server. */
export interface BrokenServer {
  readonly origin: string
  readonly address: string
  /** Clients that are registered at this moment. */
  readonly clients: ReadonlyMap<string, Registered>
  /** Every request: method and path. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** Answers in place of the server; false: the server does. */
export type Before = (
  request: IncomingMessage,
  response: ServerResponse,
  seen: { readonly path: string; readonly body: string; readonly origin: string },
) => boolean

interface Registered {
  readonly redirectUris: readonly string[]
}

/** The token that is good here. */
export const goodToken = (origin: string, changes: Record<string, unknown> = {}) => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: origin, aud: `${origin}/mcp`, iat: now, exp: now + 300, sub: 'ada', ...changes }
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
}

/** Starts one with these defects. `removable: false`: clients cannot be taken away again. */
export async function startBrokenServer(
  defects: readonly Defect[] = [],
  {
    removable = true,
    resource,
    managedAt,
    before = () => false,
    metadataMembers = {},
  }: {
    readonly removable?: boolean
    readonly resource?: string
    readonly managedAt?: string
    readonly before?: Before
    /** Of the authorization server, in place of its own. */
    readonly metadataMembers?: Readonly<Record<string, unknown>>
  } = {},
): Promise<BrokenServer> {
  for (const defect of defects) if (findings[defect] === undefined) throw new RangeError(defect)
  const has = (defect: Defect) => defects.includes(defect)
  const clients = new Map<string, Registered>()
  const requests: string[] = []
  let origin = ''
  let ids = 0

  function mcp(request: IncomingMessage, response: ServerResponse, body: string) {
    const cors = {
      ...(has('cors_challenge') ? {} : { 'access-control-expose-headers': 'WWW-Authenticate' }),
      'access-control-allow-origin': '*',
    }
    if (request.method === 'OPTIONS') {
      return has('cors_server')
        ? end(response, 404)
        : end(response, 204, { ...cors, 'access-control-allow-headers': 'Authorization, Content-Type' })
    }
    if (has('nothing_there')) return end(response, 404)
    if (has('fails')) return end(response, 500)
    if (has('server_redirects')) return end(response, 308, { location: `${origin}/other` })
    if (request.method === 'DELETE') return end(response, 204)
    const token = request.headers.authorization?.slice(7)
    const pointer = `${origin}/.well-known/oauth-protected-resource/mcp`
    if (token === undefined && has('wrong_status')) return end(response, 403)
    const isGood = token?.startsWith('e30.') === true || (token !== undefined && has('any_token')) || has('open')
    if (!isGood) {
      if (token !== undefined && has('bad_token_status')) return end(response, 400, cors)
      const error = token === undefined ? has('early_error') : !has('bad_token_silent')
      const parts = [
        ...(error ? ['error="invalid_token"'] : []),
        `scope="notes:read${has('offline_in_challenge') ? ' offline_access' : ''}"`,
        ...(has('no_pointer')
          ? []
          : [
              `resource_metadata="${has('foreign_pointer') ? pointer.replace('localhost', '127.0.0.1') : has('dead_pointer') ? `${origin}/gone` : pointer}"`,
            ]),
      ]
      const shown = has('no_scopes') ? parts.filter((part) => !part.startsWith('scope')) : parts
      const challenge = has('malformed_challenge')
        ? `Bearer ${parts.join(' ').replaceAll('"', '')}`
        : `Bearer ${shown.join(', ')}`
      return end(response, 401, { ...cors, ...(has('no_challenge') ? {} : { 'www-authenticate': challenge }) })
    }
    if (has('call_refused') && token !== undefined)
      return end(response, 401, {
        'www-authenticate': 'Bearer error="invalid_token", error_description="of another server"',
      })
    if (has('call_forbidden') && token !== undefined)
      return end(response, 403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="notes:admin"' })
    if (has('call_fails') && token !== undefined) return end(response, 502)
    const message = JSON.parse(body) as { id?: number; method: string }
    if (message.id === undefined) return end(response, 202)
    const result = message.method === 'tools/list' && !has('no_tools') ? { tools: [{ name: 'search' }] } : {}
    return sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result })
  }

  function resourceDocument(response: ServerResponse) {
    const named = has('other_resource')
      ? 'https://other.example/mcp'
      : has('resource_above') || has('resource_above_refused')
        ? `${origin}/`
        : has('resource_spelling')
          ? `${origin}/mcp/`
          : (resource ?? `${origin}/mcp`)
    const issuers = has('issuer_not_https')
      ? ['http://auth.example']
      : has('issuer_unreachable')
        ? ['https://localhost:1']
        : [issuer()]
    const scopes = has('no_scopes') ? [] : ['notes:read', ...(has('offline_in_document') ? ['offline_access'] : [])]
    const body = {
      ...(has('bad_document') ? {} : { resource: named }),
      ...(has('no_server_named') ? {} : { authorization_servers: issuers }),
      scopes_supported: scopes,
    }
    return sendJson(response, 200, body, has('cors_resource_metadata') ? {} : { 'access-control-allow-origin': '*' })
  }

  const issuer = () => (has('issuer_slash') || has('issuer_slash_refused') ? `${origin}/` : origin)

  function metadata(response: ServerResponse, openid: boolean) {
    if (has('bad_metadata')) return end(response, 200, { 'content-type': 'text/html' }, '<p>Welcome</p>')
    const methods = has('no_none') ? ['client_secret_basic'] : ['none']
    const document: Record<string, unknown> = {
      issuer: has('other_issuer') || (openid && has('spellings_differ')) ? 'https://other.example' : origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: has('endpoint_not_https') ? 'http://auth.example/token' : `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      revocation_endpoint: `${origin}/revoke`,
      jwks_uri: `${origin}/jwks`,
      response_types_supported: has('no_code') ? ['token'] : ['code'],
      grant_types_supported: ['authorization_code', ...(has('no_refresh') ? [] : ['refresh_token'])],
      code_challenge_methods_supported: has('no_s256') ? ['plain'] : ['S256'],
      token_endpoint_auth_methods_supported: methods,
      authorization_response_iss_parameter_supported: !has('no_iss'),
      client_id_metadata_document_supported: !has('no_documents') && !has('no_way_in'),
      scopes_supported: has('server_scopes') ? ['other'] : ['notes:read', 'offline_access'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    }
    Object.assign(document, metadataMembers)
    if (has('no_pkce')) delete document.code_challenge_methods_supported
    if (has('no_endpoint')) delete document.token_endpoint
    if (has('no_way_in')) delete document.registration_endpoint
    if (has('openid_incomplete')) delete document.subject_types_supported
    return sendJson(response, 200, document, has('cors_server_metadata') ? {} : { 'access-control-allow-origin': '*' })
  }

  function register(request: IncomingMessage, response: ServerResponse, body: string) {
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'Content-Type' }
    if (request.method === 'OPTIONS') return has('cors_registration') ? end(response, 404) : end(response, 204, cors)
    if (has('registration_closed')) return sendJson(response, 401, { error: 'invalid_token' })
    if (has('registration_not_json')) return end(response, 500, { 'content-type': 'text/html' }, '<h1>Oops</h1>')
    const asked = JSON.parse(body) as { redirect_uris: string[]; grant_types?: string[]; client_name?: string }
    const [first = ''] = asked.redirect_uris
    if (first.startsWith('javascript:') && !has('registration_dangerous')) {
      return sendJson(response, 400, { error: 'invalid_redirect_uri' })
    }
    if (has('registration_refused') && first.startsWith('cursor:')) {
      return sendJson(response, 400, { error: 'invalid_redirect_uri', error_description: 'must be https' })
    }
    ids += 1
    const id = `client${ids}`
    const kept = has('registration_no_echo')
      ? asked.redirect_uris.filter((uri) => uri.startsWith('http'))
      : asked.redirect_uris
    clients.set(id, { redirectUris: kept })
    return sendJson(response, 201, {
      ...asked,
      client_id: id,
      redirect_uris: kept,
      grant_types: has('registration_no_refresh') ? ['authorization_code'] : asked.grant_types,
      ...(has('registration_secret') ? { client_secret: 'x', token_endpoint_auth_method: 'client_secret_basic' } : {}),
      ...(removable && !has('left_behind')
        ? { registration_client_uri: `${managedAt ?? origin}/register/${id}`, registration_access_token: `of-${id}` }
        : {}),
    })
  }

  function authorize(response: ServerResponse, query: URLSearchParams) {
    const id = query.get('client_id') ?? ''
    const redirect = query.get('redirect_uri') ?? ''
    const isDocument = id.startsWith('https://')
    if (isDocument && has('document_refused')) return end(response, 400, {}, 'no such client')
    if (has('authorize_fails')) return end(response, 500)
    const withoutPort = (uri: string) => (has('loopback_port') ? uri : uri.replace(/^(http:\/\/[\w.]+):\d+/, '$1'))
    const known = clients.get(id)?.redirectUris.map(withoutPort)
    const isKnown = isDocument
      ? !redirect.includes('doctor.invalid') && !(has('loopback_port') && redirect.includes(':61204'))
      : known?.includes(withoutPort(redirect)) === true
    const back = (error: string) => {
      const iss: Record<string, string> = has('iss_missing')
        ? {}
        : { iss: has('iss_other') ? 'https://other.example' : origin }
      return end(response, 303, { location: `${redirect}?${new URLSearchParams({ error, ...iss })}` })
    }
    if (!isKnown && has('open_redirector')) return back('invalid_request')
    if (!isKnown && !has('redirect_unchecked')) return end(response, 400, {}, 'unknown redirect')
    if (has('authorize_error')) return back('invalid_scope')
    const isOurs = query.get('resource') === (resource ?? `${origin}/mcp`) || query.get('resource')?.startsWith(origin)
    if (has('resource_refused') || (!isOurs && !has('resource_ignored'))) return back('invalid_target')
    if (!query.has('code_challenge') && !has('pkce_optional')) return back('invalid_request')
    return end(response, 303, { location: '/sign-in' })
  }

  function token(response: ServerResponse, body: string) {
    const cors: Record<string, string> = has('cors_token') ? {} : { 'access-control-allow-origin': '*' }
    if (has('token_takes_anything')) return sendJson(response, 200, { access_token: 'x', token_type: 'Bearer' }, cors)
    if (has('token_wrong_answer')) return end(response, 404, cors)
    if (has('token_not_json')) return end(response, 400, { ...cors, 'content-type': 'text/html' }, 'bad code')
    if (has('token_public_refused')) return sendJson(response, 401, { error: 'invalid_client' }, cors)
    if (new URLSearchParams(body).get('code') === 'good') {
      return sendJson(
        response,
        200,
        {
          access_token: goodToken(origin),
          token_type: 'Bearer',
          ...(has('token_no_scope') ? {} : { scope: 'notes:read' }),
          ...(has('token_no_refresh') ? {} : { refresh_token: 'again' }),
        },
        { ...cors, ...(has('token_answer_cached') ? {} : { 'cache-control': 'no-store' }) },
      )
    }
    return sendJson(response, 400, { error: 'invalid_grant' }, cors)
  }

  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', origin)
      requests.push(`${request.method} ${url.pathname}`)
      const path = url.pathname
      if (before(request, response, { path, body, origin })) return
      if (path === '/mcp') return mcp(request, response, body)
      if (path === '/.well-known/oauth-protected-resource/mcp' && !has('no_document') && !has('not_at_path')) {
        return resourceDocument(response)
      }
      if (path === '/.well-known/oauth-protected-resource' && has('not_at_path')) return resourceDocument(response)
      if (has('no_metadata') && path.startsWith('/.well-known/o')) return end(response, 404)
      if (path === '/.well-known/oauth-authorization-server') {
        if (has('failing_spelling')) return end(response, 500)
        return has('missing_spelling') || has('openid_incomplete') ? end(response, 404) : metadata(response, false)
      }
      if (path === '/.well-known/openid-configuration') return metadata(response, true)
      if (path === '/register') return register(request, response, body)
      if (path.startsWith('/register/')) {
        if (!removable) return end(response, 404)
        const id = path.slice('/register/'.length)
        if (request.headers.authorization !== `Bearer of-${id}`) return end(response, 401)
        return end(response, clients.delete(id) ? 204 : 401)
      }
      if (path === '/authorize') return authorize(response, url.searchParams)
      if (path === '/token') return token(response, body)
      return end(response, ['/sign-in', '/revoke'].includes(path) ? 200 : 404)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    origin,
    address: `${origin}/mcp`,
    clients,
    requests,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}, body = '') {
  response.writeHead(status, headers).end(body)
}

function sendJson(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}) {
  end(response, status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value))
}
