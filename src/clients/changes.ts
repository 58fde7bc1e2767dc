import type { Client } from './client.ts'
import { type ClientMetadata, canonicalJson } from './metadata.ts'

/** A member of what a client says of itself that reads otherwise than before. */
export interface MetadataChange {
  readonly member: keyof ClientMetadata
  /** One text for each value; empty when the member was not there. */
  readonly before: readonly string[]
  readonly now: readonly string[]
}

/** What a client says now and did not say before, and the other way round; empty when it never changed. */
export function lastChanges({
  previousMetadata,
  metadata,
}: Pick<Client, 'previousMetadata' | 'metadata'>): readonly MetadataChange[] {
  if (previousMetadata === null) return []
  const members = [...new Set([...Object.keys(previousMetadata), ...Object.keys(metadata)])]
  return members.flatMap((name) => {
    // Parse boundary: the names are those of the two objects.
    const member = name as keyof ClientMetadata
    const before = textsOf(previousMetadata[member])
    const now = textsOf(metadata[member])
    return canonicalJson(before) === canonicalJson(now) ? [] : [{ member, before, now }]
  })
}

function textsOf(value: ClientMetadata[keyof ClientMetadata]): readonly string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [value]
  return listed(value).sort()
}

function listed(value: readonly string[] | NonNullable<ClientMetadata['jwks']>): string[] {
  return 'length' in value ? [...value] : value.keys.map((key) => canonicalJson(key))
}
