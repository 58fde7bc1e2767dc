// Every page of the product once, or more often where it looks different. Pages are reached by names of fields, not by words:
// the inventory is walked through in each language.
import type { Page } from 'playwright-core'
import { startBrokenServer } from '../doctor/broken-server.ts'
import type { PageWorld, Visitor } from './page-world.ts'

/** One page, and how a visitor gets there. */
export interface InventoryPage {
  /** Of its picture. */
  readonly name: string
  /** The template below `views/` that shows it. */
  readonly view: string
  /** `data-page` */
  readonly handle: string
  readonly as: Visitor
  readonly address: (world: PageWorld) => string | Promise<string>
  /** What is done there before it is looked at. */
  readonly prepare?: (page: Page, world: PageWorld) => Promise<void>
  /** Of the answer; 200 when absent. The browser's console notes every other. */
  readonly status?: number
}

const nobody = 'nobody'
const member = 'member'
const admin = 'admin'

const press = (selector: string) => async (page: Page) => {
  await Promise.all([page.waitForNavigation(), page.locator(selector).first().click()])
}
const unfold = async (page: Page) => {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true
  })
}
const asCareful = async (page: Page, { people }: PageWorld) => {
  await page.locator('[name=email]').fill(people.careful.email)
  await page.locator('[name=password]').fill(people.careful.password)
  await press('button.primary')(page)
}
const at = (path: string) => (world: PageWorld) => `${world.app.issuer}${path}`
const consent = (name: string, prepare?: InventoryPage['prepare'], handle = 'consent'): InventoryPage => ({
  name: `consent-${name}`,
  view: 'consent/ask',
  handle,
  as: member,
  address: ({ consents }) => consents[name] ?? '',
  prepare,
})

const signIn: readonly InventoryPage[] = [
  { name: 'sign-in', view: 'login/sign-in', handle: 'sign-in', as: nobody, address: at('/sign-in') },
  {
    name: 'sign-in-for-a-client',
    view: 'login/sign-in',
    handle: 'sign-in',
    as: nobody,
    address: ({ consents }) => consents['unproven-app'] ?? '',
  },
  {
    name: 'sign-in-refused',
    view: 'login/sign-in',
    handle: 'sign-in',
    as: nobody,
    address: at('/sign-in'),
    async prepare(page) {
      await page.locator('[name=email]').fill('nobody@example.test')
      await page.locator('[name=password]').fill('not the password')
      await press('button.primary')(page)
    },
  },
  {
    name: 'continue',
    view: 'continue',
    handle: 'continue',
    as: nobody,
    address: ({ consents }) => consents['unproven-app'] ?? '',
    async prepare(page, { people }) {
      await stayWhileGoing(page)
      await page.locator('[name=email]').fill(people.member.email)
      await page.locator('[name=password]').fill(people.member.password)
      await press('button.primary')(page)
    },
  },
  { name: 'sign-in-again', view: 'login/sign-in', handle: 'sign-in', as: admin, address: at('/sign-in?again=1') },
  {
    name: 'setup',
    view: 'setup/first-administrator',
    handle: 'setup',
    as: nobody,
    address: async ({ bare }) => (await bare.app.setupLink()) ?? '',
  },
  {
    name: 'invitation',
    view: 'login/choose-password',
    handle: 'invitation',
    as: nobody,
    address: ({ linkFor }) => linkFor('invitee'),
  },
  {
    name: 'reset',
    view: 'login/choose-password',
    handle: 'reset',
    as: nobody,
    address: ({ linkFor }) => linkFor('forgetful'),
  },
  {
    name: 'forgot-password',
    view: 'login/forgot-password',
    handle: 'forgot-password',
    as: nobody,
    address: at('/forgot-password'),
  },
  {
    name: 'second-factor',
    view: 'login/second-factor',
    handle: 'second-factor',
    as: nobody,
    address: at('/sign-in'),
    prepare: asCareful,
  },
  {
    name: 'second-factor-recovery',
    view: 'login/second-factor',
    handle: 'second-factor',
    as: nobody,
    address: at('/sign-in'),
    async prepare(page, world) {
      await asCareful(page, world)
      await press('a[href$="with=recovery"]')(page)
      await page.locator('#code').fill('0000 0000 0000 0000')
      await press('button.primary')(page)
    },
  },
  {
    name: 'second-factor-for-a-client',
    view: 'login/second-factor',
    handle: 'second-factor',
    as: nobody,
    address: ({ consents }) => `${consents['unproven-app']}&acr_values=phr`,
    prepare: asCareful,
  },
  {
    name: 'second-factor-ended',
    view: 'login/second-factor-ended',
    handle: 'second-factor',
    as: nobody,
    address: async ({ app }) => {
      await app.app.rooms.database.sql.run('DELETE FROM pending_sign_in')
      return `${app.issuer}/sign-in/second-factor`
    },
    status: 401,
  },
  {
    name: 'second-factor-setup-for-a-client',
    view: 'login/second-factor-setup',
    handle: 'second-factor-setup',
    as: nobody,
    address: ({ consents }) => `${consents['unproven-app']}&acr_values=phr`,
    async prepare(page, { people }) {
      await page.locator('[name=email]').fill(people.member.email)
      await page.locator('[name=password]').fill(people.member.password)
      await press('button.primary')(page)
    },
  },
  { name: 'sign-out', view: 'login/sign-out', handle: 'sign-out', as: member, address: at('/logout') },
]

