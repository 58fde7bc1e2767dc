import { z } from 'zod'
import { upstreamPresets } from '../../config/config.ts'
import type { Sealer } from '../../crypto/seal.ts'
import { type Database, type Statement, statement } from '../../db/database.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Upstream } from '../upstream.ts'

/** Rows of upstreams. Whoever shall know of a change in the same commit hands its statements as `also`. */
export interface UpstreamStore {
  /** Remembered for at most five seconds, as are the lists. */
  find(id: string): Promise<Upstream | null>
  /** Every upstream, oldest first. */
  list(): Promise<readonly Upstream[]>
  /** Those people may sign in with. */
  enabled(): Promise<readonly Upstream[]>
  /** Writes an upstream with its secret. @returns false when one with this id is there already */
  add(upstream: Upstream, also?: readonly Statement[]): Promise<boolean>
  /**
   * Replaces what is said of an upstream.
   *
   * @param secret `keep` leaves the stored one as it is, whatever `upstream.clientSecret` says
   * @returns false when it is gone
   */
  put(upstream: Upstream, secret: 'keep' | 'replace', also?: readonly Statement[]): Promise<boolean>
  /** @returns false when it is gone or says so already */
  setEnabled(id: string, enabled: boolean, also?: readonly Statement[]): Promise<boolean>
  /**
   * Removes an upstream, the hops that are under way and the tokens kept of it. Who is linked to whom stays: the same issuer
   * added again finds its people again.
   *
   * @returns false when it was gone
   */
  remove(id: string, also?: readonly Statement[]): Promise<boolean>
}

interface UpstreamRow {
  readonly id: string
  readonly preset: string
  readonly name: string
  readonly issuer: string
  readonly client_id: string
  readonly sealed_client_secret: string | null
  readonly settings: string
  readonly enabled: number | boolean
  readonly set_by_file: number | boolean
}

const texts = z.array(z.string())
const settingsSchema = z.object({
  scopes: texts,
  keepTokensFor: texts,
  rules: z.object({
    create: z.boolean(),
    tenants: texts,
    domains: texts,
    groupsClaim: z.string().optional(),
    groups: texts,
    adminGroups: texts,
    trustsEmail: z.boolean(),
  }),
})
const presetSchema = z.enum(upstreamPresets)

const columns = 'id, preset, name, issuer, client_id, sealed_client_secret, settings, enabled, set_by_file'
// Ours: other processes' changes are seen within five seconds.
const lifetimeMs = 5000

/** Keeps upstreams in the database of the server. @param sealer of the purpose `upstream secrets` */
export function createUpstreamStore(
  { sql, commit }: Pick<Database, 'sql' | 'commit'>,
  sealer: Sealer,
  clock: Clock,
): UpstreamStore {
  let known: { readonly upstreams: Promise<readonly Upstream[]>; readonly until: number } | undefined
  const flag = (value: boolean): 0 | 1 => (value ? 1 : 0)
  const forget = () => {
    known = undefined
  }

  function list(): Promise<readonly Upstream[]> {
    const now = clock.now().getTime()
    if (known !== undefined && now < known.until) return known.upstreams
    const upstreams = sql
      .all<UpstreamRow>(`SELECT ${columns} FROM upstream ORDER BY created_at, id`)
      .then((rows) => rows.map((row) => fromRow(row, sealer)))
    const entry = { upstreams, until: now + lifetimeMs }
    known = entry
    upstreams.catch(() => {
      if (known === entry) forget()
    })
    return upstreams
  }

  async function change(condition: Statement, effects: readonly Statement[]): Promise<boolean> {
    forget()
    try {
      return await commit({ conditions: [condition], effects })
    } finally {
      // Again: a reader between the two may have remembered what was there before.
      forget()
    }
  }

  const valuesOf = (upstream: Upstream): readonly [string | null, ...(string | number)[]] => [
    upstream.clientSecret === undefined ? null : sealer.seal(upstream.clientSecret),
    upstream.preset,
    upstream.name,
    upstream.issuer,
    upstream.clientId,
    settingsOf(upstream),
    flag(upstream.enabled),
    flag(upstream.setByFile),
    clock.now().getTime(),
  ]

  return {
    list,
    find: async (id) => (await list()).find((upstream) => upstream.id === id) ?? null,
    enabled: async () => (await list()).filter((upstream) => upstream.enabled),

    add: (upstream, also = []) =>
      change(
        statement(
          `INSERT INTO upstream (sealed_client_secret, preset, name, issuer, client_id, settings, enabled, set_by_file,
             updated_at, created_at, id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          ...valuesOf(upstream),
          clock.now().getTime(),
          upstream.id,
        ),
        also,
      ),

    put(upstream, secret, also = []) {
      const kept = secret === 'keep' ? 1 : 0
      const [sealed, ...told] = valuesOf(upstream)
      return change(
        statement(
          `UPDATE upstream SET
             sealed_client_secret = CASE WHEN CAST(? AS INTEGER) = 1 THEN sealed_client_secret ELSE ? END,
             preset = ?, name = ?, issuer = ?, client_id = ?, settings = ?, enabled = ?, set_by_file = ?, updated_at = ?
           WHERE id = ?`,
          kept,
          sealed,
          ...told,
          upstream.id,
        ),
        also,
      )
    },

    setEnabled: (id, enabled, also = []) =>
      change(
        statement(
          'UPDATE upstream SET enabled = ?, updated_at = ? WHERE id = ? AND enabled <> ?',
          flag(enabled),
          clock.now().getTime(),
          id,
          flag(enabled),
        ),
        also,
      ),

    remove: (id, also = []) =>
      change(statement('DELETE FROM upstream WHERE id = ?', id), [
        statement('DELETE FROM upstream_state WHERE upstream_id = ?', id),
        statement('DELETE FROM upstream_token WHERE upstream_id = ?', id),
        ...also,
      ]),
  }
}

function settingsOf({ scopes, keepTokensFor, rules }: Upstream): string {
  return JSON.stringify({ scopes, keepTokensFor, rules })
}

function fromRow(row: UpstreamRow, sealer: Sealer): Upstream {
  const { scopes, keepTokensFor, rules } = settingsSchema.parse(JSON.parse(row.settings))
  const sealed = row.sealed_client_secret
  return {
    id: row.id,
    preset: presetSchema.parse(row.preset),
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    clientSecret: sealed === null ? undefined : (sealer.open(sealed) ?? undefined),
    scopes,
    rules: { ...rules, groupsClaim: rules.groupsClaim },
    keepTokensFor,
    enabled: Boolean(row.enabled),
    setByFile: Boolean(row.set_by_file),
  }
}
