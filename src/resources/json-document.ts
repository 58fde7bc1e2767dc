import { type GuardedFetch, type GuardedFetchCode, GuardedFetchError } from '../net/guarded-fetch.ts'

/** A document that somebody publishes about himself, or why there is none. Its claims are unchecked. */
export type JsonDocument =
  | { readonly url: string; readonly value: unknown; readonly headers: Headers }
  | {
      readonly url: string
      readonly fault: GuardedFetchCode | 'status' | 'not_json'
      /** Of an answer that was no document. */
      readonly status?: number
      readonly headers?: Headers
    }

/** Reads a JSON document. Writes nothing; never throws for what the other side does. */
export async function readJsonDocument(
  guardedFetch: GuardedFetch,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonDocument> {
  try {
    const response = await guardedFetch(url, { headers: { accept: 'application/json', ...headers } })
    const heard = { url, status: response.status, headers: response.headers }
    if (response.status !== 200) return { ...heard, fault: 'status' }
    // F08: what is not called JSON is not read as JSON. RFC 9728 §3.2, RFC 8414 §3.2: application/json.
    const type = (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase()
    if (type !== 'application/json') return { ...heard, fault: 'not_json' }
    const value = parseJson(new Uint8Array(await response.arrayBuffer()))
    return value === undefined ? { ...heard, fault: 'not_json' } : { url, value, headers: response.headers }
  } catch (error) {
    if (error instanceof GuardedFetchError) return { url, fault: error.code }
    throw error
  }
}

/** F08: strict UTF-8; a byte order mark is left in, and is then no JSON. Undefined: it is none. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}
