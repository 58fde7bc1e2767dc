// A server with something to see on every page.
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { authorizationRequest, connect, type RegisteredClient, register } from '../support/flow.ts'

export const documentUrl = 'https://claude.example/oauth/client.json'
const proven = {
  client_id: documentUrl,
  client_name: 'Claude Code',
  client_uri: 'https://claude.example',
  redirect_uris: ['http://127.0.0.1/callback', 'https://claude.example/callback', 'https://relay.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

const website = 'https://claude-login.example/cb'
const longName = 'An assistant with a rather long name that somebody thought would look important on this page'
const longRedirect = 'https://a-very-long-host-name.with-many-parts.example/oauth/callback'

/** The server, an administrator who has connected a few clients, and addresses of consent pages of every sort. */
export interface Gallery {
  readonly app: TestApp
  readonly admin: TestPerson
  /** Title of the picture → authorization request of a client that nobody has allowed yet, or that has to ask again. */
  readonly consents: Readonly<Record<string, string>>
}

/** Starts it; close `app` in `afterAll`. */
export async function openGallery(): Promise<Gallery> {
  const app = await startApp({
    adjust: (config) => ({
      ...config,
      clientMetadataDocuments: 'pinned',
      file: { ...config.file, metadataDocuments: new Map([[documentUrl, proven]]) },
    }),
  })
  const admin = await app.person('ada', 'admin')
  const local = await register(app, { client_name: 'My script' })
  const again = await register(app, { client_name: 'Inspector' })
  await connect(app, admin, {}, local)
  await connect(app, admin, { scope: 'notes:read notes:write' }, local)
  await connect(app, admin, { scope: 'notes:read' }, again)
  const document = { client_id: documentUrl }
  await connect(app, admin, { redirect_uri: 'https://claude.example/callback' }, { ...local, ...document })

  const all = 'notes:read notes:write notes:delete'
  const stranger = await register(app, { client_name: 'Claude', redirect_uris: [website] })
  const cursor = await register(app, {
    client_name: 'Cursor',
    redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'],
  })
  const long = await register(app, { client_name: longName, redirect_uris: [longRedirect] })
  const ask = (client: Pick<RegisteredClient, 'client_id'>, params: Record<string, string> = {}) =>
    authorizationRequest(app, client.client_id, { scope: all, ...params }).url
  return {
    app,
    admin,
    consents: {
      'proven-loopback': ask(document, { redirect_uri: 'http://127.0.0.1:51999/callback' }),
      'proven-other-host': ask(document, { redirect_uri: 'https://relay.example/callback' }),
      'unproven-website': ask(stranger, { redirect_uri: website }),
      'unproven-app': ask(cursor, { redirect_uri: 'cursor://anysphere.cursor-mcp/oauth/callback' }),
      'asked-again': ask(again),
      'long-words': ask(long, { redirect_uri: longRedirect }),
    },
  }
}
