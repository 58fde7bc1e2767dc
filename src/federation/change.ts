import type { Actor, AuditEvent } from '../audit/events.ts'
import type { Statement } from '../db/database.ts'
import { AppError } from '../runtime/app-error.ts'
import { checkUpstream, english, type UpstreamDraft } from './check.ts'
import type { IdentityStore } from './identities/store.ts'
import type { Upstream } from './upstream.ts'
import type { UpstreamStore } from './upstreams/store.ts'

/** What the acts on upstreams need. */
export interface UpstreamDesk {
  readonly store: UpstreamStore
  readonly identities: Pick<IdentityStore, 'countAdminsWithoutPassword'>
  /** Do passwords of ours count? */
  readonly passwords: boolean
  readonly auditStatement: (event: AuditEvent) => Statement
}

/** Who changes something, for the audit book. */
export interface UpstreamAuthor {
  readonly actor: Actor
  readonly address?: string
  readonly requestId?: string
}

/** What may be changed; the id stays, because it is in the callback address at the provider. */
export type UpstreamChanges = Partial<Omit<UpstreamDraft, 'id' | 'rules'>> & {
  readonly rules?: Partial<UpstreamDraft['rules']>
}

/**
 * Adds an upstream.
 *
 * @throws AppError `invalid_upstream` (400) naming every fault, `upstream_exists` (409)
 */
export async function addUpstream(desk: UpstreamDesk, draft: UpstreamDraft, author: UpstreamAuthor): Promise<Upstream> {
  const upstream = { ...requireValid(draft), setByFile: false }
  if (!(await desk.store.add(upstream, [createdEvent(desk, upstream, author)]))) throw exists(upstream.id)
  return upstream
}

/** The event of a new upstream. */
export function createdEvent(desk: UpstreamDesk, upstream: Upstream, author: UpstreamAuthor): Statement {
  const { id, issuer, name } = upstream
  return desk.auditStatement({
    ...author,
    type: 'upstream.created',
    detail: { upstream: id, name, issuer, origin: originOf(upstream) },
  })
}

/**
 * Changes what is said of an upstream; members left out stay, and so does the secret when none is given. Another host is told
 * no secret but one that comes with it: nobody who may change an upstream is to learn by that what was entered before.
 *
 * @throws AppError `unknown_upstream` (404), `set_by_file` (409), `invalid_upstream` (400), `last_way_in` (409)
 */
export async function updateUpstream(
  desk: UpstreamDesk,
  id: string,
  changes: UpstreamChanges,
  author: UpstreamAuthor,
): Promise<Upstream> {
  const upstream = requireOwn(await desk.store.find(id), id)
  const { rules, ...rest } = changes
  const draft = { ...upstream, ...withoutGaps(rest), rules: { ...upstream.rules, ...withoutGaps(rules ?? {}) } }
  const next: Upstream = { ...requireValid(draft), setByFile: false }
  if (takesSecretElsewhere(upstream, next, changes)) throw invalidUpstream([english.secret_elsewhere])
  if (upstream.enabled && !next.enabled) await requireOtherWay(desk, upstream)
  await replaceUpstream(desk, upstream, next, author)
  return next
}

/** Whether a change would send the stored secret to a host that it was not entered for. */
export function takesSecretElsewhere(
  before: Pick<Upstream, 'issuer' | 'clientSecret'>,
  next: Pick<Upstream, 'issuer'>,
  { clientSecret }: Pick<UpstreamChanges, 'clientSecret'>,
): boolean {
  if (before.clientSecret === undefined || clientSecret !== undefined) return false
  return new URL(before.issuer).origin !== new URL(next.issuer).origin
}

/** Puts one upstream in the place of another of the same id; for the file, which may also take an operator's over. */
export async function replaceUpstream(
  desk: UpstreamDesk,
  before: Upstream,
  next: Upstream,
  author: UpstreamAuthor,
): Promise<boolean> {
  const changed = changedMembers(before, next)
  if (changed.length === 0) return false
  const event = desk.auditStatement({
    ...author,
    type: 'upstream.updated',
    detail: { upstream: next.id, name: next.name, issuer: next.issuer, origin: originOf(next), changed },
  })
  const secret = changed.includes('clientSecret') ? 'replace' : 'keep'
  if (!(await desk.store.put(next, secret, [event]))) throw unknown(next.id)
  return true
}

/**
 * Lets people sign in with an upstream, or no more. Whoever is signed in stays so.
 *
 * @returns false when it was so already
 * @throws AppError `unknown_upstream` (404), `set_by_file` (409), `last_way_in` (409)
 */
