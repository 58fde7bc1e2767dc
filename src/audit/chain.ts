import { hmacBase64url } from '../crypto/digest.ts'

/** A stored event, every column as it is in the row: what the chain vouches for. */
export interface AuditRow {
  readonly id: string
  readonly at: number
  readonly type: string
  readonly actor: string
  readonly account_id: string | null
  readonly client_id: string | null
  readonly resource: string | null
  readonly grant_id: string | null
  readonly address: string | null
  readonly request_id: string | null
  readonly detail: string
}

/** A row that has its place. */
export interface SealedRow extends AuditRow {
  readonly position: number
  readonly previous_hash: string
  readonly hash: string
}

/** The last place of the chain, and the seal that says it was us who noted it. */
export interface ChainHead {
  readonly position: number
  readonly hash: string
  readonly seal: string
}

/** The hash before the first event. */
export const genesis = 'genesis'

/** HMAC-SHA256 over place, predecessor and every column; base64url. A keyed hash: a writer of rows cannot make it. */
export function hashRow(chainKey: Uint8Array, position: number, previousHash: string, row: AuditRow): string {
  // An array in JSON is unambiguous: no value can run into its neighbour.
  const canonical = JSON.stringify([
    'event',
    position,
    previousHash,
    row.id,
    row.at,
    row.type,
    row.actor,
    row.account_id,
    row.client_id,
    row.resource,
    row.grant_id,
    row.address,
    row.request_id,
    row.detail,
  ])
  return hmacBase64url(chainKey, canonical)
}

/** The note of the last place; cutting off the tail leaves it pointing to a row that is gone. */
export function headOf(chainKey: Uint8Array, position: number, hash: string): ChainHead {
  const seal = hmacBase64url(chainKey, JSON.stringify(['head', position, hash]))
  return { position, hash, seal }
}

/** Gives the next places to rows, in their order. */
export function chainRows(
  chainKey: Uint8Array,
  after: { readonly position: number; readonly hash: string },
  rows: readonly AuditRow[],
): readonly SealedRow[] {
  let { position, hash } = after
  return rows.map((row) => {
    const previousHash = hash
    position += 1
    hash = hashRow(chainKey, position, previousHash, row)
    return { ...row, position, previous_hash: previousHash, hash }
  })
}