const consents: readonly InventoryPage[] = [
  consent('proven-loopback'),
  consent('proven-other-host'),
  consent('unproven-website'),
  consent('unproven-app', unfold),
  consent('asked-again'),
  consent('long-words'),
  { ...consent('look-alike'), view: 'consent/stop', handle: 'consent-warning' },
  {
    ...consent('look-alike', async (page) => {
      await page.locator('#acknowledge').check()
      await press('button[value=look]')(page)
    }),
    name: 'consent-despite-look-alike',
  },
  {
    ...consent('to-allow', async (page) => {
      await stayWhileGoing(page)
      await press('button[value=allow]')(page)
    }),
    view: 'consent/allowed',
    handle: 'continue',
  },
  {
    ...consent('to-allow', async (page) => {
      await unfold(page)
      await page.locator('#by-hand').check()
      await page.locator('button[value=allow]').click()
      await page.locator('#answer-code').waitFor()
    }),
    name: 'consent-answer-by-hand',
    view: 'consent/returned',
    handle: 'error',
  },
  {
    ...consent('to-deny', press('button[value=deny]')),
    view: 'consent/denied',
    handle: 'error',
  },
  {
    ...consent('to-block', async (page) => {
      // In another language it was blocked already.
      if ((await page.locator('main[data-page=consent-blocked]').count()) > 0) await press('[form=unblock]')(page)
      await unfold(page)
      await press('form[action$="/block"] button')(page)
    }),
    view: 'consent/blocked',
    handle: 'error',
  },
  { ...consent('to-block'), name: 'consent-blocked-before', view: 'consent/blocked', handle: 'consent-blocked' },
  {
    name: 'approval-pending',
    view: 'admin/approval-pending',
    handle: 'approval-pending',
    as: 'parked-admin',
    address: ({ waitingRequest }) => waitingRequest,
  },
]

const error = (
  name: string,
  address: InventoryPage['address'],
  status: number,
  as: Visitor = nobody,
): InventoryPage => ({
  name: `error-${name}`,
  view: 'error',
  handle: 'error',
  as,
  address,
  status,
})

const beforeTheHop = (name: string): InventoryPage => ({
  name: `upstream-${name}`,
  view: 'federation/continue',
  handle: 'upstream-continue',
  as: nobody,
  address: ({ consents }) => consents[name] ?? '',
  prepare: press('[data-upstream]'),
})

const upstream: readonly InventoryPage[] = ['proven-loopback', 'unproven-website', 'unproven-app', 'long-words'].map(
  beforeTheHop,
)

const errors: readonly InventoryPage[] = [
  error('not-found', at('/nothing-here'), 404),
  error('not-for-you', at('/admin'), 404, member),
  error('setup-closed', at('/setup/0123456789012345678901234567890123456789'), 404),
  error('expired-request', at(`/interaction/${'A'.repeat(43)}`), 400),
  error('unknown-client', ({ wrong }) => wrong.client, 400),
  error('wrong-redirect', ({ wrong }) => wrong.redirect, 400),
  error('wrong-resource', ({ wrong }) => wrong.resource, 400),
  error('upstream-over', at(`/upstream/acme/callback?state=${'A'.repeat(43)}&code=x`), 400),
  error('upstream-malformed', at('/upstream/acme/callback'), 400),
]

