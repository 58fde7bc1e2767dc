import { z } from 'zod'
import { redirectHostProblem } from '../oauth/redirect-hosts.ts'
import { upstreamPresets } from './config.ts'
import { limitMembers, limitsSchema } from './limit-table.ts'

// The YAML file in the words of the protocol, before anything is looked up. Every object is strict: a member with a mistyped
// name must not silently mean the default.

const text = z.string().min(1).max(2048)
const signingAlgs = ['ES256', 'EdDSA', 'RS256'] as const

// RFC 6749 §3.3: the characters of a scope token.
const scopeName = z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/, 'is no scope name (RFC 6749 §3.3)')

function checkRedirectHost(entry: string, context: z.RefinementCtx): void {
  const problem = redirectHostProblem(entry)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `${entry} ${problem}` })
}

// MCP specification, tool names.
const toolName = z.string().regex(/^[A-Za-z0-9_.\-/]{1,128}$/, 'must be 1 to 128 letters, digits or _ . - /')

const scope = z.strictObject({
  description: text.max(400),
  risk: z.enum(['read', 'write', 'destructive']),
  default: z.boolean().default(false),
  tools: z.array(toolName).max(100).default([]),
})

const resource = z.strictObject({
  identifier: text,
  name: text.max(200),
  aliases: z.array(text).default([]),
  // Ours: an hour at most, because a self-contained token cannot be called back.
  token_lifetime_seconds: z.int().min(60).max(3600).default(300),
  signing_alg: z.enum(signingAlgs).default('ES256'),
  second_factor: z.enum(['never', 'destructive', 'always']).default('never'),
  scopes: z.record(scopeName, scope),
})

const client = z.strictObject({
  // RFC 6749 §A.1, and no colon or slash: a URL is the name of a client document, so an operator's client cannot have one.
  client_id: z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/, 'must be 1 to 128 letters, digits or . _ ~ -'),
  client_name: text.max(200),
  redirect_uris: z.array(text).default([]),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .min(1)
    .default(['authorization_code', 'refresh_token']),
  // RFC 7591 §2: the default when it is omitted.
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .default('client_secret_basic'),
  client_secret_file: text.optional(),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
  jwks_uri: z.url({ protocol: /^https$/, error: 'must be an https URL' }).optional(),
  resources: z.record(text, z.array(scopeName)).optional(),
  introspects: z.array(text).max(100).default([]),
})

const names = z.array(text.max(512)).max(200).default([])

const upstream = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'must be 1 to 40 lower-case letters, digits and inner hyphens'),
  preset: z.enum(upstreamPresets).default('oidc'),
  name: text.max(100),
  issuer: text.max(1024).optional(),
  client_id: text.max(512),
  client_secret_file: text.optional(),
  scopes: z.array(scopeName).max(50).optional(),
  enabled: z.boolean().default(true),
  keep_tokens_for: z.array(text).max(100).default([]),
  accounts: z
    .strictObject({
      // Ours: nobody gets an account because the operator forgot to say who may.
      create: z.boolean().default(false),
      tenants: names,
      domains: names,
      groups_claim: text.max(200).optional(),
      groups: names,
      admin_groups: names,
      trusts_email: z.boolean().default(false),
    })
    .prefault({}),
})

/** The whole file. */
export const fileSchema = z.strictObject({
  resources: z.array(resource).default([]),
  clients: z.array(client).default([]),
  metadata_documents: z.record(z.string(), text).default({}),
  limits: limitsSchema.default({}),
  registration: z
    .strictObject({
      mode: z.enum(['open', 'hosts', 'approval', 'token', 'closed']),
      hosts: z.array(text.max(300).superRefine(checkRedirectHost)).max(1000).default([]),
    })
    .optional(),
  upstreams: z.array(upstream).max(50).default([]),
})

/** The file as written, with its defaults. */
export type FileContent = z.output<typeof fileSchema>
/** One MCP server as written. */
export type FileResourceContent = FileContent['resources'][number]
/** One operator's client as written. */
export type FileClientContent = FileContent['clients'][number]

/** One upstream as written. */
export type FileUpstreamContent = FileContent['upstreams'][number]

/** Every member name that the file can have somewhere, for hints. */
export const fileMembers: readonly string[] = [
  ...Object.keys(fileSchema.shape),
  ...Object.keys(resource.shape),
  ...Object.keys(scope.shape),
  ...Object.keys(client.shape),
  ...Object.keys(upstream.shape),
  ...Object.keys(upstream.shape.accounts.unwrap().shape),
  'mode',
  ...limitMembers,
  'hosts',
]
