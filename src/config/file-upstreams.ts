import { resolve } from 'node:path'
import type { FileUpstream } from './config.ts'
import { readSecretFile } from './environment.ts'
import type { FaultAt } from './file-resources.ts'
import type { FileUpstreamContent } from './file-schema.ts'

/** The upstreams of the file with the secrets of their files; what their presets allow is checked by federation/. */
export function readUpstreams(contents: readonly FileUpstreamContent[], folder: string, at: FaultAt): FileUpstream[] {
  const taken = new Set<string>()
  return contents.map((content, index) => {
    const place = `upstreams[${index}]`
    const { accounts, id } = content
    if (taken.has(id)) at(`${place}.id`, 'is there a second time', 'give every upstream its own')
    taken.add(id)
    return {
      id,
      preset: content.preset,
      name: content.name,
      issuer: content.issuer,
      clientId: content.client_id,
      clientSecret: readClientSecret(content.client_secret_file, folder, `${place}.client_secret_file`, at),
      scopes: content.scopes,
      enabled: content.enabled,
      keepTokensFor: content.keep_tokens_for,
      rules: {
        create: accounts.create,
        tenants: accounts.tenants,
        domains: accounts.domains,
        groupsClaim: accounts.groups_claim,
        groups: accounts.groups,
        adminGroups: accounts.admin_groups,
        trustsEmail: accounts.trusts_email,
      },
    }
  })
}

// What the provider made is not ours to judge by length: it is sent there, and never compared here.
function readClientSecret(file: string | undefined, folder: string, place: string, at: FaultAt): string | undefined {
  if (file === undefined) return undefined
  try {
    const secret = readSecretFile(resolve(folder, file))
    if (/^[\x20-\x7e]{1,2048}$/.test(secret)) return secret
    at(place, 'does not hold one line of printable characters', 'put the secret that the provider shows there, alone')
  } catch (error) {
    at(
      place,
      `cannot be read (${error instanceof Error ? error.message : String(error)})`,
      'paths are relative to the YAML file',
    )
  }
  return undefined
}
