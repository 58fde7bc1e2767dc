// Writes down what a client sends and gets, for tests about requests that the client makes by itself.

/** One request with its answer. */
export interface Exchange {
  readonly method: string
  readonly url: URL
  /** The form that was sent; empty for everything else. */
  readonly form: URLSearchParams
  readonly status: number
  readonly headers: Headers
  /** What was answered where it is JSON. */
  readonly json: unknown
}

/** Stands in a client's way: returns an answer of its own, or nothing when the request may go out. */
export type Interception = (url: URL, form: URLSearchParams) => Promise<Response | undefined> | Response | undefined

/** A `fetch` that writes into `exchanges`. */
export function recordingFetch(
  exchanges: Exchange[],
  intercept: Interception = () => undefined,
): (input: string | URL, init?: RequestInit) => Promise<Response> {
  return async (input, init) => {
    const url = new URL(input)
    const form = init?.body instanceof URLSearchParams ? init.body : new URLSearchParams()
    const answer = (await intercept(url, form)) ?? (await fetch(url, init))
    exchanges.push({
      method: init?.method ?? 'GET',
      url,
      form,
      status: answer.status,
      headers: answer.headers,
      json: isJson(answer) ? await answer.clone().json() : undefined,
    })
    return answer
  }
}

/** The exchanges with one path of a server, the newest last. */
export function exchangesWith(exchanges: readonly Exchange[], path: string): Exchange[] {
  return exchanges.filter(({ url }) => url.pathname === path)
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/json') === true
}
