import type { SqlValue } from '../db/database.ts'
import {
  type Client,
  type ClientOrigin,
  type ClientState,
  membersOf,
  type ResourceCeiling,
  redirectHosts,
} from './client.ts'
import type { ClientMetadata } from './metadata.ts'

/** A row as prepared statements give it: instants as numbers, booleans as 1 and 0. */
export interface ClientRow {
  readonly id: string
  readonly origin: string
  readonly state: string
  readonly claimed_name: string
  readonly proven_host: string | null
  readonly payload: string
  readonly secret_digest: string | null
  readonly metadata_digest: string
  readonly resource_ceiling: string | null
  readonly set_by_file: number | boolean
  readonly previous_payload: string | null
  readonly changed_at: number | null
  readonly allowed_at: number | null
  readonly invited_by: string | null
  readonly last_used_at: number | null
  readonly created_at: number
  readonly updated_at: number
  readonly removed_at: number | null
}

/** The columns of a row, for a `SELECT`. */
export const clientColumns =
  'id, origin, state, claimed_name, proven_host, payload, secret_digest, metadata_digest, resource_ceiling, set_by_file, previous_payload, changed_at, allowed_at, invited_by, last_used_at, created_at, updated_at, removed_at'

/** The values of a client in the order of the columns that `upsertStatement` writes. */
export function valuesOf(client: Client): readonly SqlValue[] {
  return [
    client.id,
    client.origin,
    client.state,
    client.claimedName,
    client.softwareId,
    client.provenHost,
    redirectHosts(client.metadata).join(' '),
    storedText(client),
    client.secretDigest,
    client.metadataDigest,
    client.resourceCeiling === null ? null : JSON.stringify(client.resourceCeiling),
    client.setByFile ? 1 : 0,
    client.invitedBy,
    client.createdAt.getTime(),
    client.updatedAt.getTime(),
  ]
}

/** The column `payload` of a client. */
export function storedText(client: Client): string {
  return JSON.stringify(storedWords(client))
}

// Beside what an operator's client says of itself, in the one column that is JSON; no client can say it, since the normaliser lists its
// members. Absent where there is none, so that the words of everybody else are what they were.
function storedWords({ metadata, introspects }: Client): ClientMetadata & { readonly introspects?: readonly string[] } {
  return introspects.length === 0 ? metadata : { ...metadata, introspects }
}

/** Reads a row back. What this version does not know is read as the more careful: blocked, self-registered. */
export function clientFromRow(row: ClientRow): Client {
  const origin = origins.find((one) => one === row.origin) ?? 'registered'
  const { introspects, ...metadata } = parsed<ReturnType<typeof storedWords>>(row.payload)
  return {
    id: row.id,
    origin,
    state: states.find((one) => one === row.state) ?? 'blocked',
    claimedName: row.claimed_name,
    provenHost: row.proven_host,
    ...membersOf(origin, metadata),
    metadataDigest: row.metadata_digest,
    secretDigest: row.secret_digest,
    resourceCeiling: row.resource_ceiling === null ? null : parsed<ResourceCeiling>(row.resource_ceiling),
    introspects: origin === 'operator' ? (introspects ?? []) : [],
    setByFile: Boolean(row.set_by_file),
    previousMetadata: row.previous_payload === null ? null : parsed<ClientMetadata>(row.previous_payload),
    changedAt: instant(row.changed_at),
    allowedAt: instant(row.allowed_at),
    invitedBy: row.invited_by,
    lastUsedAt: instant(row.last_used_at),
    createdAt: new Date(Number(row.created_at)),
    updatedAt: new Date(Number(row.updated_at)),
    removedAt: instant(row.removed_at),
  }
}

/** A row as Prisma gives it. */
export interface ClientModel {
  readonly id: string
  readonly origin: string
  readonly state: string
  readonly claimedName: string
  readonly provenHost: string | null
  readonly payload: string
  readonly secretDigest: string | null
  readonly metadataDigest: string
  readonly resourceCeiling: string | null
  readonly setByFile: boolean
  readonly previousPayload: string | null
  readonly changedAt: bigint | null
  readonly allowedAt: bigint | null
  readonly invitedBy: string | null
  readonly lastUsedAt: bigint | null
  readonly createdAt: bigint
  readonly updatedAt: bigint
  readonly removedAt: bigint | null
}

/** Reads a row of Prisma's back. */
export function clientFromModel(model: ClientModel): Client {
  return clientFromRow({
    id: model.id,
    origin: model.origin,
    state: model.state,
    claimed_name: model.claimedName,
    proven_host: model.provenHost,
    payload: model.payload,
    secret_digest: model.secretDigest,
    metadata_digest: model.metadataDigest,
    resource_ceiling: model.resourceCeiling,
    set_by_file: model.setByFile,
    previous_payload: model.previousPayload,
    changed_at: model.changedAt === null ? null : Number(model.changedAt),
    allowed_at: model.allowedAt === null ? null : Number(model.allowedAt),
    invited_by: model.invitedBy,
    last_used_at: model.lastUsedAt === null ? null : Number(model.lastUsedAt),
    created_at: Number(model.createdAt),
    updated_at: Number(model.updatedAt),
    removed_at: model.removedAt === null ? null : Number(model.removedAt),
  })
}

const origins: readonly ClientOrigin[] = ['document', 'registered', 'operator']
const states: readonly ClientState[] = ['active', 'pending', 'blocked', 'removed']

function instant(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(Number(milliseconds))
}

/** A parse boundary: only `upsertStatement` writes these columns, from the type it is read back as. */
function parsed<T>(json: string): T {
  return JSON.parse(json) as T
}
