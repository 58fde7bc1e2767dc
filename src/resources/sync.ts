import { AppError } from '../runtime/app-error.ts'
import { type Author, createResource, dropResource, type ResourceDesk, replaceResource } from './change.ts'
import { checkResource, collisions } from './check.ts'
import { type ResourceDraft, type ResourceFacts, saysTheSame } from './resource.ts'

const fileAuthor: Author = { actor: 'system' }

/** How many resources the file brought in, changed and took away. */
export interface SyncOutcome {
  readonly created: number
  readonly updated: number
  readonly removed: number
}

/**
 * Checks the resources of a file by themselves and against each other.
 *
 * @returns the facts in the file's order, or every fault, each led by the identifier it is about
 */
export function checkFileResources(
  drafts: readonly ResourceDraft[],
):
  | { readonly ok: true; readonly facts: readonly ResourceFacts[] }
  | { readonly ok: false; readonly faults: readonly string[] } {
  const faults: string[] = []
  const accepted: ResourceFacts[] = []
  for (const draft of drafts) {
    const checked = checkResource(draft)
    const found = checked.ok ? collisions(checked.facts, accepted) : checked.faults
    faults.push(...found.map((fault) => `${draft.identifier}: ${fault}`))
    if (checked.ok && found.length === 0) accepted.push(checked.facts)
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, facts: accepted }
}

/**
 * Makes the registered resources say what the file says: new ones come in, changed ones change, and what the file held
 * before and holds no more goes. A resource that an operator made and the file now names belongs to the file from then on.
 *
 * @throws AppError `invalid_resource` (400) naming every fault of the file, `resource_exists` (409) when an operator's resource is in the way
 * Several instances may do this at once: the slower one finds the work done.
 */
export async function syncFileResources(desk: ResourceDesk, drafts: readonly ResourceDraft[]): Promise<SyncOutcome> {
  const checked = checkFileResources(drafts)
  if (!checked.ok) throw new AppError('invalid_resource', 400, checked.faults.join(' '))
  // Each time another instance with the same file is quicker with a resource, one resource less is left to do.
  for (let left = checked.facts.length; ; left -= 1) {
    try {
      return await carryOut(desk, checked.facts)
    } catch (error) {
      if (!(error instanceof AppError) || left <= 0) throw error
    }
  }
}

async function carryOut(desk: ResourceDesk, wanted: readonly ResourceFacts[]): Promise<SyncOutcome> {
  const present = await desk.store.list()
  const named = new Set(wanted.map((one) => one.identifier))
  const byIdentifier = new Map(present.map((resource) => [resource.identifier, resource]))

  // Everything that can be refused is refused before the first write.
  const kept = present.filter((resource) => resource.origin === 'operator' && !named.has(resource.identifier))
  const inTheWay = wanted.flatMap((one) => collisions(one, kept))
  if (inTheWay.length > 0) throw new AppError('resource_exists', 409, inTheWay.join(' '))

  const gone = present.filter((resource) => resource.origin === 'file' && !named.has(resource.identifier))
  for (const resource of gone) await dropResource(desk, resource, fileAuthor)

  const changed = wanted.flatMap((one) => {
    const resource = byIdentifier.get(one.identifier)
    return resource === undefined || (resource.origin === 'file' && saysTheSame(resource, one))
      ? []
      : [{ resource, one }]
  })
  if (changed.length > 0) await desk.store.releaseAliases(changed.map(({ resource }) => resource.id))
  for (const { resource, one } of changed) await replaceResource(desk, resource, one, 'file', fileAuthor)

  const fresh = wanted.filter((one) => !byIdentifier.has(one.identifier))
  for (const one of fresh) await createResource(desk, one, fileAuthor, 'file')
  return { created: fresh.length, updated: changed.length, removed: gone.length }
}
