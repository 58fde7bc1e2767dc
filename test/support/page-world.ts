// Servers with something to see on every page: people, MCP servers, clients of every sort, connections, refusals.
import { invitePerson } from '../../src/accounts/invite.ts'
import { makeLink } from '../../src/accounts/links/send.ts'
import { addClient, blockClient } from '../../src/clients/change.ts'
import { makeClient } from '../../src/clients/client.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { linkPerson } from '../../src/federation/people.ts'
import type { ResourceDraft } from '../../src/resources/resource.ts'
import { madePerson, madeUpstream } from '../federation/made.ts'
import { notes, startApp, type TestApp, type TestPerson } from './app.ts'
import { makePasskey, optionsOn } from './authenticator.ts'
import { Browser } from './browser.ts'
import {
  askFor,
  askOfEachSort,
  cursorRedirect,
  documentRedirect,
  documentUrl,
  everyScope,
  strangersWebsite,
  withDocument,
} from './clients-on-show.ts'
import { authorizationRequest, connect, decide, type RegisteredClient, refresh, register } from './flow.ts'
import { codeOf, forgetSteps, type Holdings, withApp } from './second-factor.ts'
import { addUpstream, upstreamOf } from './upstream.ts'

const lookAlike = 'https://claude-c0de.example/cb'
const operator = { actor: 'operator' } as const
const quietly = { locale: 'en', method: 'test' } as const

const deploy: ResourceDraft = {
  identifier: 'http://localhost:9729/mcp',
  name: 'Deployments',
  aliases: ['https://www.deploy.example/mcp'],
  tokenLifetimeSeconds: 900,
  signingAlg: 'EdDSA',
  scopes: [
    { name: 'deploy:status', description: 'See deployments', risk: 'read', isDefault: true },
    { name: 'deploy:start', description: 'Start deployments', risk: 'write', isDefault: false },
  ],
}

/** Who is at the browser: nobody, somebody with connections, with second factors, an administrator; or one on the server that parks clients. */
export type Visitor = 'nobody' | 'member' | 'admin' | 'parked-admin' | 'careful'

/** What the pages of the inventory are made from. */
export interface PageWorld {
  readonly app: TestApp
  /** Another server: every new client waits for an administrator there. */
  readonly parked: TestApp
  /** A third: nobody has set it up. */
  readonly bare: TestApp
  readonly people: Readonly<Record<Exclude<Visitor, 'nobody'>, TestPerson>>
  /** Title → authorization request of a client that nobody has allowed yet, or that has to ask again. */
  readonly consents: Readonly<Record<string, string>>
  /** Title → client id. */
  readonly clients: Readonly<Record<'registered' | 'document' | 'blocked' | 'operator', string>>
  readonly waitingRequest: string
  /** Authorization requests that no client is told about: what is wrong with them → address. */
  readonly wrong: Readonly<Record<'client' | 'redirect' | 'resource', string>>
  readonly accessToken: string
  /** A code of the app of who is careful; good at once. */
  carefulCode(): Promise<string>
  /** A new link for somebody who cannot sign in. */
  linkFor(person: 'invitee' | 'forgetful'): Promise<string>
  close(): Promise<void>
}

