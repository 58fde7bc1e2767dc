// A person at a browser without a window: signs in, reads the consent page, decides, looks after connections. Knows the
// server by its pages alone, so the demo uses it, too.
import { Browser, type Page } from './browser.ts'

/** What a person knows by heart. */
export interface Credentials {
  readonly email: string
  readonly password: string
}

/** How a person answers a consent page. */
export interface Decision {
  readonly decision?: 'allow' | 'deny'
  /** Ticked boxes; all that the page ticks when absent. */
  readonly scopes?: readonly string[]
  readonly stayConnected?: boolean
}

/** A person and their browser. */
export class Person {
  readonly browser: Browser
  /** The consent page that was answered last. */
  consentPage: Page | undefined
  readonly #issuer: string
  readonly #credentials: Credentials

  constructor(issuer: string, credentials: Credentials) {
    this.browser = new Browser(issuer)
    this.#issuer = issuer
    this.#credentials = credentials
  }

  /**
   * Follows an authorization request to its end.
   *
   * @returns the callback with the answer in its query
   * @throws Error when the server shows an error instead of answering the client
   */
  async answer(authorizationUrl: URL | string, decision: Decision = {}): Promise<URL> {
    const page = await this.#signInWhereAsked(await this.browser.open(String(authorizationUrl)))
    let last = page.name === 'consent' ? await this.#decide(page, decision) : page
    // The answer waits behind a page of ours, a denial behind one more: the person clicks on.
    for (let clicks = 0; last.continueTo !== undefined && clicks < 3; clicks += 1) last = await this.browser.goOn(last)
    const callback = new URL(last.url)
    if (callback.origin === new URL(this.#issuer).origin) {
      throw new Error(`no answer for the client: page ${last.name}, error ${last.error}\n${last.body}`)
    }
    return callback
  }

  /** The page of connections. */
  async connections(): Promise<Page> {
    const page = await this.browser.open(`${this.#issuer}/account/connections`)
    return this.#signInWhereAsked(page)
  }

  /** Ends all that the page shows. */
  async revokeEverything(): Promise<Page> {
    await this.connections()
    // The first form of the page is the menu's sign-out, so the address is given.
    return this.#post('/account/connections/revoke', { everything: 'yes' })
  }

  /** Ends one connection or all of one client. */
  async revoke(what: { readonly grant: string } | { readonly client: string }): Promise<Page> {
    return this.#post('/account/connections/revoke', { ...what })
  }

  async #post(path: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    const { body } = await this.connections()
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? ''
    return this.browser.post(`${this.#issuer}${path}`, { _csrf, ...fields })
  }

  async #signInWhereAsked(page: Page): Promise<Page> {
    if (page.name !== 'sign-in') return page
    const { email, password } = this.#credentials
    const next = await this.browser.submit(page, { email, password })
    return next.continueTo === undefined ? next : this.browser.goOn(next)
  }

  async #decide(page: Page, { decision = 'allow', scopes, stayConnected = true }: Decision): Promise<Page> {
    this.consentPage = page
    return this.browser.submit(page, {
      decision,
      scope: scopes ?? tickedScopes(page),
      stay_connected: stayConnected ? 'yes' : 'no',
    })
  }
}

/** All scopes that a consent page offers. */
export function offeredScopes({ body }: Pick<Page, 'body'>): string[] {
  return [...body.matchAll(/name="scope" value="([^"]+)"/g)].map(([, scope = '']) => scope)
}

/** The scopes that it ticks. */
export function tickedScopes({ body }: Pick<Page, 'body'>): string[] {
  return [...body.matchAll(/name="scope" value="([^"]+)" checked/g)].map(([, scope = '']) => scope)
}
