// The clients that the pages with pictures are about, described once: one that is proven by its document, and those that ask for a
// consent of each sort.
import type { Config } from '../../src/config/config.ts'
import type { TestApp } from './app.ts'
import { authorizationRequest, type RegisteredClient, register } from './flow.ts'

/** The client that a document proves. */
export const documentUrl = 'https://claude.example/oauth/client.json'
/** Its web address, of the host that is proven. */
export const documentRedirect = 'https://claude.example/callback'
/** A website of somebody who would like to be that client. */
export const strangersWebsite = 'https://claude-login.example/cb'
/** An app that opens by a scheme of its own. */
export const cursorRedirect = 'cursor://anysphere.cursor-mcp/oauth/callback'
/** Every scope of the notes server. */
export const everyScope = 'notes:read notes:write notes:delete'

/** A client that registers itself, with one redirect URI. */
export interface Applicant {
  readonly client_name: string
  readonly redirect_uris: readonly [string]
}

const loopback = 'http://127.0.0.1:51999/callback'
const relay = 'https://relay.example/callback'
const document = {
  client_id: documentUrl,
  client_name: 'Claude Code',
  client_uri: 'https://claude.example',
  redirect_uris: ['http://127.0.0.1/callback', documentRedirect, relay],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}
const long: Applicant = {
  client_name: 'An assistant with a rather long name that somebody thought would look important on this page',
  redirect_uris: ['https://a-very-long-host-name.with-many-parts.example/oauth/callback'],
}

/** `adjust` of a test server: the document is given by the operator, and no other is taken. */
export function withDocument(config: Config): Config {
  const metadataDocuments = new Map([[documentUrl, document]])
  return { ...config, clientMetadataDocuments: 'pinned', file: { ...config.file, metadataDocuments } }
}

/** An authorization request for everything. */
export function askFor(
  app: TestApp,
  client: Pick<RegisteredClient, 'client_id'>,
  params: Readonly<Record<string, string>> = {},
): string {
  return authorizationRequest(app, client.client_id, { scope: everyScope, ...params }).url
}

/**
 * One authorization request of each sort, by a title for its picture.
 *
 * @param website a stranger on the web
 * @param native a stranger on the person's computer
 * @param known one that the person has allowed less than it asks for
 */
export async function askOfEachSort(
  app: TestApp,
  { website, native, known }: { website: Applicant; native: Applicant; known: Pick<RegisteredClient, 'client_id'> },
): Promise<Readonly<Record<string, string>>> {
  const proven = { client_id: documentUrl }
  const asStranger = async (applicant: Applicant) => {
    const [redirect_uri] = applicant.redirect_uris
    return askFor(app, await register(app, { ...applicant, redirect_uris: [redirect_uri] }), { redirect_uri })
  }
  return {
    'proven-loopback': askFor(app, proven, { redirect_uri: loopback }),
    'proven-other-host': askFor(app, proven, { redirect_uri: relay }),
    'to-allow': askFor(app, proven, { redirect_uri: loopback, prompt: 'consent' }),
    'unproven-website': await asStranger(website),
    'unproven-app': await asStranger(native),
    'asked-again': askFor(app, known),
    'long-words': await asStranger(long),
  }
}