/** Starts the servers and fills them; close them in `afterAll`. */
export async function openPageWorld(): Promise<PageWorld> {
  const app = await startApp({
    settings: { REFRESH_GRACE_SECONDS: '0', SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'id@example.test' },
    resources: [notes, deploy],
    adjust: withDocument,
  })
  await addUpstream(app, upstreamOf({ issuer: 'https://login.acme.example', clientSecret: 'secret' }))
  const parked = await startApp({ settings: { REGISTRATION: 'approval' } })
  const bare = await startApp({ resources: [] })
  const member = await app.person('ada')
  const admin = await app.person('root', 'admin')
  const careful = await secureSome(app)
  const links = await inviteSome(app)
  const clients = await connectSome(app, member)
  await federateSome(app, member)
  const { request: waitingRequest, admin: parkedAdmin } = await parkSome(parked)
  return {
    app,
    parked,
    bare,
    people: { member, admin, careful: careful.person, 'parked-admin': parkedAdmin },
    consents: await askSome(app, clients),
    clients: {
      registered: clients.script.client_id,
      document: documentUrl,
      blocked: clients.blocked.client_id,
      operator: await addServersOwn(app),
    },
    waitingRequest,
    wrong: {
      client: authorizationRequest(app, 'nobody').url,
      redirect: authorizationRequest(app, clients.script.client_id, {
        redirect_uri: 'https://elsewhere.example/callback?with=a-long-query-that-somebody-made-up',
      }).url,
      resource: authorizationRequest(app, clients.script.client_id, { resource: 'http://localhost:9728/other' }).url,
    },
    accessToken: clients.accessToken,
    async carefulCode() {
      await forgetSteps(app)
      return codeOf(careful.held)
    },
    async linkFor(person) {
      const made = await makeLink({ ...app.app.rooms.accounts, mailer: undefined }, links[person], operator, quietly)
      if (made === null) throw new Error(`no link for ${person}`)
      return made.url
    },
    async close() {
      for (const one of [app, parked, bare]) await one.close()
    },
  }
}

/** Two providers, one of them of the file, and who is linked to them. */
async function federateSome(app: TestApp, { id }: TestPerson): Promise<void> {
  const { people, upstreams } = app.app.rooms.federation
  const firm = madeUpstream({ id: 'firm', preset: 'keycloak', name: 'The firm', rules: { domains: ['acme.example'] } })
  const file = madeUpstream({
    ...{ id: 'google', preset: 'google', name: 'Google', issuer: 'https://accounts.google.com', setByFile: true },
  })
  const gone = madeUpstream({ id: 'gone', issuer: 'https://gone.example', name: 'Gone' })
  for (const upstream of [firm, file]) await upstreams.store.add(upstream)
  const label = 'a.rather.long.address.of.somebody@acme.example'
  await linkPerson(people, id, firm, madePerson(firm, { email: label }))
  await linkPerson(people, id, gone, madePerson(gone))
}

/** Somebody with an app, two passkeys and few recovery codes. */
async function secureSome(app: TestApp): Promise<{ readonly person: TestPerson; readonly held: Holdings }> {
  const person = await app.person('lin')
  const { browser, held } = await withApp(app, person)
  const names = ['Chrome, Linux', 'The blue key from the drawer, the one with a very long name']
  for (const [index, name] of names.entries()) {
    const page = await browser.open('/account/security/passkeys')
    const { registration } = makePasskey(optionsOn(page), app.issuer, { backedUp: index === 0 })
    await browser.submit(page, { passkey: registration, name })
  }
  await app.app.rooms.database.sql.run(
    'UPDATE recovery_code SET used_at = created_at WHERE digest IN (SELECT digest FROM recovery_code LIMIT 7)',
  )
  return { person, held }
}

async function inviteSome(app: TestApp): Promise<Record<'invitee' | 'forgetful', string>> {
  const { id: forgetful } = await app.person('grace')
  const invitee = {
    email: 'a.rather.long.address.of.somebody@department.of-a-company.example',
    name: 'Maximiliane Freifrau von und zu Hohenlohe-Langenburg',
    role: 'admin',
  } as const
  const desk = { ...app.app.rooms.accounts, mailer: undefined }
  await invitePerson(desk, invitee, operator, quietly)
  const made = await app.app.rooms.accounts.store.findByEmail(invitee.email)
  return { forgetful, invitee: made?.id ?? '' }
}

type Clients = Readonly<Record<'script' | 'inspector' | 'cursor' | 'blocked', RegisteredClient>> & {
  readonly accessToken: string
}

