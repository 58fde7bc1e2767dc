// A browser without a window: cookies, redirects one at a time, forms. For flows that need no pixels.

/** One page, or a redirect that leaves the server. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** `data-page` of the page. */
  readonly name: string | undefined
  /** `data-error` of an error page. */
  readonly error: string | undefined
  /** Where the page would go on: `data-continue`. */
  readonly continueTo: string | undefined
}

/** A cookie jar with hands. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #origin: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(issuer: string, headers: Readonly<Record<string, string>> = {}) {
    this.#origin = new URL(issuer).origin
    this.#headers = headers
  }

  /** Gets an address and follows redirects as long as they stay on the server. */
  async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    return this.#follow(new URL(url, this.#origin), { headers })
  }

  /**
   * Posts the page's form with these fields; `_csrf` and the action are read from the page. Who allows ticks what the page
   * wants ticked for that.
   */
  async submit(page: Page, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Page> {
    const action = /<form[^>]*method="post"[^>]*action="([^"]*)"/.exec(page.body)?.[1] ?? page.url
    return this.post(new URL(unescapeHtml(action), page.url).href, {
      _csrf: csrfOf(page),
      ...vowOf(page, fields),
      ...fields,
    })
  }

  /** Posts fields to an address of the server. */
  async post(url: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Page> {
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(fields)) {
      for (const one of typeof value === 'string' ? [value] : value) form.append(name, one)
    }
    const headers = { origin: this.#origin, 'sec-fetch-site': 'same-origin' }
    return this.#follow(new URL(url, this.#origin), { method: 'POST', body: form, headers })
  }

  /** Follows `data-continue`; a target on another origin comes back as a page with that address and no body. */
  async goOn(page: Page): Promise<Page> {
    if (page.continueTo === undefined) throw new Error(`nowhere to go on from ${page.name} ${page.error}: ${page.body}`)
    return this.#follow(new URL(page.continueTo, page.url), { headers: { 'sec-fetch-site': 'same-origin' } })
  }

  async #follow(first: URL, init: RequestInit): Promise<Page> {
    let url = first
    let request = init
    for (let hop = 0; hop < 10; hop += 1) {
      if (url.origin !== this.#origin) return outside(url)
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { ...this.#headers, ...request.headers, ...(cookie === '' ? {} : { cookie }) }
      const response = await fetch(url, { ...request, headers, redirect: 'manual' })
      this.#remember(response)
      const location = response.headers.get('location')
      const body = await response.text()
      if (location === null) return pageOf(url, response, body)
      url = new URL(location, url)
      request = { headers: { 'sec-fetch-site': 'same-origin' } }
    }
    throw new Error(`too many redirects, last ${url.href}`)
  }

  #remember(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1)
      const at = pair.indexOf('=')
      const name = pair.slice(0, at)
      const value = pair.slice(at + 1)
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
  }
}

/** The form token of a page. */
export function csrfOf(page: Page): string {
  return unescapeHtml(/name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '')
}

/** The box that names a stranger's host: nothing is allowed to it without. */
function vowOf(page: Page, { decision }: Readonly<Record<string, string | readonly string[]>>): Record<string, string> {
  const host = /name="acknowledge" value="([^"]+)"/.exec(page.body)?.[1]
  return decision === 'allow' && host !== undefined ? { acknowledge: unescapeHtml(host) } : {}
}

function pageOf(url: URL, response: Response, body: string): Page {
  const attribute = (name: string) => {
    const found = new RegExp(`<[^>]*\\b${name}="([^"]*)"`).exec(body)?.[1]
    return found === undefined ? undefined : unescapeHtml(found)
  }
  const continueTo = /<a[^>]*data-continue[^>]*href="([^"]*)"|<a[^>]*href="([^"]*)"[^>]*data-continue/.exec(body)
  const target = continueTo?.[1] ?? continueTo?.[2]
  return {
    url: url.href,
    status: response.status,
    headers: response.headers,
    body,
    name: attribute('data-page'),
    error: attribute('data-error'),
    continueTo: target === undefined ? undefined : unescapeHtml(target),
  }
}

function outside(url: URL): Page {
  const nothing = { name: undefined, error: undefined, continueTo: undefined }
  return { url: url.href, status: 0, headers: new Headers(), body: '', ...nothing }
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
