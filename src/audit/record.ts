// The audit room: the book of what happened. It owns the list of events, what may stand in them, the rows, and the
// chain that shows tampering. Rooms write an event with the change that it tells of, in the same commit; a job seals.
// It serves no path; the console and the command line show it.
import type { Database, Statement } from '../db/database.ts'
import type { Clock } from '../runtime/clock.ts'
import { type AuditRow, chainRows, genesis, headOf } from './chain.ts'
import { createEventIds } from './event-id.ts'
import type { AuditEvent, DetailValue } from './events.ts'
import { redactDetail, redactIdentifier, redactText } from './redact.ts'
import { type AuditFilter, type ExportRow, findEvent, findEvents, type Search } from './search/store.ts'
import { createSoon } from './soon.ts'
import { findHead, findSealedAfter, findUnsealed, insertManyStatement, insertStatement, saveSealed } from './store.ts'
import { type Verdict, type VerifyLimits, verifyChain } from './verify.ts'

export type { AuditEvent, AuditEventType, AuditFacts } from './events.ts'
export type { AuditFilter, ExportRow } from './search/store.ts'
export type { Verdict } from './verify.ts'

/** An event as it is shown. */
export interface AuditRecord {
  readonly id: string
  readonly at: Date
  readonly type: string
  readonly actor: string
  readonly accountId: string | undefined
  readonly clientId: string | undefined
  readonly resource: string | undefined
  readonly grantId: string | undefined
  readonly address: string | undefined
  readonly requestId: string | undefined
  readonly detail: Readonly<Record<string, DetailValue>>
  /** Its place in the chain; undefined until the next sealing. */
  readonly position: number | undefined
}

/** A page of events. */
export interface AuditPage {
  readonly events: readonly AuditRecord[]
  /** Id to go on below; undefined at the end. */
  readonly next: string | undefined
  /** The time ran out before the page was full: older events than `next` have not been looked at. */
  readonly isCut: boolean
}

export interface Audit {
  /** Writes an event in a commit of its own: for what has no unit to go with. */
  record(event: AuditEvent): Promise<void>
  /** The event as a plain INSERT for the effects of a unit, so that it is written with the change or not at all. */
  statement(event: AuditEvent): Statement
  /**
   * Writes an event a moment later, together with others of that moment: for refusals and for answers that write nothing
   * else. Never throws; a process that is killed may lose the last quarter of a second of these.
   */
  recordSoon(event: AuditEvent): void
  /** Writes what `recordSoon` still holds; for the end of the process, and before counting commits in a test. */
  flush(): Promise<void>
  /** Gives every event without a place its place in the chain; returns how many got one from this call. */
  seal(): Promise<number>
  /** The place of the newest sealed event; 0 before the first. */
  position(): Promise<number>
  /** Walks the chain, or its newest part within limits; see `verifyChain` for what it finds. */
  verify(limits?: VerifyLimits): Promise<Verdict>
  /** One event by its id. */
  find(id: string): Promise<AuditRecord | null>
  /** Newest first. `before` is the id of the last event of the page before. */
  list(filter: AuditFilter & { readonly limit: number }): Promise<readonly AuditRecord[]>
  /**
   * The same within a time: a filter that fits few events of a long book is not searched to its end at once.
   *
   * @returns the page, where the next one begins, and from which event on nobody has looked yet when the time ran out
   */
  search(filter: AuditFilter & { readonly limit: number }, milliseconds: number): Promise<AuditPage>
  /** Every event that fits, newest first, as the rows stand; `most` bounds it. */
  exportRows(filter: AuditFilter, most?: number): AsyncIterable<ExportRow>
  /** The sealed events in their order, one JSON object a line, with hashes, so that a copy elsewhere can be compared. */
  exportLines(): AsyncIterable<string>
}

/**
 * Opens the book.
 *
 * @param chainKey key of the chain, 32 bytes; the same on all instances, never in the database. Several while secrets are
 *   rotated: the first gives places, all of them verify.
 */
