import type { Auth } from './auth.ts'
import type { Verifier } from './verifier.ts'

/**
 * Ends an event stream when the token does in whose name it was opened: it then closes as if it were done, and the client comes back
 * with another token. Other responses come back as they are: half a document would be worse than a late one.
 *
 * @returns a response with the same status and headers
 */
export function endWithToken(verifier: Verifier, auth: Auth, response: Response): Response {
  const { body } = response
  if (body === null || !/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')) return response
  const reader = body.getReader()
  let stop = (): void => {}
  const ending = new ReadableStream<Uint8Array>({
    start(control) {
      stop = verifier.watch(auth, (end) => {
        control.close()
        // What feeds the stream is told, so that it can let go of what it holds.
        void reader.cancel(`the token is ${end}`).catch(() => {})
      })
    },
    async pull(control) {
      try {
        const { done, value } = await reader.read()
        if (!done) return control.enqueue(value)
        stop()
        control.close()
      } catch (error) {
        stop()
        control.error(error)
      }
    },
    async cancel(reason) {
      stop()
      await reader.cancel(reason)
    },
  })
  return new Response(ending, { status: response.status, statusText: response.statusText, headers: response.headers })
}
