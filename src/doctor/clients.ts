/** The clients that are played, by the names of the command line. */
export const clientNames = ['claude', 'claude-code', 'chatgpt', 'vscode', 'cursor', 'codex', 'inspector'] as const

export type ClientName = (typeof clientNames)[number]

/** Where a client looks for a server's RFC 9728 document. */
export type DocumentPlace = 'pointer' | 'path' | 'root'

/** Where it looks for the metadata of an issuer (RFC 8414 §3.1 and §5, OpenID Connect Discovery §4). */
export type MetadataSpelling = 'oauth' | 'openid' | 'openid_appended'

/** What is known of a client's ways: its packages, its sources, its vendor's pages, reports of its users. */
export interface ClientProfile {
  readonly id: ClientName
  readonly name: string
  /** The vendor's cloud reaches public https addresses only; a browser needs CORS. */
  readonly runs: 'cloud' | 'machine' | 'browser'
  /** In its order. A pointer of the challenge is the only place where there is one. */
  readonly documentPlaces: readonly DocumentPlace[]
  readonly metadataSpellings: readonly MetadataSpelling[]
  /** Whether `resource` of the document must be the address, or may be a path above it. */
  readonly resource: 'equal' | 'above'
  /** Whether a slash too much at the end of the issuer is forgiven. */
  readonly issuer: 'exact' | 'slash'
  /**
   * Its metadata document. `kin`: each connection has its own, at an address that nobody knows before; the client named is tried in its
   * place, because its document lies on the same host.
   */
  readonly document?: { readonly needsNone: boolean } & ({ readonly url: string } | { readonly kin: ClientName })
  /** What it registers, when it does not come with a document. */
  readonly registration: {
    readonly client_name: string
    readonly redirect_uris: readonly string[]
    readonly application_type?: 'native'
    readonly grant_types: readonly string[]
  }
  readonly redirectUri: string
  /** The port of another day, for a client that takes any. */
  readonly laterRedirectUri?: string
  /** Where the scopes that it asks for come from. */
  readonly scopes: 'resource' | 'server' | 'none'
}

const places: readonly DocumentPlace[] = ['pointer', 'path', 'root']
const spellings: readonly MetadataSpelling[] = ['oauth', 'openid', 'openid_appended']
const grants = ['authorization_code', 'refresh_token'] as const
const common = { documentPlaces: places, metadataSpellings: spellings, resource: 'above', issuer: 'slash' } as const

/** The profiles, in the order of reports. */
export const clientProfiles: readonly ClientProfile[] = [
  {
    ...common,
    id: 'claude',
    name: 'Claude',
    runs: 'cloud',
    document: {
      url: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
      needsNone: true,
    },
    registration: {
      client_name: 'Claude',
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
      grant_types: grants,
    },
    redirectUri: 'https://claude.ai/api/mcp/auth_callback',
    scopes: 'resource',
  },
  {
    ...common,
    id: 'claude-code',
    name: 'Claude Code',
    runs: 'machine',
    document: {
      url: 'https://claude.ai/oauth/claude-code-client-metadata',
      needsNone: false,
    },
    registration: {
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost:53118/callback'],
      application_type: 'native',
      grant_types: grants,
    },
    redirectUri: 'http://localhost:53118/callback',
    laterRedirectUri: 'http://localhost:61204/callback',
    scopes: 'resource',
  },
  {
    ...common,
    id: 'chatgpt',
    name: 'ChatGPT',
    runs: 'cloud',
    document: { kin: 'codex', needsNone: false },
    registration: {
      client_name: 'ChatGPT',
      // One for each connector, whose name nobody knows before; and the one that older connectors share.
      redirect_uris: [
        'https://chatgpt.com/connector/oauth/sallyport-doctor',
        'https://chatgpt.com/connector_platform_oauth_redirect',
      ],
      grant_types: grants,
    },
    redirectUri: 'https://chatgpt.com/connector/oauth/sallyport-doctor',
    // A reconnect omits the scope.
    scopes: 'none',
  },
  {
    ...common,
    id: 'vscode',
    name: 'VS Code',
    runs: 'machine',
    resource: 'equal',
    issuer: 'exact',
    document: { url: 'https://vscode.dev/oauth/client-metadata.json', needsNone: false },
    registration: {
      client_name: 'Visual Studio Code',
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        'http://127.0.0.1:33418/',
      ],
      application_type: 'native',
      grant_types: grants,
    },
    redirectUri: 'http://127.0.0.1:33418/',
    laterRedirectUri: 'http://127.0.0.1:61204/',
    scopes: 'resource',
  },
  {
    ...common,
    id: 'cursor',
    name: 'Cursor',
    runs: 'machine',
    registration: {
      client_name: 'Cursor',
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      grant_types: grants,
    },
    redirectUri: 'cursor://anysphere.cursor-mcp/oauth/callback',
    scopes: 'resource',
  },
  {
    ...common,
    id: 'codex',
    name: 'Codex',
    runs: 'machine',
    issuer: 'exact',
    document: { url: 'https://chatgpt.com/oauth/codex/client.json', needsNone: false },
    registration: {
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1:53118/callback'],
      application_type: 'native',
      grant_types: grants,
    },
    redirectUri: 'http://127.0.0.1:53118/callback',
    laterRedirectUri: 'http://127.0.0.1:61204/callback',
    scopes: 'server',
  },
  {
    ...common,
    id: 'inspector',
    name: 'MCP Inspector',
    runs: 'browser',
    registration: {
      client_name: 'MCP Inspector',
      redirect_uris: ['http://localhost:6274/oauth/callback'],
      grant_types: grants,
    },
    redirectUri: 'http://localhost:6274/oauth/callback',
    scopes: 'resource',
  },
]

/** The address of a client's document; undefined when it has none, or one that nobody can know before. */
export function documentUrlOf({ document }: ClientProfile): string | undefined {
  return document !== undefined && 'url' in document ? document.url : undefined
}

/** The page that browser clients are, for CORS. */
export const browserOrigin = 'http://localhost:6274'

/** Is this one of the names? */
export function isClientName(text: string): text is ClientName {
  return clientNames.some((name) => name === text)
}
