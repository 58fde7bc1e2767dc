import { z } from 'zod'

/**
 * By what is counted. `address`: the caller's network, an IPv4 address or an IPv6 /64 · `account`: a person, signed in or
 * named in a form · `client`: a client named in the path · `everyone`: all of it together.
 */
export type LimitKind = 'address' | 'account' | 'client' | 'everyone'

/** So many in so long. Windows are fixed: one begins with the first request after the last one has ended. */
export interface LimitRule {
  readonly points: number
  readonly windowSeconds: number
}

/** A limit. */
export interface Limit {
  /** Narrow first: what one address may not do any more does not use up what everyone may. */
  readonly by: Partial<Readonly<Record<LimitKind, LimitRule>>>
  /**
   * `here`: each process counts for itself, in memory, so several processes let through as many times more. `together`: on
   * PostgreSQL all processes count in the database, at the price of a commit for each count.
   */
  readonly counted: 'here' | 'together'
  /** For people: what it is a limit on. */
  readonly doc: string
}

const minute = 60
const tenMinutes = 600

/**
 * Every limit there is, with what counts unless the file says otherwise. Ours: a person never meets them, an office behind
 * one address hardly; the services that many people's clients call from (one address for all of their users) are why token
 * requests may be many. What is guessed at is slowed by `credentials/throttle` besides, whatever stands here.
 */
export const limitTable = {
  registration: {
    by: { address: per(60, tenMinutes), everyone: per(600, tenMinutes) },
    counted: 'together',
    doc: 'clients that register (POST /register)',
  },
  client_management: {
    by: { address: per(120, minute), client: per(60, minute) },
    counted: 'here',
    doc: 'clients that read, change or remove their registration (/register/…)',
  },
  authorize: {
    by: { address: per(120, minute), everyone: per(6000, minute) },
    counted: 'here',
    doc: 'authorizations that begin or go on (/authorize)',
  },
  pushed_request: {
    by: { address: per(240, minute) },
    counted: 'here',
    doc: 'pushed authorization requests (POST /par)',
  },
  token: { by: { address: per(1200, minute) }, counted: 'here', doc: 'token requests (POST /token)' },
  revocation: { by: { address: per(600, minute) }, counted: 'here', doc: 'revocations (POST /revoke)' },
  introspection: { by: { address: per(1200, minute) }, counted: 'here', doc: 'introspections (POST /introspect)' },
  revocation_list: {
    by: { address: per(1200, minute) },
    counted: 'here',
    doc: 'readings of the list of revocations (GET /revocations)',
  },
  document_fetch: {
    by: { address: per(30, minute), everyone: per(300, minute) },
    counted: 'here',
    doc: 'client documents that somebody’s request makes this server fetch',
  },
  sign_in: {
    by: { address: per(60, minute) },
    counted: 'together',
    doc: 'passwords, codes and passkeys that are sent, right ones included',
  },
  forgotten_password: {
    by: { address: per(10, tenMinutes), account: per(5, 3600), everyone: per(600, 3600) },
    counted: 'together',
    doc: 'letters for a new password that are asked for',
  },
  password_link: {
    by: { address: per(30, tenMinutes) },
    counted: 'together',
    doc: 'passwords chosen behind an invitation, a reset link or the setup link',
  },
  upstream: {
    by: { address: per(60, minute) },
    counted: 'here',
    doc: 'hops to other providers and back',
  },
  own_account: { by: { account: per(120, minute) }, counted: 'here', doc: 'changes on a person’s own pages' },
  console: { by: { account: per(600, minute) }, counted: 'here', doc: 'pages and acts of the console' },
  pages: { by: { address: per(1200, minute) }, counted: 'here', doc: 'every other page' },
} as const satisfies Readonly<Record<string, Limit>>

/** The limits by their names. */
export type LimitName = keyof typeof limitTable
/** Every limit as it counts in this process; undefined: off. */
export type Limits = Readonly<Record<LimitName, Limit | undefined>>

/** The names, in the order of the table. */
export const limitNames = Object.keys(limitTable) as readonly LimitName[]

const rule = z.strictObject({
  points: z.int().min(1).max(1_000_000),
  // A day at most: what is counted for longer is no rate.
  window_seconds: z.int().min(1).max(86_400),
})
type WrittenRule = z.output<typeof rule>

function written(limit: Limit): z.ZodType<'off' | Partial<Record<LimitKind, WrittenRule | 'off'>>> {
  const kinds = Object.keys(limit.by) as LimitKind[]
  const member = z.union([z.literal('off'), rule], { error: 'must be off, or points and window_seconds' }).optional()
  const members = Object.fromEntries(kinds.map((kind) => [kind, member]))
  return z.union([z.literal('off'), z.strictObject(members)], { error: `must be off, or rules by ${kinds.join(', ')}` })
}

/** The member `limits` of the file: any of the table, each with other numbers or `off`; strict. */
export const limitsSchema = z.strictObject(
  Object.fromEntries(limitNames.map((name) => [name, written(limitTable[name]).optional()])),
)

/** Every member name that can stand below `limits`, for hints. */
export const limitMembers: readonly string[] = [
  ...limitNames,
  'address',
  'account',
  'client',
  'everyone',
  'points',
  'window_seconds',
]

/** The table with what the file changes in it. */
export function limitsOf(said: z.output<typeof limitsSchema>): Limits {
  const effective = limitNames.map((name): [LimitName, Limit | undefined] => {
    const limit: Limit = limitTable[name]
    const change = said[name]
    if (change === undefined) return [name, limit]
    if (change === 'off') return [name, undefined]
    const kinds = Object.keys(limit.by) as LimitKind[]
    const rules = kinds.flatMap((kind): [LimitKind, LimitRule][] => {
      const own = change[kind]
      if (own === 'off') return []
      const kept = own === undefined ? limit.by[kind] : per(own.points, own.window_seconds)
      return kept === undefined ? [] : [[kind, kept]]
    })
    return [name, rules.length === 0 ? undefined : { ...limit, by: Object.fromEntries(rules) }]
  })
  return Object.fromEntries(effective) as unknown as Limits
}

function per(points: number, windowSeconds: number): LimitRule {
  return { points, windowSeconds }
}
