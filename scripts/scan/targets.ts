import type { Browser } from '../../test/support/browser.ts'
import { crawl, type FoundForm } from '../../test/support/crawl.ts'
import type { ScannedInstance } from './instance.ts'

/** One request whose every parameter is attacked. `*` marks a place in a path or a body that is no parameter by itself. */
export interface Target {
  readonly name: string
  readonly path: string
  /** Makes it a POST. */
  readonly body?: string
  readonly cookie?: string
  readonly headers?: readonly string[]
}

/** What would end the scanner's own session, or somebody's account: their parameters are ids that other forms have, too. */
export const leftAlone =
  /^\/(?:logout|account\/sessions|account\/data|admin\/people\/[^/]+\/(?:remove|disable|sign-out|role))/

/** Every address that takes something of a caller, with values that are good, so that the scanner gets past the checks. */
export async function targetsOf(instance: ScannedInstance): Promise<readonly Target[]> {
  const { admin, clientId, interaction } = instance
  const walk = await crawl(admin, ['/admin', '/account', ...hiddenPages(clientId)], leftAlone)
  const visit = await crawl(interaction.browser, [interaction.path, '/sign-in', '/forgot-password'], leftAlone)
  const pages = walk.pages.filter((path) => path.includes('?') || /\/[^/]*\d[^/]*$/.test(path))
  const hasFields = ({ fields }: FoundForm) => [...fields.keys()].some((name) => name !== '_csrf')
  return [
    ...protocolTargets(instance),
    ...visit.forms.filter(hasFields).map((form) => formTarget(form, interaction.browser)),
    ...walk.forms.filter(hasFields).map((form) => formTarget(form, admin)),
    ...pages.map((path) => pageTarget(path, admin)),
  ]
}

/** Pages whose parameters stand in no form and behind no link of an empty server. */
function hiddenPages(clientId: string): string[] {
  return [
    `/admin/clients/show?id=${clientId}`,
    '/admin/clients?q=a&state=active&origin=registered&after=b&before=c',
    '/admin/people?q=a&after=b',
    '/admin/consents?q=a&person=b&client=c&resource=d&after=e',
    '/admin/audit?type=token.issued&q=a&person=b&client=c&resource=d&grant=e&from=2026-01-01&to=2026-12-31&before=f',
    '/admin/audit/export?type=token.issued&format=json&q=a',
    '/admin/clients/clean-up?unused_hours=24&idle_days=90',
    '/admin/feed?after=a',
    '/account/history?before=a&type=b',
  ]
}

function formTarget({ action, fields, method }: FoundForm, browser: Browser): Target {
  const values = new URLSearchParams([...fields].map(([name, [first = '']]) => [name, first === '' ? 'a' : first]))
  const cookie = cookieOf(browser)
  const name = `${method} ${action.split('?')[0]}`
  if (method === 'POST') return { name, path: action, body: String(values), cookie }
  return { name, path: `${action.split('?')[0]}?${values}`, cookie }
}

function pageTarget(path: string, browser: Browser): Target {
  // Without a query the id at the end is what is attacked.
  return { name: `GET ${path.split('?')[0]}`, path: path.includes('?') ? path : `${path}*`, cookie: cookieOf(browser) }
}

function protocolTargets({ clientId, interaction, registrationToken }: ScannedInstance): Target[] {
  const redirect = 'http://127.0.0.1:4321/callback'
  const client = `client_id=${clientId}`
  const request = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirect,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
    scope: 'notes:read',
    state: 's',
    resource: 'http://localhost:9728/mcp',
    ui_locales: 'en',
    login_hint: 'a',
  })
  const registration = {
    client_name: 'a*',
    redirect_uris: [redirect],
    scope: 'notes:read*',
    software_id: 'x*',
    client_uri: 'https://a.example/*',
    contacts: ['a*'],
  }
  const verifier = 'v'.repeat(43)
  const tokenForms = {
    code: `grant_type=authorization_code&code=a&redirect_uri=b&code_verifier=${verifier}&${client}`,
    refresh: `grant_type=refresh_token&refresh_token=a&scope=b&resource=c&${client}`,
    machine: 'grant_type=client_credentials&client_id=a&client_secret=b&scope=c&resource=d',
  }
  const bearer = [`Authorization: Bearer ${registrationToken}`]
  return [
    { name: 'GET /authorize', path: `/authorize?${request}` },
    ...Object.entries(tokenForms).map(([name, body]) => ({ name: `POST /token, ${name}`, path: '/token', body })),
    { name: 'POST /revoke', path: '/revoke', body: `token=a&token_type_hint=refresh_token&${client}` },
    { name: 'POST /introspect', path: '/introspect', body: `token=a&token_type_hint=b&${client}&client_secret=x` },
    { name: 'POST /par', path: '/par', body: String(request) },
    {
      name: 'POST /register',
      path: '/register',
      headers: ['Content-Type: application/json'],
      body: JSON.stringify(registration),
    },
    { name: 'GET /register/:client_id', path: `/register/${clientId}*`, headers: bearer },
    {
      name: 'GET /interaction/:uid/…',
      path: interaction.path.replace(/\/([^/]+)$/, '*/$1'),
      cookie: cookieOf(interaction.browser),
    },
    { name: 'GET /setup/:token', path: `/setup/${'a'.repeat(43)}*` },
    { name: 'GET /invitation/:token', path: `/invitation/${'a'.repeat(43)}*` },
    { name: 'GET /reset/:token', path: `/reset/${'a'.repeat(43)}*` },
    { name: 'GET /errors/:code', path: '/errors/invalid_grant*' },
    { name: 'GET /logos/:name', path: '/logos/a.png*' },
    { name: 'GET /upstream/:id/callback', path: '/upstream/a*/callback' },
    { name: 'GET /upstream/a/callback', path: '/upstream/a/callback?code=b&state=c&error=d&iss=e' },
  ]
}

/** A browser's cookies as one header. */
export function cookieOf(browser: Browser): string {
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}
