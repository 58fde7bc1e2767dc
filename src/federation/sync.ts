import type { FileUpstream } from '../config/config.ts'
import { createdEvent, dropUpstream, invalidUpstream, replaceUpstream, type UpstreamDesk } from './change.ts'
import { checkUpstream } from './check.ts'
import type { Upstream } from './upstream.ts'

const file = { actor: 'system' } as const

/**
 * Checks the upstreams of a file.
 *
 * @returns them in the file's order, or every fault, each led by the upstream it is about
 */
export function checkFileUpstreams(
  drafts: readonly FileUpstream[],
):
  | { readonly ok: true; readonly upstreams: readonly Upstream[] }
  | { readonly ok: false; readonly faults: readonly string[] } {
  const faults: string[] = []
  const upstreams: Upstream[] = []
  for (const draft of drafts) {
    const checked = checkUpstream(draft)
    if (!checked.ok) faults.push(...checked.faults.map((fault) => `${draft.id}: ${fault}`))
    else upstreams.push({ ...checked.upstream, setByFile: true })
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, upstreams }
}

/**
 * Makes the stored upstreams say what the file says: new ones come in, changed ones change, and what the file held before and
 * holds no more goes. An upstream that an operator made and the file now names belongs to the file from then on. Who is linked to
 * whom stays in every case. Running it again changes nothing.
 *
 * @throws AppError `invalid_upstream` (400) naming every fault; nothing is written then
 * Several instances may do this at once: the slower one finds the work done.
 */
export async function syncFileUpstreams(desk: UpstreamDesk, drafts: readonly FileUpstream[]): Promise<void> {
  const checked = checkFileUpstreams(drafts)
  if (!checked.ok) throw invalidUpstream(checked.faults)
  const present = await desk.store.list()
  const named = new Set(checked.upstreams.map(({ id }) => id))
  for (const upstream of present) {
    if (upstream.setByFile && !named.has(upstream.id)) await dropUpstream(desk, upstream, file)
  }
  for (const wanted of checked.upstreams) {
    const before = present.find(({ id }) => id === wanted.id)
    if (before !== undefined) await replaceUpstream(desk, before, wanted, file)
    else await desk.store.add(wanted, [createdEvent(desk, wanted, file)])
  }
}
