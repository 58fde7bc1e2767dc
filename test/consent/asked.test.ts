import { describe, expect, it } from 'vitest'
import { asking, earlier, proven } from './question.ts'
import { ada, notes, registered } from './room.ts'

const ofDocument = { ...earlier, clientId: proven.id, scopes: ['notes:read', 'notes:delete'] }

describe('what a page is about', () => {
  it.each([
    ['an account that is gone', { account: null }, 'account_disabled', 403],
    ['an account that is disabled', { account: { ...ada, state: 'disabled' as const } }, 'account_disabled', 403],
    ['a server for others', { resource: { ...notes, access: 'listed' as const } }, 'resource_not_for_you', 403],
    ['a server for administrators', { resource: { ...notes, access: 'admins' as const } }, 'resource_not_for_you', 403],
    ['a client that is shut out', { client: { ...registered, state: 'blocked' as const } }, 'client_blocked', 403],
  ])('%s is not asked about', async (_title, facts, code, status) => {
    await expect(asking(facts)).rejects.toMatchObject({ code, status })
  })

  it('who is on the list of a server is asked', async () => {
    expect((await asking({ resource: { ...notes, access: 'listed', members: ['ada'] } })).account.id).toBe('ada')
  })

  it('a grave permission that was allowed before is proposed again to a client with a document (E12)', async () => {
    const asked = await asking({ client: proven, consents: [ofDocument] })
    expect(asked.previous?.id).toBe('earlier')
    expect(asked.permissions.find(({ scope }) => scope === 'notes:delete')).toMatchObject({ ticked: true, known: true })
  })

  it.each([
    ['another place of the answer (G01)', { redirectHost: 'other.example' }],
    ['another MCP server', { resourceId: 'other' }],
    ['another description of the client (D13)', { metadataDigest: 'digest-0' }],
    ['a time that is over', { expiresAt: new Date('2026-11-20T20:59:59Z') }],
    ['a consent that was withdrawn', { revokedAt: new Date('2026-11-20T20:59:59Z') }],
  ])('%s says nothing for this one', async (_title, over) => {
    const asked = await asking({ client: proven, consents: [{ ...ofDocument, ...over }] })
    expect(asked.previous).toBeUndefined()
    expect(asked.permissions.filter(({ known }) => known)).toEqual([])
    expect(asked.permissions.find(({ scope }) => scope === 'notes:delete')?.ticked).toBe(false)
  })
})
