import { z } from 'zod'
import { hasReadableCredentials } from './url-credentials.ts'

/** A proxy for everything that goes out: `http://` or `https://`, with name and password where it asks for them. */
export const proxyUrl = z
  .string()
  .superRefine((text, context) => {
    // The value is not repeated: it may hold a password.
    const problem = problemOf(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .transform((text) => URL.parse(text) ?? undefined)

function problemOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'must be a URL'
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'must have nothing behind host and port'
  return hasReadableCredentials(url) ? undefined : 'must have a name and a password in the spelling of URLs'
}
