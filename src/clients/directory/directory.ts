import type { Client, ClientOrigin, ClientState } from '../client.ts'

/** Which clients a list shows. */
export interface DirectoryFilter {
  readonly origin?: ClientOrigin
  /** Without it tombstones are left out. */
  readonly state?: ClientState
  /** Part of the name, the id, the proven host or a redirect host; the case of Latin letters does not count. */
  readonly text?: string
  /** Only those that nobody has ever allowed anything. */
  readonly unused?: boolean
}

/** How much a client is used. Connections and people are those of now. */
export interface Usage {
  readonly people: number
  readonly connections: number
  /** The latest sign that somebody used it: a refresh, a new connection, a consent; null when there is none. */
  readonly lastUsedAt: Date | null
}

export const noUsage: Usage = { people: 0, connections: 0, lastUsedAt: null }

/**
 * Registrations that are one program: the same way in, proven host, software (its id, or the name it gives itself) and redirect hosts.
 * What is folded is alike in all that we know; who only calls itself the same has another row (D10).
 */
export interface ClientGroup {
  /** The newest of them. */
  readonly client: Client
  readonly count: number
  /** There are, or may be, more of them than were counted. */
  readonly isCut: boolean
  /** The state of all that were counted; null when they differ. */
  readonly state: ClientState | null
  /** Of the newest of them. */
  readonly usage: Usage
  /** There are older ones whose use was not counted. */
  readonly isUsageCut: boolean
}

/** A page of groups; fewer than asked for, or none, when a few programs have very many registrations. */
export interface GroupPage {
  readonly groups: readonly ClientGroup[]
  /** Where the next page begins; none after the last. */
  readonly next: string | undefined
}

/** A client with its usage. */
export interface ClientEntry {
  readonly client: Client
  readonly usage: Usage
}

/** What the page of one client counts. */
export interface ClientCounts extends Usage {
  /** Consents that stand. */
  readonly consents: number
  /** Registrations that are alike, itself included. */
  readonly alike: number
}

/** Clients as lists show them. */
export interface ClientDirectory {
  /**
   * Groups, the one with the newest member first; none is on two pages.
   *
   * @param after `next` of the page before
   * @param isWhole counts everything, however long it takes: for a process of its own
   */
  groups(
    filter: DirectoryFilter,
    page: { readonly limit: number; readonly after?: string; readonly isWhole?: boolean },
  ): Promise<GroupPage>
  /** Those that are one program with this client, newest first. @param after id and time of the last one of the page before */
  members(
    client: Client,
    filter: DirectoryFilter,
    page: { readonly limit: number; readonly after?: Pick<Client, 'id' | 'createdAt'> },
  ): Promise<readonly ClientEntry[]>
  counts(client: Client): Promise<ClientCounts>
}
