import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { checkRedirectUri } from '../oauth/redirect-uri.ts'
import type { FaultAt } from './file-resources.ts'

// What a document must have to be usable as a client; everything else it says is normalised by the room of clients.
const documentShape = z.looseObject({
  client_id: z.string(),
  redirect_uris: z.array(z.string()).min(1),
  token_endpoint_auth_method: z.string().optional(),
})

/**
 * Reads the pinned client documents. A document that would be refused when fetched is refused here, at the start:
 * its operator reads this, the person in front of a broken sign-in would not know what to do.
 *
 * @param files `client_id` URL → file, relative to `folder`
 * @returns the sound documents by `client_id`
 */
export function readPinnedDocuments(
  files: Readonly<Record<string, string>>,
  folder: string,
  at: FaultAt,
): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const documents = new Map<string, Readonly<Record<string, unknown>>>()
  for (const [clientId, file] of Object.entries(files)) {
    const place = `metadata_documents[${clientId}]`
    const addressProblem = clientIdProblem(clientId)
    if (addressProblem !== undefined)
      at(place, addressProblem, 'write the https URL that the client sends as its client_id')
    const document = readDocument(resolve(folder, file), place, at)
    if (document === undefined) continue
    const problems = documentProblems(clientId, document)
    for (const problem of problems) at(place, `${file} ${problem}`, 'fetch the document again, or ask its author')
    if (problems.length === 0 && addressProblem === undefined) documents.set(clientId, document)
  }
  return documents
}

function readDocument(path: string, place: string, at: FaultAt): Record<string, unknown> | undefined {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (parsed.success) return parsed.data
    at(place, `${path} is no JSON object`, 'put the client metadata document there')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    at(place, `cannot be read (${reason})`, 'paths are relative to the YAML file, and the file must be JSON')
  }
  return undefined
}

// draft-ietf-oauth-client-id-metadata-document-02 §3: https, a path, no dot segments, fragment, user name or password.
function clientIdProblem(clientId: string): string | undefined {
  if (!URL.canParse(clientId) || !clientId.startsWith('https://')) return 'is no https URL'
  const url = new URL(clientId)
  if (url.pathname === '/') return 'has no path'
  if (url.username !== '' || url.password !== '' || clientId.includes('#'))
    return 'holds a user name, a password or a fragment'
  return url.href === clientId ? undefined : `is not written in its plainest form, ${url.href}`
}

function documentProblems(clientId: string, document: Readonly<Record<string, unknown>>): string[] {
  const parsed = documentShape.safeParse(document)
  if (!parsed.success) {
    return parsed.error.issues.map(
      ({ path, message }) => `has an unusable ${path.join('.')} (${message.toLowerCase()})`,
    )
  }
  const { client_id, redirect_uris, token_endpoint_auth_method } = parsed.data
  const problems: string[] = []
  // §4.1 there: the document names the very URL it is found at, or anybody could present another's.
  if (client_id !== clientId) problems.push(`is the document of ${JSON.stringify(client_id)}`)
  // §4.1 there: a public file cannot hold a shared secret.
  if ('client_secret' in document || token_endpoint_auth_method?.startsWith('client_secret')) {
    problems.push('wants a shared secret, which a public document cannot have')
  }
  for (const uri of redirect_uris) {
    const checked = checkRedirectUri(uri)
    if (!checked.ok) problems.push(`has the redirect URI ${JSON.stringify(uri)}, and ${checked.reason}`)
  }
  return problems
}
