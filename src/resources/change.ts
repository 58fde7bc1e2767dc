import type { AuditEvent } from '../audit/events.ts'
import { randomId } from '../crypto/random.ts'
import { revokeResource } from '../revocations/store.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import { narrows } from './access.ts'
import { checkResource, collisions } from './check.ts'
import type { ResourceRegistry } from './registry.ts'
import {
  changedMembers,
  facts,
  type Resource,
  type ResourceDraft,
  type ResourceFacts,
  type ResourceOrigin,
  saysTheSame,
  scopeNames,
} from './resource.ts'
import type { ResourceStore } from './store.ts'

/** What the acts of this room need from outside. */
export interface ResourceDesk {
  readonly store: ResourceStore
  readonly registry: Pick<ResourceRegistry, 'invalidate'>
  readonly clock: Clock
  /** Writes one event into the audit book. */
  readonly record: (event: AuditEvent) => Promise<void>
  /** Clean-ups of rooms above, run before a resource goes: its consents and grants end with it. */
  readonly beforeRemoval?: (resource: Resource) => Promise<void>
  /** Of rooms above, run after fewer people may use a resource: what those who may not any more had allowed ends. */
  readonly afterNarrowing?: (resource: Resource, author: Author) => Promise<void>
}

/** Who changes something, for the audit book. */
export interface Author {
  readonly actor: `account:${string}` | 'operator' | 'system'
  readonly address?: string
  readonly requestId?: string
}

/** What may be changed of a resource; its identifier stays, because tokens and verifiers hold it. */
export type ResourceChanges = Partial<Omit<ResourceDraft, 'identifier'>>

/**
 * Registers an MCP server.
 *
 * @returns the resource as stored
 * Writes the resource and the event `resource.created`.
 * @throws AppError `invalid_resource` (400) naming every fault, `resource_exists` (409)
 */
export async function createResource(
  desk: ResourceDesk,
  draft: ResourceDraft,
  author: Author,
  origin: ResourceOrigin = 'operator',
): Promise<Resource> {
  const checked = requireValid(draft)
  requireFree(checked, await desk.store.list())
  const now = desk.clock.now()
  const resource: Resource = { ...checked, id: randomId(), origin, createdAt: now, updatedAt: now }
  if (!(await desk.store.create(resource))) throw taken(checked)
  desk.registry.invalidate()
  await desk.record({
    ...author,
    type: 'resource.created',
    resource: resource.identifier,
    detail: { name: resource.name, scopes: scopeNames(resource), origin },
  })
  return resource
}

/**
 * Changes what is said of an MCP server; members left out stay as they are.
 *
 * @returns the resource as stored
 * Writes the resource and the event `resource.updated`; writes nothing when nothing changes.
 * @throws AppError `unknown_resource` (404), `set_by_file` (409), `invalid_resource` (400), `resource_exists` (409)
 */
export async function updateResource(
  desk: ResourceDesk,
  id: string,
  changes: ResourceChanges,
  author: Author,
): Promise<Resource> {
  const resource = requireOwn(await desk.store.find(id))
  const checked = requireValid({ ...facts(resource), ...withoutGaps(changes) })
  return replaceResource(desk, resource, checked, 'operator', author)
}

/**
 * Puts checked facts in the place of a resource's present ones; for the file, which may also take an operator's resource over.
 *
 * @throws AppError `resource_exists` (409), `unknown_resource` (404) when it went meanwhile
 */
export async function replaceResource(
  desk: ResourceDesk,
  resource: Resource,
  checked: ResourceFacts,
  origin: ResourceOrigin,
  author: Author,
): Promise<Resource> {
  if (resource.origin === origin && saysTheSame(resource, checked)) return resource
  const all = await desk.store.list()
  requireFree(
    checked,
    all.filter((other) => other.id !== resource.id),
  )
  const now = desk.clock.now()
  if (!(await desk.store.replace(resource.id, checked, origin, now))) {
    throw (await desk.store.find(resource.id)) === null ? unknown() : taken(checked)
  }
  desk.registry.invalidate()
  await desk.record({
    ...author,
    type: 'resource.updated',
    resource: resource.identifier,
    detail: { name: checked.name, scopes: scopeNames(checked), origin, changed: changedMembers(resource, checked) },
  })
  const changed = { ...resource, ...checked, identifier: resource.identifier, origin, updatedAt: now }
  // After the write: nothing new can be made by somebody who is shut out while the old is taken away.
  if (narrows(resource, changed)) await desk.afterNarrowing?.(changed, author)
  return changed
}

/**
 * Takes an MCP server out: no token is made for it any more, and its consents end.
 * Tokens already out run to their end, at most an hour, where nobody follows the list of revocations.
 *
 * Deletes the resource and writes the event `resource.removed`.
 * @throws AppError `unknown_resource` (404), `set_by_file` (409)
 */
export async function removeResource(desk: ResourceDesk, id: string, author: Author): Promise<void> {
  await dropResource(desk, requireOwn(await desk.store.find(id)), author)
}

/** Takes a resource out, whoever set it; for the file's own. */
export async function dropResource(desk: ResourceDesk, resource: Resource, author: Author): Promise<void> {
  await desk.beforeRemoval?.(resource)
  const listed = revokeResource(resource.identifier, desk.clock.now())
  if (!(await desk.store.remove(resource.id, listed))) throw unknown()
  desk.registry.invalidate()
  await desk.record({
    ...author,
    type: 'resource.removed',
    resource: resource.identifier,
    detail: { name: resource.name, origin: resource.origin },
  })
}

function requireValid(draft: ResourceDraft): ResourceFacts {
  const checked = checkResource(draft)
  if (!checked.ok) throw new AppError('invalid_resource', 400, checked.faults.join(' '))
  return checked.facts
}

function requireFree(checked: ResourceFacts, others: readonly Resource[]): void {
  const found = collisions(checked, others)
  if (found.length > 0) throw new AppError('resource_exists', 409, found.join(' '))
}

function requireOwn(resource: Resource | null): Resource {
  if (resource === null) throw unknown()
  if (resource.origin === 'file') {
    throw new AppError(
      'set_by_file',
      409,
      `The MCP server “${resource.name}” is set by the configuration file. Change it there and start the server again.`,
    )
  }
  return resource
}

function unknown(): AppError {
  return new AppError('unknown_resource', 404, 'This MCP server is not registered here (any more).')
}

function taken(checked: ResourceFacts): AppError {
  return new AppError('resource_exists', 409, `${checked.identifier} or one of its aliases is registered already.`)
}

function withoutGaps(changes: ResourceChanges): ResourceChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
