import type { AccountStore } from '../accounts/store.ts'
import { isAuditEventType } from '../audit/events.ts'
import type { AuditFilter } from '../audit/record.ts'
import { personOf } from './names/person.ts'

/** A filter as it was written: in an address of the console, or on the command line. Empty: no wish. */
export interface AuditQuery {
  readonly type: string
  /** An e-mail address, or the id of an account. */
  readonly account: string
  readonly client: string
  /** Identifier of an MCP server. */
  readonly server: string
  readonly request: string
  /** Days in UTC, both included. */
  readonly since: string
  readonly until: string
  readonly before: string
}

const names = ['type', 'account', 'client', 'server', 'request', 'since', 'until', 'before'] as const
const millisecondsOfDay = 86_400_000

/** Reads the filter from a query; a type that there is not is no wish. */
export function readAuditQuery(params: URLSearchParams): AuditQuery {
  // PostgreSQL takes no NUL in a text, and no id or address holds a control character.
  const text = (name: (typeof names)[number]) =>
    (params.get(name) ?? '')
      .replaceAll(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 2048)
  const type = text('type')
  return {
    type: isAuditEventType(type) ? type : '',
    account: text('account'),
    client: text('client'),
    server: text('server'),
    request: text('request'),
    since: text('since'),
    until: text('until'),
    before: text('before'),
  }
}

/** The address of a page or file with this filter. */
export function auditHref(
  path: string,
  query: Partial<AuditQuery>,
  more: Readonly<Record<string, string>> = {},
): string {
  const params = new URLSearchParams(more)
  for (const name of names) {
    const value = query[name]
    if (value !== undefined && value !== '') params.set(name, value)
  }
  return params.size === 0 ? path : `${path}?${params}`
}

/**
 * The filter behind what was written.
 *
 * @returns what is wrong with it when it is: nobody has that address, or a day is no day
 */
export async function auditFilterOf(
  accounts: Pick<AccountStore, 'findByEmail'>,
  query: AuditQuery,
): Promise<
  { readonly ok: true; readonly filter: AuditFilter } | { readonly ok: false; readonly fault: 'noPerson' | 'wrongDay' }
> {
  const since = dayOf(query.since)
  const until = dayOf(query.until)
  if (since === null || until === null) return { ok: false, fault: 'wrongDay' }
  const accountId = query.account === '' ? undefined : await personOf(accounts, query.account)
  if (accountId === null) return { ok: false, fault: 'noPerson' }
  return {
    ok: true,
    filter: {
      type: query.type || undefined,
      accountId,
      clientId: query.client || undefined,
      resource: query.server || undefined,
      requestId: query.request || undefined,
      since,
      until: until && new Date(until.getTime() + millisecondsOfDay),
      before: query.before || undefined,
    },
  }
}

/** The beginning of a day in UTC; undefined for no day, null for what is none. */
function dayOf(text: string): Date | undefined | null {
  if (text === '') return undefined
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null
  return day === null || Number.isNaN(day.getTime()) || day.getTime() < 0 ? null : day
}
