import { request } from 'node:http'

/** A question to the server of this very configuration, from another process of its operator. */
export interface OwnQuestion {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/**
 * Asks our own server where it listens. Not for any address that somebody names: nothing is checked here.
 *
 * @throws the error of the connection, or one that says that there was no answer in time
 */
export function askOwnServer({ timeoutMs, ...options }: OwnQuestion): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const asked = request({ ...options, timeout: timeoutMs }, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      text += chunk
    })
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
  })
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
  asked.on('error', reject)
  asked.end()
  return promise
}
