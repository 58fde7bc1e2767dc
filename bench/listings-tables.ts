// The tables of a server that has been used for long, row by row.
import type { SqlValue } from '../src/db/database.ts'
import {
  administrator,
  busyConsents,
  busyPerson,
  clientAt,
  clientId,
  clientState,
  consentAt,
  consentClient,
  consentId,
  day,
  type Fill,
  nameOf,
  peopleOf,
  personEmail,
  personId,
  scopeSets,
  serverId,
  serverIdentifier,
  servers,
  softwareOf,
} from './listings-rows.ts'

/** Rows of one table. */
export interface TableRows {
  readonly table: string
  /** Names with a space between; `:` and the PostgreSQL type behind what is no text. A boolean is 1 or 0. */
  readonly columns: string
  rows(): Iterable<readonly SqlValue[]>
}

/** Every table but the audit book. Nothing has expired: the sweep of the server finds nothing to do. */
export function tablesOf(fill: Fill, now: number, passwordHash: string): readonly TableRows[] {
  const payload = (index: number, uri: string) =>
    JSON.stringify({
      client_name: nameOf(index),
      redirect_uris: [uri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...(softwareOf(index) !== null && { software_id: softwareOf(index) }),
    })
  const consents = function* () {
    for (let index = 0; index < fill.consents; index += 1) {
      const person = index % 500 === 0 && index / 500 < busyConsents ? busyPerson.id : personId(index % peopleOf(fill))
      yield { index, person, client: consentClient(index, fill), revokedAt: index % 11 === 10 ? now - day : null }
    }
  }
  const end = now + 30 * day
  return [
    {
      table: 'account',
      columns: accountColumns,
      *rows() {
        for (const { id, email, name } of [administrator, busyPerson]) {
          const role = id === administrator.id ? 'admin' : 'member'
          yield [id, email, name, role, 'active', passwordHash, now - 90 * day, now - 90 * day, now - day]
        }
        for (let index = 0; index < peopleOf(fill); index += 1) {
          const state = index % 97 === 0 ? 'disabled' : 'active'
          const signedInAt = index % 13 === 0 ? null : now - (index % 60) * day
          const role = index % 4001 === 0 ? 'admin' : 'member'
          const name = `Person Number ${index}`
          yield [personId(index), personEmail(index), name, role, state, null, signedInAt, now - 90 * day, signedInAt]
        }
      },
    },
    {
      table: 'resource',
      columns: resourceColumns,
      *rows() {
        for (let index = 0; index < (fill.clients > 0 ? servers : 0); index += 1) {
          yield [
            serverId(index),
            serverIdentifier(index),
            `Server ${index}`,
            300,
            'ES256',
            'operator',
            'everyone',
            now,
            now,
          ]
        }
      },
    },
    {
      table: 'resource_scope',
      columns: 'resource_id scope description risk is_default:boolean position:int',
      *rows() {
        for (let index = 0; index < (fill.clients > 0 ? servers : 0); index += 1) {
          yield [serverId(index), 'notes:read', 'Read your notes', 'read', 1, 0]
          yield [serverId(index), 'notes:write', 'Change your notes', 'write', 0, 1]
          yield [serverId(index), 'notes:delete', 'Delete your notes', 'destructive', 0, 2]
        }
      },
    },
    {
      table: 'client',
      columns: clientColumns,
      *rows() {
        for (let index = 0; index < fill.clients; index += 1) {
          const isDocument = index % 20 === 18
          const isLocal = index % 20 < 12
          const uri = isLocal
            ? `http://127.0.0.1:${20_000 + (index % 40_000)}/callback`
            : `https://app-${index}.example/cb`
          const host = isLocal ? 'loopback' : `app-${index}.example`
          const at = clientAt(index, fill, now)
          yield [
            clientId(index),
            isDocument ? 'document' : 'registered',
            clientState(index),
            nameOf(index),
            softwareOf(index),
            isDocument ? `client-${index}.example` : null,
            softwareOf(index) === null ? host : 'app.example',
            payload(index, uri),
            `digest-${index}`,
            0,
            at,
            at,
            clientState(index) === 'removed' ? now - day : null,
          ]
        }
      },
    },
    {
      table: 'client_approval',
      columns: 'client_id account_id state asked_at:bigint',
      *rows() {
        for (let index = 0; index < fill.clients; index += 1) {
          if (clientState(index) !== 'pending') continue
          for (let person = 0; person <= index % 3; person += 1) {
            yield [clientId(index), personId((index + person) % peopleOf(fill)), 'pending', clientAt(index, fill, now)]
          }
        }
      },
    },
    {
      table: 'consent',
      columns: consentColumns,
      *rows() {
        for (const { index, person, client, revokedAt } of consents()) {
          const at = consentAt(index, fill, now)
          const scopes = scopeSets[index % 3] ?? ''
          const expiresAt = index % 4 === 0 ? end : null
          const common = [client, 'loopback', serverId(index), scopes, 'digest', 1, at, expiresAt, revokedAt]
          yield [consentId(index), person, ...common]
        }
      },
    },
    {
      table: 'protocol_grant',
      columns: grantColumns,
      *rows() {
        for (const { index, person, client, revokedAt } of consents()) {
          if (revokedAt !== null) continue
          const resource = serverIdentifier(index)
          const kept = { accountId: person, clientId: client, resources: { [resource]: scopeSets[index % 3] } }
          const at = consentAt(index, fill, now)
          yield [
            `bench-grant-${index}`,
            person,
            client,
            consentId(index),
            resource,
            JSON.stringify(kept),
            at,
            end,
            '192.0.2.0/24',
          ]
        }
      },
    },
    {
      table: 'refresh_family',
      columns: familyColumns,
      *rows() {
        const payload = JSON.stringify({ kind: 'RefreshToken', filling: 'x'.repeat(500) })
        for (const { index, person, client, revokedAt } of consents()) {
          if (revokedAt !== null || index % 10 > 6) continue
          const at = consentAt(index, fill, now)
          const usedAt = Math.max(at, now - ((index * 7919) % 864_000) * 1000)
          const digest = scattered(index)
          const ends = [payload, at, usedAt, '192.0.2.0/24', end, end + 30 * day]
          yield [digest, `bench-grant-${index}`, client, person, `current-${digest}`, usedAt, ...ends]
        }
      },
    },
  ]
}

const accountColumns =
  'id email name role state password_hash password_changed_at:bigint created_at:bigint last_sign_in_at:bigint'
const resourceColumns =
  'id identifier name token_lifetime_seconds:int signing_alg origin access created_at:bigint updated_at:bigint'
const clientColumns =
  'id origin state claimed_name software_id proven_host redirect_hosts payload metadata_digest set_by_file:boolean created_at:bigint updated_at:bigint removed_at:bigint'
const consentColumns =
  'id account_id client_id redirect_host resource_id scopes metadata_digest stay_connected:boolean granted_at:bigint expires_at:bigint revoked_at:bigint'
const grantColumns = 'id account_id client_id consent_id resource payload created_at:bigint expires_at:bigint address'
const familyColumns =
  'digest grant_id client_id account_id current_digest rotated_at:bigint payload created_at:bigint used_at:bigint address expires_at:bigint ends_at:bigint'

/** Like a digest: neighbours in time are no neighbours in the index. */
function scattered(index: number): string {
  return `${((index * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}-bench-family-${index}`.padEnd(
    43,
    '0',
  )
}
