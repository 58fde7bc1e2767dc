/** A page as a test looks at it: text and forms, read with regular expressions because our pages are regular. */
export interface Page {
  readonly status: number
  readonly headers: Headers
  readonly html: string
  /** `data-page` of main. */
  readonly name: string | undefined
  /** `data-error` of main. */
  readonly error: string | undefined
  /** What a person reads, tags and repeated space taken out. */
  readonly text: string
  /** Target of the link that goes on. */
  readonly continueTo: string | undefined
}

/** Keeps cookies and form tokens as a browser does; follows nothing by itself. */
export class Browser {
  readonly #origin: string
  readonly #cookies = new Map<string, string>()

  readonly #headers: Readonly<Record<string, string>>

  /** @param headers sent with every request */
  constructor(origin: string, headers: Readonly<Record<string, string>> = {}) {
    this.#origin = origin
    this.#headers = headers
  }

  async get(path: string): Promise<Page> {
    return this.#send(path, {})
  }

  /** Posts fields with the form token of the last page, as a browser of our own origin. */
  async post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
    token?: string,
  ): Promise<Page> {
    // Whoever says yes ticks what the page wants ticked for that; a test of its absence says so with an empty one.
    const vow = fields.decision === 'allow' && this.vow !== undefined ? { acknowledge: this.vow } : {}
    const body = new URLSearchParams({ _csrf: token ?? this.token ?? '' })
    for (const [name, value] of Object.entries({ ...vow, ...fields }))
      for (const one of [value].flat()) body.append(name, one)
    return this.#send(path, { method: 'POST', body, headers: { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' } })
  }

  /** The form token of the last page that had one. */
  token: string | undefined
  /** The host that the last page wants acknowledged. */
  vow: string | undefined

  async #send(path: string, init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> }) {
    const response = await fetch(`${this.#origin}${path}`, {
      ...init,
      redirect: 'manual',
      headers: {
        ...this.#headers,
        ...init.headers,
        Cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; '),
      },
    })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
      this.#cookies.set(name, value)
    }
    const html = await response.text()
    this.token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? this.token
    this.vow = /name="acknowledge" value="([^"]+)"/.exec(html)?.[1] ?? this.vow
    return {
      status: response.status,
      headers: response.headers,
      html,
      name: /<main[^>]* data-page="([^"]*)"/.exec(html)?.[1],
      error: /<main[^>]* data-error="([^"]*)"/.exec(html)?.[1],
      text: html
        .replace(/<head>.*<\/head>/s, '')
        .replace(/<[^>]*>/g, '')
        .replace(/\s+/g, ' '),
      continueTo: /data-continue href="([^"]*)"/.exec(html)?.[1],
    }
  }
}
