import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

/** The library's in-memory adapter without its bounds: nothing expires, nothing is evicted, nothing is copied. */
export function mapAdapter(): AdapterFactory {
  const uids = new Map<string, string>()
  const grants = new Map<string, Set<() => void>>()
  return (name): Adapter => {
    const rows = new Map<string, AdapterPayload>()
    return {
      async upsert(id, payload) {
        rows.set(id, payload)
        if (payload.uid !== undefined) uids.set(`${name}:${payload.uid}`, id)
        if (payload.grantId === undefined || name === 'Session' || name === 'Interaction') return
        const members = grants.get(payload.grantId) ?? new Set()
        members.add(() => rows.delete(id))
        grants.set(payload.grantId, members)
      },
      find: async (id) => rows.get(id),
      findByUid: async (uid) => rows.get(uids.get(`${name}:${uid}`) ?? ''),
      findByUserCode: async () => undefined,
      async consume(id) {
        const row = rows.get(id)
        if (row !== undefined) row.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        rows.delete(id)
      },
      async revokeByGrantId(grantId) {
        for (const remove of grants.get(grantId) ?? []) remove()
        grants.delete(grantId)
      },
    }
  }
}
