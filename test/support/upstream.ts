// A real provider upstream: a second instance of oidc-provider on a port of its own, with people who are signed in there.
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Provider } from 'oidc-provider'
import { onTestFinished } from 'vitest'
import type { Upstream } from '../../src/federation/upstream.ts'
import { freePort, type TestApp } from './app.ts'
import { Browser } from './browser.ts'

/** What a person upstream says of themselves. */
export interface UpstreamClaims {
  readonly email?: string
  readonly email_verified?: boolean | string
  readonly name?: string
  readonly groups?: readonly string[]
}

/** A running provider upstream. */
export interface TestUpstream {
  readonly issuer: string
  readonly clientSecret: string
  /** Subject → what is said of them; changed while it runs. */
  readonly people: Map<string, UpstreamClaims>
  /** What arrived there: `GET /auth`, `POST /token`, … */
  readonly requests: readonly string[]
  /** Every code and access token that was given out. */
  readonly secrets: readonly string[]
  close(): Promise<void>
}

const clientSecret = 'a secret of the upstream that nobody else may see'
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'upstream' }

/**
 * Starts one. The cookie `who` of a browser says who is signed in there; consent is remembered, so that a second visit passes
 * without a page, as at real providers.
 *
 * @param callbacks where it sends people back to
 */
export async function startUpstream(callbacks: readonly string[], host = '127.0.0.1'): Promise<TestUpstream> {
  const issuer = `http://${host}:${await freePort()}`
  const people = new Map<string, UpstreamClaims>()
  const requests: string[] = []
  const secrets: string[] = []
  const provider = createProvider(issuer, callbacks, people)
  // What these events carry is the code and the token itself.
  provider.on('authorization_code.saved', ({ jti }) => secrets.push(jti))
  provider.on('access_token.saved', ({ jti }) => secrets.push(jti))
  const library = provider.callback()
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${new URL(request.url ?? '/', issuer).pathname}`)
    if (request.url?.startsWith('/login/') === true) return void login(provider, people, request, response)
    library(request, response)
  })
  await new Promise<void>((resolve) => server.listen(Number(new URL(issuer).port), host, resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  try {
    onTestFinished(close)
  } catch {
    // Not inside a test: whoever started it closes it.
  }
  return { issuer, clientSecret, people, requests, secrets, close }
}

function createProvider(issuer: string, callbacks: readonly string[], people: TestUpstream['people']): Provider {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'sallyport',
        client_secret: clientSecret,
        redirect_uris: [...callbacks],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    interactions: { url: (_ctx, { uid }) => `/login/${uid}` },
    renderError(ctx, out) {
      ctx.body = out.error
    },
    findAccount: (_ctx, sub) =>
      people.has(sub) ? { accountId: sub, claims: async () => ({ sub, ...people.get(sub) }) } : undefined,
    async loadExistingGrant(ctx) {
      const grant = new provider.Grant({ clientId: 'sallyport', accountId: ctx.oidc.session?.accountId ?? '' })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  return provider
}

/** Whoever is known by the cookie goes on at once; others get a page. */
async function login(
  provider: Provider,
  people: TestUpstream['people'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = new URL(request.url ?? '/', 'http://upstream.invalid').searchParams.get('as')
  const accountId = asked ?? /(?:^|; )who=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
  if (accountId !== undefined && accountId !== 'nobody') {
    return provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false })
  }
  if (accountId === 'nobody') {
    return provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: '<script>alert(1)</script> the person <b>said no</b>',
    })
  }
  const links = [...people.keys(), 'nobody'].map((sub) => `<li><a href="?as=${sub}">${sub}</a>`)
  response.setHeader('content-type', 'text/html')
  response.end(
    `<!doctype html><title>Upstream</title><link rel="icon" href="data:,"><h1>Who are you?</h1><ul>${links.join('')}</ul>`,
  )
}

/** How a test's upstream is set up here: everybody may come, accounts are made. */
export function upstreamOf(
  { issuer, clientSecret: secret }: Pick<TestUpstream, 'issuer' | 'clientSecret'>,
  changes: Partial<Upstream> = {},
): Upstream {
  return {
    id: 'acme',
    preset: 'oidc',
    name: 'Acme ID',
    issuer,
    clientId: 'sallyport',
    clientSecret: secret,
    scopes: ['openid', 'profile', 'email'],
    rules: {
      ...{ create: true, tenants: [], domains: [], groupsClaim: undefined, groups: [], adminGroups: [] },
      trustsEmail: false,
    },
    keepTokensFor: [],
    enabled: true,
    setByFile: false,
    ...changes,
  }
}

/** Adds an upstream to a server. */
export async function addUpstream({ app }: TestApp, upstream: Upstream): Promise<Upstream> {
  const { store } = app.rooms.federation.upstreams
  if (!(await store.add(upstream))) throw new Error(`${upstream.id} is there already`)
  return upstream
}

/** Walks through the upstream as whoever is signed in there. @returns the address of ours that the browser is sent back to */
export async function passUpstream(there: Browser, address: string): Promise<string> {
  const page = await there.open(address)
  if (page.status !== 0) throw new Error(`still upstream: ${page.url} ${page.status}\n${page.body.slice(0, 400)}`)
  return page.url
}

/** A browser at the upstream in which somebody is signed in. */
export function signedInThere({ issuer }: Pick<TestUpstream, 'issuer'>, subject: string): Browser {
  const browser = new Browser(issuer)
  browser.cookies.set('who', subject)
  return browser
}