async function connectSome(app: TestApp, member: TestPerson): Promise<Clients> {
  const script = await register(app, { client_name: 'My script', redirect_uris: ['http://127.0.0.1:4321/callback'] })
  const inspector = await register(app, { client_name: 'Inspector' })
  const cursor = await register(app, { client_name: 'Cursor', redirect_uris: [cursorRedirect] })
  const blocked = await register(app, { client_name: 'Claude', redirect_uris: [strangersWebsite] })
  const document = { ...script, client_id: documentUrl }
  const redirect_uri = documentRedirect
  await connect(app, member, { scope: everyScope, redirect_uri }, document)
  await connect(app, member, { scope: 'deploy:status', redirect_uri, resource: deploy.identifier }, document)
  await connect(app, member, { scope: 'notes:read notes:write' }, script)
  const { accessToken } = await connect(app, member, { scope: 'notes:read' }, inspector)
  await blockClient(app.app.rooms.clientDesk, blocked.client_id, operator)
  await new Browser(app.issuer).open(
    authorizationRequest(app, blocked.client_id, { redirect_uri: strangersWebsite }).url,
  )
  // Cursor’s credential comes back after it was used up.
  const { refreshToken } = await connect(app, member, { redirect_uri: cursorRedirect }, cursor)
  await refresh(app, cursor, refreshToken)
  await app.app.rooms.database.sql.run('UPDATE refresh_family SET rotated_at = rotated_at - 5000')
  await refresh(app, cursor, refreshToken)
  // Installations of one program, and a document that changed.
  for (let index = 0; index < 4; index += 1) await see(app, `copilot${index}`, { client_name: 'Copilot (notes)' })
  const vscode = 'https://vscode.example/oauth/client-metadata.json'
  await see(app, vscode, { client_name: 'Visual Studio Code' })
  await see(app, vscode, { client_name: 'VS Code', redirect_uris: ['https://insiders.vscode.example/redirect'] })
  await app.app.rooms.audit.flush()
  return { script, inspector, cursor, blocked, accessToken }
}

/** The client of an MCP server, which asks about its tokens and about those of one that is not registered. */
async function addServersOwn(app: TestApp): Promise<string> {
  const introspects = [
    notes.identifier,
    deploy.identifier,
    'https://a-server-with-a-long-address.that-is-not-registered.example/mcp',
  ]
  const draft = {
    clientId: 'deploy-itself',
    clientName: 'Deployments',
    grantTypes: ['client_credentials'],
    introspects,
  }
  return (await addClient(app.app.rooms.clientDesk, draft, operator)).client.id
}

async function see(app: TestApp, id: string, members: object): Promise<void> {
  const origin = id.startsWith('https:') ? 'document' : 'registered'
  const said = { redirect_uris: ['http://127.0.0.1:33418/callback'], software_id: 'copilot', ...members }
  const metadata = normaliseClientMetadata(said, { origin })
  if (!metadata.ok) throw new Error(metadata.description)
  const client = makeClient({ id, origin, metadata: metadata.metadata, now: new Date() })
  const { clients } = app.app.rooms
  await (origin === 'document' ? clients.see(client) : clients.save(client))
}

async function askSome(app: TestApp, { inspector }: Clients): Promise<PageWorld['consents']> {
  // Cursor and Claude are known here already, as others.
  const website = { client_name: 'Sum of notes', redirect_uris: ['https://sums.example/cb'] } as const
  const native = { client_name: 'Zed', redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/two'] } as const
  const ofEachSort = await askOfEachSort(app, { website, native, known: inspector })
  const twin = await register(app, { client_name: 'Claude C0de', redirect_uris: [lookAlike] })
  const doomed = await register(app, { client_name: 'Free lunch' })
  return {
    ...ofEachSort,
    'to-deny': ofEachSort['unproven-website'] ?? '',
    'to-block': askFor(app, doomed),
    'look-alike': askFor(app, twin, { redirect_uri: lookAlike }),
  }
}

async function parkSome(app: TestApp): Promise<{ readonly request: string; readonly admin: TestPerson }> {
  const admin = await app.person('root', 'admin')
  const [ada, bob] = [await app.person('ada'), await app.person('bob')]
  const one = await register(app, { client_name: 'Cursor', redirect_uris: [cursorRedirect] })
  const other = await register(app, { client_name: 'Test client' })
  const params = { redirect_uri: cursorRedirect }
  await decide(new Browser(app.issuer), authorizationRequest(app, one.client_id, params), ada)
  await decide(new Browser(app.issuer), authorizationRequest(app, one.client_id, params), bob)
  await decide(new Browser(app.issuer), authorizationRequest(app, other.client_id), bob)
  return { admin, request: authorizationRequest(app, other.client_id).url }
}
