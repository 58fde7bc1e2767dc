import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import pg from 'pg'

/** The plain way to put the library on PostgreSQL: one table, one prepared statement and one commit for each call. */
export async function postgresqlAdapter(url: string): Promise<AdapterFactory> {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  await pool.query('CREATE TABLE bare (id text PRIMARY KEY, uid text, grant_id text, payload json, consumed bigint)')
  await pool.query('CREATE INDEX bare_uid ON bare (uid)')
  await pool.query('CREATE INDEX bare_grant ON bare (grant_id)')

  async function run(name: string, text: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await pool.query<Row>({ name, text, values: [...values] })
    return rows
  }

  return (model): Adapter => ({
    async upsert(id, payload) {
      await run(
        'upsert',
        `INSERT INTO bare (id, uid, grant_id, payload) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET uid = excluded.uid, payload = excluded.payload`,
        [`${model}:${id}`, payload.uid ?? null, payload.grantId ?? null, JSON.stringify(payload)],
      )
    },
    find: async (id) =>
      payloadOf(await run('find', 'SELECT payload, consumed FROM bare WHERE id = $1', [`${model}:${id}`])),
    findByUid: async (uid) => payloadOf(await run('uid', 'SELECT payload, consumed FROM bare WHERE uid = $1', [uid])),
    findByUserCode: async () => undefined,
    async consume(id) {
      const now = Math.floor(Date.now() / 1000)
      await run('consume', 'UPDATE bare SET consumed = $2 WHERE id = $1', [`${model}:${id}`, now])
    },
    async destroy(id) {
      await run('destroy', 'DELETE FROM bare WHERE id = $1', [`${model}:${id}`])
    },
    async revokeByGrantId(grantId) {
      await run('revoke', 'DELETE FROM bare WHERE grant_id = $1', [grantId])
    },
  })
}

interface Row {
  readonly payload: AdapterPayload
  readonly consumed: string | null
}

function payloadOf([row]: readonly Row[]): AdapterPayload | undefined {
  if (row === undefined) return undefined
  return row.consumed === null ? row.payload : { ...row.payload, consumed: Number(row.consumed) }
}
