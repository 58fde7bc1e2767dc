// The protocol library alone, with the same protocol features, on a map without bounds or on PostgreSQL: what our server
// is compared with. A stand-in for the person says yes to everything.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import { mapAdapter } from './bare-map.ts'
import { postgresqlAdapter } from './bare-postgresql.ts'
import { answerDriver, given } from './child.ts'
import { person, resource } from './people.ts'

const port = Number(given('PORT'))
const issuer = `http://127.0.0.1:${port}`
const url = given('DATABASE_URL')
const adapter = url === '' ? mapAdapter() : await postgresqlAdapter(url)
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const secret = randomBytes(32).toString('base64url')

const provider = new Provider(issuer, {
  adapter,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  routes: {
    authorization: '/authorize',
    token: '/token',
    registration: '/register',
    revocation: '/revoke',
    introspection: '/introspect',
    pushed_authorization_request: '/par',
    jwks: '/jwks',
  },
  clients: [
    {
      client_id: 'machine',
      client_secret: secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  clientDefaults: {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
  },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  scopes: ['openid', 'offline_access'],
  responseTypes: ['code'],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: async () => false,
  findAccount: async (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  ttl: { AccessToken: 300, ClientCredentials: 300, AuthorizationCode: 60, Grant: 7_776_000, RefreshToken: 2_592_000 },
  features: {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true },
    registration: { enabled: true, initialAccessToken: false, issueRegistrationAccessToken: true },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
    clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => resource,
      useGrantedResource: async () => true,
      getResourceServerInfo: async () => ({
        scope: 'notes:read notes:write',
        audience: resource,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})

let people = 0
const handle = provider.callback()
const server = createServer((req, res) => {
  if (!req.url?.startsWith('/interaction/')) void handle(req, res)
  else {
    sayYes().catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      res.writeHead(500).end()
    })
  }

  async function sayYes(): Promise<void> {
    const { params, session } = await provider.interactionDetails(req, res)
    people += session === undefined ? 1 : 0
    const accountId = session?.accountId ?? `person${people}`
    const grant = new provider.Grant({ accountId, clientId: String(params.client_id) })
    grant.addResourceScope(resource, 'notes:read')
    const grantId = await grant.save()
    await provider.interactionFinished(req, res, { login: { accountId }, consent: { grantId } })
  }
})
server.listen(port, '127.0.0.1', () => {
  answerDriver({
    port,
    jwksPath: '/jwks',
    resource,
    redirectUri: person.redirectUri,
    machine: { id: 'machine', secret },
  })
})