const explained: InventoryPage = {
  name: 'error-code',
  view: 'admin/diagnostics-code',
  handle: 'error-code',
  as: nobody,
  address: at('/errors/invalid_redirect_uri'),
}

const account: readonly InventoryPage[] = [
  {
    name: 'connections',
    view: 'me/connections',
    handle: 'connections',
    as: member,
    address: at('/account/connections'),
    prepare: unfold,
  },
  {
    name: 'connections-none',
    view: 'me/connections',
    handle: 'connections',
    as: admin,
    address: at('/account/connections'),
  },
  { name: 'history', view: 'me/history', handle: 'history', as: member, address: at('/account/history') },
  { name: 'sessions', view: 'me/sessions', handle: 'sessions', as: member, address: at('/account/sessions') },
  { name: 'security', view: 'login/security', handle: 'security', as: member, address: at('/account/security') },
  {
    name: 'security-with-factors',
    view: 'login/security',
    handle: 'security',
    as: 'careful',
    address: at('/account/security'),
    prepare: unfold,
  },
  {
    name: 'second-factor-setup',
    view: 'login/second-factor-setup',
    handle: 'second-factor-setup',
    as: member,
    address: at('/account/security/second-factor'),
  },
  {
    name: 'authenticator-setup',
    view: 'login/authenticator-setup',
    handle: 'authenticator-setup',
    as: 'careful',
    address: at('/account/security/authenticator'),
    async prepare(page) {
      await page.locator('#code').fill('000000')
      await press('main form button.primary')(page)
    },
  },
  {
    name: 'recovery-codes',
    view: 'login/recovery-codes',
    handle: 'recovery-codes',
    as: 'careful',
    address: at('/account/security'),
    prepare: press('form[action$="/recovery-codes"] button'),
  },
  {
    name: 'linked-accounts',
    view: 'federation/linked',
    handle: 'linked-accounts',
    as: member,
    address: at('/account/security/upstreams'),
  },
  {
    name: 'linked-accounts-none',
    view: 'federation/linked',
    handle: 'linked-accounts',
    as: admin,
    address: at('/account/security/upstreams'),
  },
  { name: 'data', view: 'me/data', handle: 'data', as: member, address: at('/account/data'), prepare: unfold },
  {
    name: 'account-deleted',
    view: 'me/gone',
    handle: 'account-deleted',
    as: nobody,
    // Somebody who comes and goes; nobody is left.
    address: ({ parked }) => `${parked.issuer}/account/data`,
    prepare: leaveAsSomebodyElse,
  },
]