export function createAudit(
  database: Database,
  clock: Clock,
  chainKey: Uint8Array | readonly [Uint8Array, ...Uint8Array[]],
  options: {
    readonly logger?: { error(details: object, message: string): void }
    /** Told of events that were written, or are about to be, outside of a unit; for the metrics. */
    readonly written?: (event: AuditEvent) => void
  } = {},
): Audit {
  const chainKeys = chainKey instanceof Uint8Array ? ([chainKey] as const) : chainKey
  const [sealingKey] = chainKeys
  const nextId = createEventIds()
  const soon = createSoon(
    (rows) => database.commit({ conditions: [], effects: [insertManyStatement(rows)] }),
    options.logger,
  )

  function statement(event: AuditEvent): Statement {
    return insertStatement(rowOf(event, nextId, clock.now()))
  }

  async function seal(): Promise<number> {
    await soon.flush()
    let sealed = 0
    for (;;) {
      const head = await findHead(database)
      const before = { position: head?.position ?? 0, hash: head?.hash ?? genesis }
      const rows = chainRows(sealingKey, before, await findUnsealed(database))
      const last = rows.at(-1)
      if (!last) return sealed
      const saved = await saveSealed(database, before, rows, headOf(sealingKey, last.position, last.hash))
      // Another process is at it: it will seal what we saw, and the next run what it missed.
      if (!saved) return sealed
      sealed += rows.length
    }
  }

  async function* exportLines(): AsyncGenerator<string> {
    let position = 0
    for (;;) {
      const page = await findSealedAfter(database, position, 500)
      for (const row of page) yield JSON.stringify({ ...row, detail: JSON.parse(row.detail) })
      const last = page.at(-1)
      if (!last) return
      position = last.position
    }
  }

  return {
    async record(event) {
      const { text, params } = statement(event)
      await database.sql.run(text, params)
      options.written?.(event)
    },
    statement,
    recordSoon(event) {
      soon.add(rowOf(event, nextId, clock.now()))
      options.written?.(event)
    },
    flush: soon.flush,
    seal,
    position: async () => (await findHead(database))?.position ?? 0,
    verify: (limits) => verifyChain(database, chainKeys, limits),
    async find(id) {
      const row = await findEvent(database.sql, id)
      return row === undefined ? null : recordOf(row)
    },
    async list({ limit, ...filter }) {
      return (await findEvents(database.sql, filter, limit)).rows.map(recordOf)
    },
    async search({ limit, ...filter }, milliseconds) {
      const { rows, next, isCut }: Search = await findEvents(database.sql, filter, limit, milliseconds)
      return { events: rows.map(recordOf), next, isCut }
    },
    async *exportRows(filter, most = Number.POSITIVE_INFINITY) {
      let before = filter.before
      for (let left = most; left > 0; ) {
        const { rows, next } = await findEvents(database.sql, { ...filter, before }, Math.min(500, left))
        yield* rows
        left -= rows.length
        if (next === undefined) return
        before = next
        // SQLite answers at once, and so does a socket with room: nobody else would be served until the end of the file.
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    exportLines,
  }
}

function recordOf(row: ExportRow): AuditRecord {
  return {
    id: row.id,
    at: new Date(Number(row.at)),
    type: row.type,
    actor: row.actor,
    accountId: row.account_id ?? undefined,
    clientId: row.client_id ?? undefined,
    resource: row.resource ?? undefined,
    grantId: row.grant_id ?? undefined,
    address: row.address ?? undefined,
    requestId: row.request_id ?? undefined,
    detail: JSON.parse(row.detail),
    position: row.position === null ? undefined : Number(row.position),
  }
}

function rowOf(event: AuditEvent, nextId: (now: Date) => string, now: Date): AuditRow {
  return {
    id: nextId(now),
    at: now.getTime(),
    type: event.type,
    actor: redactIdentifier(event.actor),
    account_id: event.accountId ?? null,
    client_id: event.clientId === undefined ? null : redactIdentifier(event.clientId),
    resource: event.resource === undefined ? null : redactIdentifier(event.resource),
    grant_id: event.grantId ?? null,
    address: event.address === undefined ? null : redactText(event.address),
    request_id: event.requestId === undefined ? null : redactText(event.requestId),
    detail: JSON.stringify(redactDetail(event)),
  }
}
