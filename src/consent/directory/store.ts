import type { Database, SqlValue } from '../../db/database.ts'
import { type ConsentEntry, type EntryRow, toEntry } from '../store.ts'

/** Which consents a list holds. Every member narrows. */
export interface ConsentSearch {
  readonly accountId?: string | undefined
  readonly clientId?: string | undefined
  readonly resourceId?: string | undefined
  /** Name of a permission that it must hold. */
  readonly scope?: string | undefined
  /** Withdrawn ones too. */
  readonly withRevoked?: boolean
  /** Where the page before ended. */
  readonly after?: ConsentPlace | undefined
}

/** The place of a consent in the list. */
export interface ConsentPlace {
  readonly grantedAt: number
  readonly id: string
}

/** A page of consents, newest first. */
export interface ConsentPage {
  readonly consents: readonly ConsentEntry[]
  readonly next: ConsentPlace | undefined
  /** The time ran out before the page was full: what is older than `next` has not been looked at. */
  readonly isCut: boolean
}

/** Lists and counts consents, quickly however many there are. */
export interface ConsentDirectory {
  list(search: ConsentSearch, limit: number, milliseconds?: number): Promise<ConsentPage>
  /** How many fit; `countLimit + 1` stands for more than that. */
  count(search: ConsentSearch): Promise<number>
}

/** Ours: a count stops here; a larger number tells nobody more. */
export const countLimit = 10_000

/** Ours: so many rows are sifted at a time. */
const stretch = 2_000

const columns =
  'id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at, expires_at, revoked_at'

const leads = [
  ['account_id', 'accountId'],
  ['client_id', 'clientId'],
  ['resource_id', 'resourceId'],
] as const

interface Condition {
  readonly condition: string
  readonly values: readonly SqlValue[]
}

/** Makes the directory over a database. Pages begin after a row, not at a number: the last is as quick as the first. */
export function createConsentDirectory({ sql }: Pick<Database, 'sql'>): ConsentDirectory {
  async function endOfStretch(lead: readonly Condition[]): Promise<ConsentPlace | undefined> {
    const { text, values } = whereOf(lead)
    const row = await sql.get<{ granted_at: number; id: string }>(
      `SELECT granted_at, id FROM consent ${text} ORDER BY granted_at DESC, id DESC LIMIT 1 OFFSET ${stretch - 1}`,
      values,
    )
    return row === undefined ? undefined : { grantedAt: Number(row.granted_at), id: row.id }
  }

  async function find(conditions: readonly Condition[], limit: number): Promise<readonly ConsentEntry[]> {
    const { text, values } = whereOf(conditions)
    // The names are looked up for the rows of the page alone.
    const rows = await sql.all<EntryRow>(
      `SELECT n.*, a.email AS email, c.claimed_name AS claimed_name, r.name AS resource_name, r.identifier AS resource_identifier
         FROM (SELECT ${columns} FROM consent ${text} ORDER BY granted_at DESC, id DESC LIMIT ?) n
         LEFT JOIN account a ON a.id = n.account_id
         LEFT JOIN client c ON c.id = n.client_id
         LEFT JOIN resource r ON r.id = n.resource_id
        ORDER BY n.granted_at DESC, n.id DESC`,
      [...values, limit],
    )
    return rows.map(toEntry)
  }

  return {
    async list(search, limit, milliseconds = Number.POSITIVE_INFINITY) {
      const begunAt = performance.now()
      const { lead, sieve } = sort(search)
      const consents: ConsentEntry[] = []
      let after = search.after
      for (;;) {
        const upper = after === undefined ? [] : [below(after)]
        const end = sieve.length === 0 ? undefined : await endOfStretch([...lead, ...upper])
        const lower = end === undefined ? [] : [notBelow(end)]
        consents.push(...(await find([...lead, ...sieve, ...upper, ...lower], limit + 1 - consents.length)))
        if (consents.length > limit) {
          return { consents: consents.slice(0, limit), next: placeOf(consents[limit - 1]), isCut: false }
        }
        if (end === undefined) return { consents, next: undefined, isCut: false }
        if (performance.now() - begunAt > milliseconds) return { consents, next: end, isCut: true }
        after = end
        await new Promise((resolve) => setImmediate(resolve))
      }
    },

    async count(search) {
      const { lead, sieve } = sort(search)
      const { text, values } = whereOf([...lead, ...sieve])
      const row = await sql.get<{ n: number }>(
        `SELECT count(*) AS n FROM (SELECT 1 FROM consent ${text} LIMIT ${countLimit + 1}) e`,
        values,
      )
      return Number(row?.n ?? 0)
    },
  }
}

function sort(search: ConsentSearch): { readonly lead: readonly Condition[]; readonly sieve: readonly Condition[] } {
  const wanted = leads.flatMap(([column, name]) => {
    const value = search[name]
    return value === undefined ? [] : [{ condition: `${column} = ?`, values: [value] }]
  })
  // As expressions, so that no database lets another index lead: the stretch is bounded along this one alone.
  const sieve = wanted
    .slice(1)
    .map(({ condition, values }): Condition => ({ condition: condition.replace(/^\w+/, "coalesce($&, '')"), values }))
  if (search.withRevoked !== true) sieve.push({ condition: 'revoked_at IS NULL', values: [] })
  if (search.scope !== undefined) {
    // Whole names only: `notes` must not find `notes:read`. What counts as a pattern stands for itself.
    const scope = search.scope.replaceAll(/[\\%_]/g, '\\$&')
    sieve.push({ condition: `(' ' || scopes || ' ') LIKE ? ESCAPE '\\'`, values: [`% ${scope} %`] })
  }
  return { lead: wanted.slice(0, 1), sieve }
}

function whereOf(conditions: readonly Condition[]): { readonly text: string; readonly values: readonly SqlValue[] } {
  const text = conditions.map(({ condition }) => condition).join(' AND ')
  return { text: text === '' ? '' : `WHERE ${text}`, values: conditions.flatMap(({ values }) => values) }
}

function below({ grantedAt, id }: ConsentPlace): Condition {
  return { condition: '(granted_at, id) < (?, ?)', values: [grantedAt, id] }
}

function notBelow({ grantedAt, id }: ConsentPlace): Condition {
  return { condition: '(granted_at, id) >= (?, ?)', values: [grantedAt, id] }
}

function placeOf(entry: ConsentEntry | undefined): ConsentPlace | undefined {
  return entry === undefined ? undefined : { grantedAt: entry.grantedAt.getTime(), id: entry.id }
}
