// What an MCP client keeps between requests. The published clients ask their application for it: one class serves the
// provider interfaces of both generations, the conformance of its shape is checked where it is handed in.
import { randomBytes } from 'node:crypto'

/** How a client introduces itself. */
export interface ClientMemoryOptions {
  readonly redirectUrl?: string
  /** Its URL as client id; registered dynamically when absent. */
  readonly documentUrl?: string
  /** More of its registration. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

interface Tokens {
  readonly access_token: string
  readonly refresh_token?: string
  readonly scope?: string
}

/** `OAuthClientProvider` in memory. */
export class ClientMemory<Client, Kept extends Tokens, Discovery = never> {
  readonly redirectUrl: string
  readonly clientMetadataUrl: string | undefined
  readonly clientMetadata: { client_name: string; redirect_uris: string[] }
  /** Where the client wanted to send the person, in order. */
  readonly asked: URL[] = []
  /** Every set of tokens it was given, in order. */
  readonly given: Kept[] = []
  isConnected = false
  client: Client | undefined
  #tokens: Kept | undefined
  #verifier = ''
  #discovery: Discovery | undefined

  constructor({ redirectUrl = 'http://127.0.0.1:43123/callback', documentUrl, metadata }: ClientMemoryOptions = {}) {
    this.redirectUrl = redirectUrl
    this.clientMetadataUrl = documentUrl
    this.clientMetadata = { client_name: 'Test client', redirect_uris: [redirectUrl], ...metadata }
  }

  /** The tokens in use. @throws Error when there are none */
  get current(): Kept {
    if (this.#tokens === undefined) throw new Error('no tokens')
    return this.#tokens
  }

  state(): string {
    return randomBytes(16).toString('base64url')
  }

  clientInformation(): Client | undefined {
    return this.client
  }

  saveClientInformation(client: Client): void {
    this.client = client
  }

  tokens(): Kept | undefined {
    return this.#tokens
  }

  saveTokens(tokens: Kept): void {
    this.#tokens = tokens
    this.given.push(tokens)
  }

  redirectToAuthorization(url: URL): void {
    this.asked.push(url)
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }

  saveDiscoveryState(discovery: Discovery): void {
    this.#discovery = discovery
  }

  discoveryState(): Discovery | undefined {
    return this.#discovery
  }

  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (scope === 'all' || scope === 'client') this.client = undefined
    if (scope === 'all' || scope === 'tokens') this.#tokens = undefined
    if (scope === 'all' || scope === 'verifier') this.#verifier = ''
    if (scope === 'all' || scope === 'discovery') this.#discovery = undefined
  }
}