const console: readonly InventoryPage[] = [
  { name: 'home', view: 'admin/home', handle: 'home', as: admin, address: at('/admin'), prepare: unfold },
  { name: 'feed', view: 'admin/home-feed', handle: 'feed', as: admin, address: at('/admin/feed') },
  { name: 'resources', view: 'admin/resources', handle: 'resources', as: admin, address: at('/admin/resources') },
  {
    name: 'resource-add',
    view: 'admin/resource-add',
    handle: 'resource',
    as: admin,
    address: at('/admin/resources/new'),
  },
  {
    name: 'resource-by-hand',
    view: 'admin/resource',
    handle: 'resource',
    as: admin,
    address: at('/admin/resources/new?by_hand=yes'),
  },
  {
    name: 'resource-looked-at',
    view: 'admin/resource',
    handle: 'resource',
    as: admin,
    address: at('/admin/resources/new'),
    async prepare(page) {
      await page.locator('[name=address]').fill('https://calendar.example/mcp')
      await press('button.primary')(page)
    },
  },
  {
    name: 'resource',
    view: 'admin/resource',
    handle: 'resource',
    as: admin,
    address: async ({ app }) =>
      `${app.issuer}/admin/resources/${(await app.app.rooms.resources.store.list())[0]?.id ?? ''}`,
    prepare: unfold,
  },
  {
    name: 'resource-with-its-own-client',
    view: 'admin/resource',
    handle: 'resource',
    as: admin,
    address: async ({ app }) => {
      const server = (await app.app.rooms.resources.store.list()).find(({ name }) => name === 'Deployments')
      return `${app.issuer}/admin/resources/${server?.id}`
    },
  },
  { name: 'clients', view: 'admin/clients', handle: 'clients', as: admin, address: at('/admin/clients') },
  {
    name: 'clients-none',
    view: 'admin/clients',
    handle: 'clients',
    as: admin,
    address: at('/admin/clients?q=nothing-fits'),
  },
  ...(['registered', 'document', 'blocked', 'operator'] as const).map(
    (which): InventoryPage => ({
      name: `client-${which}`,
      view: 'admin/client',
      handle: 'client',
      as: admin,
      address: ({ app, clients }) => `${app.issuer}/admin/clients/show?id=${encodeURIComponent(clients[which])}`,
      prepare: unfold,
    }),
  ),
  { name: 'client-new', view: 'admin/client-new', handle: 'client', as: admin, address: at('/admin/clients/new') },
  {
    name: 'client-introspects-saved',
    view: 'admin/client',
    handle: 'client',
    as: admin,
    address: ({ app, clients }) => `${app.issuer}/admin/clients/show?id=${clients.operator}`,
    async prepare(page) {
      await unfold(page)
      await press('form[action$="/introspects"] button')(page)
    },
  },
  {
    name: 'client-added',
    view: 'admin/client-added',
    handle: 'client',
    as: admin,
    address: at('/admin/clients/new'),
    async prepare(page) {
      await page.locator('[name=client_name]').fill('Nightly report')
      await page.locator('[name=kind][value=confidential]').check()
      await page.locator('[name=redirect_uris]').fill('https://reports.example/callback')
      await page.locator('[name=auth_method]').selectOption('client_secret_basic')
      await press('main button.primary')(page)
    },
  },
  {
    name: 'client-clean-up',
    view: 'admin/client-clean-up',
    handle: 'clients',
    as: admin,
    address: at('/admin/clients/clean-up'),
  },
  {
    name: 'client-hosts',
    view: 'admin/client-hosts',
    handle: 'clients',
    as: admin,
    address: at('/admin/clients/hosts'),
    async prepare(page) {
      await page.locator('#host').fill('evil.example')
      await press('main button.danger')(page)
    },
  },
  {
    name: 'registration',
    view: 'admin/registration',
    handle: 'registration',
    as: admin,
    address: at('/admin/clients/registration'),
    async prepare(page) {
      await page
        .locator('#subject')
        .fill('{"client_name":"New","redirect_uris":["https://new.example/callback","http://127.0.0.1/callback"]}')
      await press('form[action$="/check"] button')(page)
    },
  },
  {
    name: 'registration-token',
    view: 'admin/registration-token',
    handle: 'registration',
    as: admin,
    address: at('/admin/clients/registration'),
    async prepare(page) {
      await page.locator('#note').fill('Build machines')
      await press('form[action$="/tokens"] button')(page)
    },
  },
  {
    name: 'approvals',
    view: 'admin/approvals',
    handle: 'approvals',
    as: 'parked-admin',
    address: ({ parked }) => `${parked.issuer}/admin/approvals`,
  },
  { name: 'approvals-none', view: 'admin/approvals', handle: 'approvals', as: admin, address: at('/admin/approvals') },
  { name: 'people', view: 'admin/people', handle: 'people', as: admin, address: at('/admin/people') },
  {
    name: 'person',
    view: 'admin/person',
    handle: 'person',
    as: admin,
    address: ({ app, people }) => `${app.issuer}/admin/people/${people.member.id}`,
    prepare: unfold,
  },
  {
    name: 'person-invite',
    view: 'admin/person-invite',
    handle: 'person-invite',
    as: admin,
    address: at('/admin/people/invite'),
  },
  {
    name: 'person-link',
    view: 'admin/person-link',
    handle: 'person-link',
    as: admin,
    address: ({ app, people }) => `${app.issuer}/admin/people/${people.member.id}`,
    prepare: press('form[action$="/link"] button'),
  },
  { name: 'upstreams', view: 'admin/upstreams', handle: 'upstreams', as: admin, address: at('/admin/upstreams') },
  {
    name: 'upstreams-none',
    view: 'admin/upstreams',
    handle: 'upstreams',
    as: 'parked-admin',
    address: ({ parked }) => `${parked.issuer}/admin/upstreams`,
  },
  {
    name: 'upstream-choose',
    view: 'admin/upstream-new',
    handle: 'upstream-choose',
    as: admin,
    address: at('/admin/upstreams/new'),
  },
  {
    name: 'upstream-refused',
    view: 'admin/upstream',
    handle: 'upstream',
    as: admin,
    address: at('/admin/upstreams/new?preset=entra'),
    async prepare(page) {
      await page.locator('[name=client_id]').fill('00000000-aaaa-bbbb-cccc-dddddddddddd')
      await press('main form[action$="/upstreams"] button.primary')(page)
    },
  },
  {
    name: 'upstream-tested',
    view: 'admin/upstream',
    handle: 'upstream',
    as: admin,
    address: at('/admin/upstreams/firm'),
    async prepare(page) {
      await press('form[action$="/test"] button')(page)
      await unfold(page)
    },
  },
  {
    name: 'upstream-of-the-file',
    view: 'admin/upstream',
    handle: 'upstream',
    as: admin,
    address: at('/admin/upstreams/google'),
  },
  { name: 'consents', view: 'admin/consents', handle: 'consents', as: admin, address: at('/admin/consents') },
  {
    name: 'consent-detail',
    view: 'admin/consents-one',
    handle: 'consent-detail',
    as: admin,
    address: at('/admin/consents'),
    prepare: press('main a[href*="/admin/consents/"]'),
  },
  { name: 'audit', view: 'admin/audit', handle: 'audit', as: admin, address: at('/admin/audit') },
  {
    name: 'audit-event',
    view: 'admin/audit-event',
    handle: 'audit-event',
    as: admin,
    address: at('/admin/audit'),
    prepare: press('main a[href*="/admin/audit/events/"]'),
  },
  {
    name: 'audit-verified',
    view: 'admin/audit',
    handle: 'audit',
    as: admin,
    address: at('/admin/audit'),
    prepare: press('form[action$="/verify"] button'),
  },
  {
    name: 'keys-rotating',
    view: 'admin/keys',
    handle: 'keys',
    as: 'parked-admin',
    address: ({ parked }) => `${parked.issuer}/admin/keys`,
    async prepare(page) {
      // In another language it began already.
      if ((await page.locator('[data-state=next]').count()) === 0) await press('form[action$="/rotate"] button')(page)
    },
  },
  { name: 'keys', view: 'admin/keys', handle: 'keys', as: admin, address: at('/admin/keys') },
  {
    name: 'diagnostics',
    view: 'admin/diagnostics',
    handle: 'diagnostics',
    as: admin,
    address: at('/admin/diagnostics'),
  },
  {
    name: 'diagnostics-token',
    view: 'admin/diagnostics-token',
    handle: 'diagnostics-token',
    as: admin,
    address: at('/admin/diagnostics'),
    async prepare(page, { accessToken }) {
      await page.locator('#token').fill(accessToken)
      await press('form[action$="/token"] button')(page)
    },
  },
  {
    name: 'diagnostics-codes',
    view: 'admin/diagnostics-codes',
    handle: 'diagnostics-codes',
    as: admin,
    address: at('/admin/diagnostics/codes'),
  },
  {
    name: 'doctor',
    view: 'admin/doctor',
    handle: 'doctor',
    as: admin,
    address: at('/admin/diagnostics/doctor'),
  },
  {
    name: 'doctor-broken',
    view: 'admin/doctor',
    handle: 'doctor',
    as: admin,
    address: at('/admin/diagnostics/doctor'),
    async prepare(page) {
      const server = await startBrokenServer(['no_pkce', 'cors_challenge', 'registration_refused', 'left_behind'])
      await page.locator('#address').fill(server.address)
      await press('form[action$="/doctor"] button')(page)
      await server.close()
    },
  },
  { name: 'settings', view: 'admin/settings', handle: 'settings', as: admin, address: at('/admin/settings') },
]

/** All of them, in the order in which they are walked through. */
export const inventory: readonly InventoryPage[] = [
  ...signIn,
  ...upstream,
  ...consents,
  ...errors,
  explained,
  ...account,
  ...console,
]

/** From here on, what leads away is answered with nothing: the page that was going there stays. */
async function stayWhileGoing(page: Page): Promise<void> {
  await page.route('**/authorize/**', (route) => route.fulfill({ status: 204 }), { times: 1 })
}

async function leaveAsSomebodyElse(page: Page, { parked }: PageWorld): Promise<void> {
  const { email } = await parked.person(`leaver${Date.now()}`, 'admin')
  await page.goto(`${parked.issuer}/sign-in?again=1&return_to=data`)
  await page.locator('[name=email]').fill(email)
  await page.locator('[name=password]').fill('correct horse battery staple')
  await press('button.primary')(page)
  await page.locator('summary').click()
  await page.locator('form[action$="/delete"] [name=email]').fill(email)
  await press('form[action$="/delete"] button')(page)
}
