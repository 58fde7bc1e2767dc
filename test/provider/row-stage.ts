// The rows of the protocol on a database of their own, with units as a request has them.
import type { Adapter, AdapterPayload } from 'oidc-provider'
import { createClientStore } from '../../src/clients/store.ts'
import type { Database } from '../../src/db/database.ts'
import { createRows, type Rows } from '../../src/provider/adapter/index.ts'
import { runUnit, Unit, type UnitKind } from '../../src/provider/unit.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type DatabaseKind, openTestDatabase } from '../support/database.ts'

export const tables = [
  'authorization_code',
  'refresh_family',
  'protocol_grant',
  'browser_session',
  'interaction',
  'replay_mark',
  'pushed_request',
  'registration_token',
]

export const checkKey = Buffer.alloc(32, 1)

/** What a test may want to be different. */
export interface RowSettings {
  readonly graceSeconds?: number
  readonly checkKey?: Uint8Array
  readonly olderCheckKeys?: readonly Uint8Array[]
  readonly addressedClient?: () => string | undefined
}

/** The clock of the library: whole seconds. */
export const seconds = () => Math.floor(Date.now() / 1000)

/** The members that every row of a grant has. */
export const base = () => ({ iat: seconds(), exp: seconds() + 60, clientId: 'c', accountId: 'a', grantId: 'g' })

/** Rows on one database; `empty` before each test, `close` at the end. */
export interface RowStage {
  readonly database: Database
  rows(settings?: RowSettings): Rows
  model(name: string, rows?: Rows): Adapter
  /** Collects what `work` writes in one unit and commits it. */
  inUnit(work: (unit: Unit) => Promise<unknown>, kind?: UnitKind): Promise<boolean>
  /** Looks up inside a unit. */
  found(adapter: Partial<Pick<Adapter, 'find'>>, id: string, unit?: Unit): Promise<AdapterPayload | undefined>
  /** Everything that is at rest, as one text. */
  atRest(): Promise<string>
  count(table: string): Promise<number>
  empty(): Promise<void>
  close(): Promise<void>
}

/** Opens the stage; for `beforeAll`. */
export async function openRows(kind: DatabaseKind): Promise<RowStage> {
  const database = await openTestDatabase(kind)
  const rows = (settings: RowSettings = {}): Rows =>
    createRows({
      database,
      clock: systemClock,
      clients: createClientStore(database, systemClock),
      checkKey,
      graceSeconds: 30,
      absoluteSeconds: 90 * 86_400,
      authorizationUrl: 'https://auth.example/authorize',
      addressedClient: () => undefined,
      firstState: 'active',
      ...settings,
    })
  const all = (text: string) => database.sql.all(text)
  return {
    database,
    rows,
    // Parse boundary: the library takes a factory or a class; ours is a factory.
    model: (name, of = rows()) => (of.adapter as (name: string) => Adapter)(name),
    async inUnit(work, unitKind = 'token') {
      const unit = new Unit(unitKind)
      await runUnit(unit, () => work(unit))
      return database.commit(unit.work())
    },
    found: (adapter, id, unit = new Unit('token')) =>
      runUnit(unit, async () => (await adapter.find?.(id)) ?? undefined),
    atRest: async () => JSON.stringify(await Promise.all(tables.map((table) => all(`SELECT * FROM ${table}`)))),
    count: async (table) => (await all(`SELECT * FROM ${table}`)).length,
    async empty() {
      for (const table of [...tables, 'consent']) await database.sql.run(`DELETE FROM ${table}`)
    },
    close: () => database.close(),
  }
}
