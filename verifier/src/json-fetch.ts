/** The part of `fetch` that is used here; any implementation of the standard fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** How far a document of the issuer may go before it is given up. */
export interface FetchLimits {
  readonly timeoutMilliseconds: number
  readonly maxBytes: number
}

/**
 * Fetches one JSON document of the issuer.
 *
 * @returns the status, and the parsed document when it is 200
 * Follows no redirect: a redirect is how a document of the issuer becomes a request into the internal network.
 * @throws Error when the network fails, the time is up, the body is too large or is not JSON
 */
export async function fetchJson(
  fetch: Fetch,
  url: string,
  limits: FetchLimits,
): Promise<{ readonly status: number; readonly document: unknown }> {
  const response = await fetch(url, {
    method: 'GET',
    redirect: 'manual',
    headers: { accept: 'application/json' },
    // Covers the body too: a server that sends one byte a minute does not hold us.
    signal: AbortSignal.timeout(limits.timeoutMilliseconds),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    return { status: response.status, document: undefined }
  }
  return { status: 200, document: JSON.parse(await readText(response, url, limits.maxBytes)) }
}

async function readText(response: Response, url: string, maxBytes: number): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let receivedBytes = 0
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    receivedBytes += chunk.value.byteLength
    if (receivedBytes > maxBytes) {
      await reader.cancel()
      throw new Error(`${url} answered with more than ${maxBytes} bytes`)
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
  return text + decoder.decode()
}
