// Room: provider. The protocol library and our side of it: its configuration, its rows, the unit of work around each of
// its requests. Serves /authorize, /token, /register, /revoke, /introspect, /par. The only room that imports oidc-provider.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { AuditEvent } from '../audit/events.ts'
import type { ClientMetadata } from '../clients/metadata.ts'
import type { Statement, UnitOfWork } from '../db/database.ts'

/**
 * Which refusal table a request follows: what is kept of a unit when the library refused. `token` is the token endpoint
 * alone, where a consumed refresh token may be answered with its successor; `direct` are its neighbours, which a client
 * calls without a browser.
 */
export type UnitKind = 'token' | 'direct' | 'authorize' | 'registration'

/**
 * What a collected write is for; it decides whether the write survives a refusal.
 * condition: a compare-and-set that must change a row, else the race was lost · write: dropped on refusal ·
 * revocation: kept on refusal · mark: a replay condition, kept on refusal · session: kept when /authorize refused ·
 * move: a session that was read gets another identifier, a condition (it may have moved or ended meanwhile), kept like a
 * session · renewal: the same without another identifier, dropped on refusal ·
 * passage: the end of an interaction, a condition that is kept when /authorize refused.
 */
export type Role = 'condition' | 'write' | 'revocation' | 'mark' | 'session' | 'move' | 'renewal' | 'passage'

/** Roles whose statement must change a row. */
export const conditionRoles: ReadonlySet<Role> = new Set(['condition', 'mark', 'move', 'renewal', 'passage'])

const survivesAuthorize: ReadonlySet<Role> = new Set(['session', 'move', 'passage'])

interface Entry {
  readonly role: Role
  readonly statement: Statement
}

/** The refresh that a unit carries out, as far as it has been collected. */
export interface Rotation {
  readonly family: string
  readonly presented: string
}

/** What is known of the grant that the request stands on, beside what the library keeps. */
export interface GrantFacts {
  readonly grantId: string
  readonly consentId: string | undefined
  readonly stayConnected: boolean
  /** The person has paused this connection: nothing is given out, and nothing is used up. */
  readonly isPaused: boolean
  /** The end that the person chose, milliseconds; a refresh family that begins on this grant does not outlive it. */
  readonly endsAtMs: number | undefined
  /** The end of the grant as it stands, milliseconds: of its refresh family, where it has one. No token outlives it. */
  readonly expiresAtMs: number
}

const current = new AsyncLocalStorage<Unit>()

/** The unit of the request in progress, or undefined outside the protocol endpoints. */
export function currentUnit(): Unit | undefined {
  return current.getStore()
}

/** Runs one request inside its unit. */
export function runUnit<T>(unit: Unit, work: () => Promise<T>): Promise<T> {
  return current.run(unit, work)
}

/**
 * Collects what one protocol request wants to write, until the library is done. Nothing is in the database before
 * `UnitOfWork` is committed, so a request that is refused late has consumed nothing (threats M3, M4).
 */
export class Unit {
  readonly kind: UnitKind
  /** Where the request came from, coarsely: all that may be stored of it. */
  readonly address: string | undefined
  /** Set by the library's error events; decides what of the unit is kept. */
  failed = false
  /** A spent code came back within the tolerance: refused, but its grant is left alone (C02). */
  tolerated = false
  rotation: Rotation | undefined
  /** The refresh token that the answer must carry, where the library shows another form of it. */
  refreshToken: string | undefined
  /** Set when a consumed refresh token is answered with its one successor (C08). */
  grace: { readonly digest: string; readonly previousDigest: string } | undefined
  /** The grant of a code that came back after it had been redeemed, for the audit book. */
  spentCode: { readonly grantId?: string; readonly accountId?: string } | undefined
  /** The client in the path of a management request (RFC 7592). */
  addressedClient: string | undefined
  /** What the client of this request says of itself, in the form in which it was handed to the library and will be kept. */
  clientMetadata: ClientMetadata | undefined
  /** Id of the initial access token that a registration came with. */
  invitedBy: string | undefined
  /** Runs once the unit has been committed. */
  afterCommit: (() => void) | undefined
  grantFacts: GrantFacts | undefined
  /** What the browser session held when it was read: who moves it must know what it was. */
  session:
    | { readonly uid: string; readonly digest: string; readonly payload: string; readonly expiresAt: number }
    | undefined
  readonly #entries = new Map<string, Entry>()
  readonly #events: AuditEvent[] = []
  readonly #refusals: AuditEvent[] = []

  constructor(kind: UnitKind, address?: string) {
    this.kind = kind
    this.address = address
  }

  /** Collects a write. A later write with the same key replaces the earlier one: one statement for a row and unit. */
  collect(role: Role, key: string, statement: Statement): void {
    this.#entries.delete(key)
    this.#entries.set(key, { role, statement })
  }

  /** Forgets collected writes whose key begins so; for a row that moved to another key within the request. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key)
  }

  /** Notes an event to be written in the same commit, when the request succeeds. */
  tell(event: AuditEvent): void {
    this.#events.push(event)
  }

  /** Notes an event that tells of the refusal itself; written when the request is refused. */
  tellRefusal(event: AuditEvent): void {
    this.#refusals.push(event)
  }

  /** The replay marks alone: what a request that lost its race has shown, and must not show again. */
  get marks(): readonly Statement[] {
    return [...this.#entries.values()].filter(({ role }) => role === 'mark').map(({ statement }) => statement)
  }

  /** Whether the session is written by this unit; if not, its cookie stays as the browser has it. */
  get writesSession(): boolean {
    return this.#kept.some(([key]) => key.startsWith('session:'))
  }

  /** Whether something is being revoked by this request, refused or not. */
  get revokes(): boolean {
    return !this.tolerated && [...this.#entries.values()].some(({ role }) => role === 'revocation')
  }

  /** The events that go with the outcome so far. */
  get events(): readonly AuditEvent[] {
    return this.failed ? this.#refusals : this.#events
  }

  /** What is to be committed now: everything, or what survives a refusal. */
  work(): UnitOfWork {
    const kept = this.#kept.map(([, entry]) => entry)
    const isCondition = ({ role }: Entry) => conditionRoles.has(role)
    return {
      conditions: this.failed ? [] : kept.filter(isCondition).map(({ statement }) => statement),
      effects: (this.failed ? kept : kept.filter((entry) => !isCondition(entry))).map(({ statement }) => statement),
    }
  }

  get #kept(): readonly (readonly [key: string, entry: Entry])[] {
    return [...this.#entries].filter(([, { role }]) => !this.failed || this.#survives(role))
  }

  #survives(role: Role): boolean {
    if (role === 'mark') return true
    if (role === 'revocation') return !this.tolerated
    return survivesAuthorize.has(role) && this.kind === 'authorize'
  }
}
