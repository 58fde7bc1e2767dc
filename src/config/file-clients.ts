import { resolve } from 'node:path'
import { checkRedirectUri } from '../oauth/redirect-uri.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import type { FileClient, FileResource } from './config.ts'
import { readSecretFile } from './environment.ts'
import type { FaultAt } from './file-resources.ts'
import type { FileClientContent } from './file-schema.ts'

/** The operator's clients of the file with the secrets of their files; everything faulty is reported. */
export function readClients(
  contents: readonly FileClientContent[],
  resources: readonly FileResource[],
  folder: string,
  at: FaultAt,
): FileClient[] {
  const taken = new Set<string>()
  return contents.map((content, index) => {
    const place = `clients[${index}]`
    if (taken.has(content.client_id)) at(`${place}.client_id`, 'is there a second time', 'give every client its own')
    taken.add(content.client_id)
    checkCredentials(content, place, at)
    return {
      clientId: content.client_id,
      clientName: content.client_name,
      redirectUris: readRedirectUris(content, place, at),
      grantTypes: content.grant_types,
      tokenEndpointAuthMethod: content.token_endpoint_auth_method,
      clientSecret: readClientSecret(content.client_secret_file, folder, `${place}.client_secret_file`, at),
      jwks: content.jwks,
      jwksUri: content.jwks_uri,
      introspects: readIntrospected(content, place, at),
      resources: content.resources === undefined ? undefined : readCeiling(content.resources, resources, place, at),
    }
  })
}

function checkCredentials(content: FileClientContent, place: string, at: FaultAt): void {
  const method = content.token_endpoint_auth_method
  const wantsSecret = method === 'client_secret_basic' || method === 'client_secret_post'
  const hasSecret = content.client_secret_file !== undefined
  if (wantsSecret && !hasSecret)
    at(place, `${method} without a secret`, 'add client_secret_file, or write none as the method')
  if (!wantsSecret && hasSecret) at(`${place}.client_secret_file`, `is of no use with ${method}`, 'remove it')
  const keySources = [content.jwks, content.jwks_uri].filter((source) => source !== undefined).length
  if (method === 'private_key_jwt' && keySources !== 1) {
    at(place, 'private_key_jwt needs the public keys of the client', 'add either jwks or jwks_uri')
  }
  for (const key of content.jwks?.keys ?? []) {
    if ('d' in key || 'k' in key)
      at(`${place}.jwks`, 'holds a private key', 'put only public keys here, and replace this pair')
  }
  // RFC 6749 §4.4: only a client that proves itself may act for itself.
  if (content.grant_types.includes('client_credentials') && method === 'none') {
    at(
      `${place}.grant_types`,
      'client_credentials without a proof of the client',
      'choose another token_endpoint_auth_method',
    )
  }
}

function readIntrospected(content: FileClientContent, place: string, at: FaultAt): string[] {
  if (content.introspects.length > 0 && content.token_endpoint_auth_method === 'none') {
    at(`${place}.introspects`, 'without a proof of the client', 'choose another token_endpoint_auth_method')
  }
  return content.introspects.flatMap((text) => {
    const canonical = canonicalResource(text)
    if (canonical !== null) return canonical
    at(`${place}.introspects`, `${JSON.stringify(text)} is no resource identifier`, 'write that of an MCP server')
    return []
  })
}

function readRedirectUris(content: FileClientContent, place: string, at: FaultAt): string[] {
  if (content.grant_types.includes('authorization_code') && content.redirect_uris.length === 0) {
    at(`${place}.redirect_uris`, 'is missing', 'name where answers go, or write grant_types: [client_credentials]')
  }
  return content.redirect_uris.flatMap((text, index) => {
    const checked = checkRedirectUri(text)
    if (checked.ok) return checked.uri
    at(
      `${place}.redirect_uris[${index}]`,
      checked.reason,
      'write an https address, http on loopback, or a private scheme',
    )
    return []
  })
}

function readClientSecret(file: string | undefined, folder: string, place: string, at: FaultAt): string | undefined {
  if (file === undefined) return undefined
  try {
    const secret = readSecretFile(resolve(folder, file))
    // It is stored as a plain SHA-256, so it must not be guessable: 32 characters of base64url are 192 bits.
    if (/^[\x21-\x7E]{32,512}$/.test(secret) && new Set(secret).size >= 10) return secret
    at(
      place,
      'does not hold 32 to 512 random printable characters',
      'make one with: node -p "crypto.randomBytes(32).toString(\'base64url\')"',
    )
  } catch (error) {
    at(
      place,
      `cannot be read (${error instanceof Error ? error.message : String(error)})`,
      'paths are relative to the YAML file',
    )
  }
  return undefined
}

function readCeiling(
  ceiling: Readonly<Record<string, readonly string[]>>,
  resources: readonly FileResource[],
  place: string,
  at: FaultAt,
): ReadonlyMap<string, readonly string[]> {
  const read = new Map<string, readonly string[]>()
  for (const [text, scopes] of Object.entries(ceiling)) {
    const canonical = canonicalResource(text)
    if (canonical === null) {
      at(
        `${place}.resources`,
        `${JSON.stringify(text)} is no resource identifier`,
        'write the identifier of an MCP server',
      )
      continue
    }
    read.set(canonical, scopes)
    // A server that is not in the file may be in the database; its scopes are checked when a token is asked for.
    const known = resources.find((resource) => resource.identifier === canonical)
    for (const scope of known === undefined ? [] : scopes) {
      if (known?.scopes.some(({ name }) => name === scope)) continue
      at(
        `${place}.resources`,
        `${scope} is no scope of ${canonical}`,
        `choose among ${known?.scopes.map(({ name }) => name).join(', ')}`,
      )
    }
  }
  return read
}