export async function enableUpstream(
  desk: UpstreamDesk,
  id: string,
  enabled: boolean,
  author: UpstreamAuthor,
): Promise<boolean> {
  const upstream = requireOwn(await desk.store.find(id), id)
  if (upstream.enabled === enabled) return false
  if (!enabled) await requireOtherWay(desk, upstream)
  const type = enabled ? 'upstream.enabled' : 'upstream.disabled'
  const event = desk.auditStatement({ ...author, type, detail: { upstream: id, name: upstream.name } })
  return desk.store.setEnabled(id, enabled, [event])
}

/**
 * Removes an upstream. Who is linked to whom stays: nobody can sign in with it, until the same issuer is added again.
 *
 * @throws AppError `unknown_upstream` (404), `set_by_file` (409), `last_way_in` (409)
 */
export async function removeUpstream(desk: UpstreamDesk, id: string, author: UpstreamAuthor): Promise<Upstream> {
  const upstream = requireOwn(await desk.store.find(id), id)
  if (upstream.enabled) await requireOtherWay(desk, upstream)
  if (!(await dropUpstream(desk, upstream, author))) throw unknown(id)
  return upstream
}

/** Removes an upstream, whoever set it; for the file's own. */
export function dropUpstream(desk: UpstreamDesk, upstream: Upstream, author: UpstreamAuthor): Promise<boolean> {
  const { id, name } = upstream
  const detail = { upstream: id, name, origin: originOf(upstream) }
  return desk.store.remove(id, [desk.auditStatement({ ...author, type: 'upstream.removed', detail })])
}

/** Could an administrator come in without a password of ours, when one upstream is left out? */
export async function letsAdministratorsIn(
  { identities, store }: Pick<UpstreamDesk, 'identities' | 'store'>,
  exceptId?: string,
): Promise<boolean> {
  const others = (await store.enabled()).filter(({ id }) => id !== exceptId)
  // Whoever is in such a group is made an administrator as they sign in.
  if (others.some(({ rules }) => rules.adminGroups.length > 0)) return true
  return (await identities.countAdminsWithoutPassword(exceptId)) > 0
}

async function requireOtherWay(desk: UpstreamDesk, upstream: Upstream): Promise<void> {
  if (desk.passwords || (await letsAdministratorsIn(desk, upstream.id))) return
  throw new AppError(
    'last_way_in',
    409,
    `No administrator could sign in any more without ${upstream.name}: passwords are switched off.`,
    { words: 'upstream_last_way_in', values: { name: upstream.name } },
  )
}

function requireValid(draft: UpstreamDraft): Omit<Upstream, 'setByFile'> {
  const checked = checkUpstream(draft)
  if (!checked.ok) throw invalidUpstream(checked.faults)
  return checked.upstream
}

/** The error that names every fault of what was to be stored. */
export function invalidUpstream(faults: readonly string[]): AppError {
  const all = faults.join(' ')
  return new AppError('invalid_upstream', 400, all, { words: 'upstream_invalid', values: { faults: all } })
}

function requireOwn(upstream: Upstream | null, id: string): Upstream {
  if (upstream === null) throw unknown(id)
  if (!upstream.setByFile) return upstream
  throw new AppError('set_by_file', 409, `“${upstream.name}” is set by the configuration file.`, {
    words: 'upstream_set_by_file',
    values: { name: upstream.name },
  })
}

function unknown(id: string): AppError {
  return new AppError('unknown_upstream', 404, `There is no upstream ${JSON.stringify(id)}.`, {
    words: 'upstream_not_found',
  })
}

function exists(id: string): AppError {
  return new AppError('upstream_exists', 409, `There is an upstream ${JSON.stringify(id)} already.`, {
    words: 'upstream_exists',
    values: { id },
  })
}

const members = [
  'preset',
  'name',
  'issuer',
  'clientId',
  'clientSecret',
  'scopes',
  'rules',
  'keepTokensFor',
  'enabled',
  'setByFile',
] as const satisfies readonly (keyof Upstream)[]

function changedMembers(before: Upstream, next: Upstream): string[] {
  return members.filter((member) => canonical(before[member]) !== canonical(next[member]))
}

// The order of members is not a change, and an absent member is one that is undefined.
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value) ?? ''
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function originOf({ setByFile }: Upstream): string {
  return setByFile ? 'file' : 'operator'
}

function withoutGaps<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
