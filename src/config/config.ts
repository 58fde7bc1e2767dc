// Room: config. Every setting, from the environment and from the one YAML file, checked before anything else runs.
// It owns the only reading of the environment, the data folder and the generated secret; it serves no path. What a setting
// does belongs to the room that uses it.

import type { BrandAccent } from './accent.ts'
import type { Limits } from './limit-table.ts'
import type { BrandLogo } from './logo.ts'
import type { SmtpServer } from './smtp.ts'

/** Which database runs. */
export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgresql'; readonly url: string }

/** Who may register a client. */
export type RegistrationMode = 'open' | 'hosts' | 'approval' | 'token' | 'closed'
/** Which client documents count. */
export type MetadataDocumentMode = 'on' | 'listed' | 'pinned' | 'off'
/** How an MCP server's tokens are signed. */
export type SigningAlg = 'ES256' | 'EdDSA' | 'RS256'
/** How much harm a scope can do. */
export type ScopeRisk = 'read' | 'write' | 'destructive'

/** A scope of an MCP server, as the file tells it. */
export interface FileScope {
  readonly name: string
  readonly description: string
  readonly risk: ScopeRisk
  readonly isDefault: boolean
  /** Names of the tools that it opens. */
  readonly tools: readonly string[]
}

/** An MCP server of the file. */
export interface FileResource {
  /** Canonical: lower-case scheme and host, no default port, no trailing slash. */
  readonly identifier: string
  readonly name: string
  /** Canonical, too. */
  readonly aliases: readonly string[]
  readonly tokenLifetimeSeconds: number
  readonly signingAlg: SigningAlg
  readonly secondFactor: 'never' | 'destructive' | 'always'
  readonly scopes: readonly FileScope[]
}

/** An operator's client of the file. */
export interface FileClient {
  readonly clientId: string
  readonly clientName: string
  readonly redirectUris: readonly string[]
  readonly grantTypes: readonly ('authorization_code' | 'refresh_token' | 'client_credentials')[]
  readonly tokenEndpointAuthMethod: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  /** In the clear, as read from its file; stored as a digest only. */
  readonly clientSecret: string | undefined
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | undefined
  readonly jwksUri: string | undefined
  /** Ceiling: canonical resource → scopes it may have there; undefined: no ceiling. */
  readonly resources: ReadonlyMap<string, readonly string[]> | undefined
  /** Canonical identifiers of the MCP servers that it speaks for. */
  readonly introspects: readonly string[]
}

/** The kinds of provider upstream that are known here; `oidc` is any that follows OpenID Connect. */
export const upstreamPresets = ['oidc', 'google', 'entra', 'okta', 'auth0', 'keycloak', 'gitlab', 'github'] as const
/** A kind of provider upstream. */
export type UpstreamPreset = (typeof upstreamPresets)[number]

/** Who may sign in through an upstream, and as what. */
export interface FileAccountRules {
  readonly create: boolean
  readonly tenants: readonly string[]
  readonly domains: readonly string[]
  readonly groupsClaim: string | undefined
  readonly groups: readonly string[]
  readonly adminGroups: readonly string[]
  readonly trustsEmail: boolean
}

/** A provider upstream of the file. */
export interface FileUpstream {
  readonly id: string
  readonly preset: UpstreamPreset
  readonly name: string
  /** Undefined: the preset knows it. */
  readonly issuer: string | undefined
  readonly clientId: string
  /** In the clear, as read from its file; stored sealed. */
  readonly clientSecret: string | undefined
  /** Undefined: those of the preset. */
  readonly scopes: readonly string[] | undefined
  readonly enabled: boolean
  /** Canonical resources. */
  readonly keepTokensFor: readonly string[]
  readonly rules: FileAccountRules
}

/** What the YAML file says; all empty when there is none. */
export interface FileConfig {
  readonly resources: readonly FileResource[]
  readonly clients: readonly FileClient[]
  /** Pinned documents by `client_id` URL: parsed, checked, as the client's author wrote them. */
  readonly metadataDocuments: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly registration: { readonly mode: RegistrationMode; readonly hosts: readonly string[] } | undefined
  readonly upstreams: readonly FileUpstream[]
  /** The table of limits with what the file changes in it. */
  readonly limits: Limits
}

/** The checked settings of this process; nothing in it changes while the process lives. */
export interface Config {
  /** No trailing slash. */
  readonly issuer: string
  readonly host: string
  readonly port: number
  readonly database: DatabaseConfig
  /** Absolute path. */
  readonly dataDir: string
  /** First seals and signs, all open; undefined: `loadOrCreateSecrets` makes one in the data folder. */
  readonly secrets: readonly Uint8Array[] | undefined
  readonly adminEmail: string | undefined
  readonly adminPassword: string | undefined
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[]
  readonly registration: RegistrationMode
  /** Entries as in `redirectHostProblem`; they count in mode `hosts`. */
  readonly registrationHosts: readonly string[]
  /** 0: such clients stay. */
  readonly clientUnusedHours: number
  /** 0: such clients stay. */
  readonly clientIdleDays: number
  readonly clientMetadataDocuments: MetadataDocumentMode
  /** Lower-case host names without port; also lets documents on internal addresses be fetched. */
  readonly metadataDocumentHosts: readonly string[]
  /** Lower-case host names without port that may lie on internal addresses, whatever is fetched from them. */
  readonly egressAllowedHosts: readonly string[]
  /** Undefined: connections are made directly. */
  readonly egressProxy: URL | undefined
  readonly userAgent: string
  readonly refreshGraceSeconds: number
  readonly refreshIdleSeconds: number
  readonly refreshAbsoluteSeconds: number
  readonly sessionIdleSeconds: number
  readonly sessionAbsoluteSeconds: number
  /** Do passwords of ours let anybody in? */
  readonly passwordSignIn: boolean
  readonly adminSecondFactor: 'required' | 'optional'
  readonly secondFactor: 'required' | 'optional'
  readonly rateLimits: boolean
  /** What counts while `rateLimits` is on. */
  readonly limits: Limits
  readonly sqliteSynchronous: 'FULL' | 'NORMAL'
  readonly migrate: boolean
  /** Undefined: no mail is sent, administrators copy links. */
  readonly smtp: SmtpServer | undefined
  /** Set whenever `smtp` is. */
  readonly mailFrom: string | undefined
  /** The product's name on pages and in mail. */
  readonly brandName: string
  readonly brandLogo: BrandLogo | undefined
  readonly brandAccent: BrandAccent | undefined
  readonly metricsPort: number | undefined
  readonly metricsHost: string
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** Absolute path of the YAML file. */
  readonly configPath: string | undefined
  readonly file: FileConfig
  /** Settings that somebody set in the environment: member of the table → the name it was found under. */
  readonly origins: ReadonlyMap<string, string>
}
