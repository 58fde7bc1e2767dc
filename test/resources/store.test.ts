import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../src/audit/events.ts'
import { createResource, type ResourceDesk, removeResource, updateResource } from '../../src/resources/change.ts'
import { createResourceRegistry } from '../../src/resources/registry.ts'
import type { Resource, ResourceDraft } from '../../src/resources/resource.ts'
import { createResourceStore } from '../../src/resources/store.ts'
import { syncFileResources } from '../../src/resources/sync.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type DatabaseKind, databaseKinds, openTestDatabase } from '../support/database.ts'

const author = { actor: 'operator' } as const

const notes: ResourceDraft = {
  identifier: 'https://tools.example/notes',
  name: 'Notes',
  aliases: ['https://notes.example'],
  scopes: [
    { name: 'notes:write', description: 'Change your notes', risk: 'write' },
    {
      name: 'notes:read',
      description: 'Read your notes',
      risk: 'read',
      isDefault: true,
      tools: ['search_notes', 'read_note'],
    },
  ],
}
const files: ResourceDraft = {
  identifier: 'https://tools.example/files',
  name: 'Files',
  scopes: [{ name: 'files:read', description: 'Read your files', risk: 'read' }],
  tokenLifetimeSeconds: 600,
  signingAlg: 'EdDSA',
}

async function openDesk(kind: DatabaseKind) {
  const store = createResourceStore(await openTestDatabase(kind))
  const registry = createResourceRegistry(store, systemClock)
  const events: AuditEvent[] = []
  const removed: Resource[] = []
  const desk: ResourceDesk = {
    store,
    registry,
    clock: systemClock,
    record: async (event) => void events.push(event),
    beforeRemoval: async (resource) => void removed.push(resource),
  }
  return { desk, registry, events, removed }
}

describe.each(databaseKinds)('resources on %s', (kind) => {
  it('are found again as they were registered', async () => {
    const { desk, registry, events } = await openDesk(kind)
    const made = await createResource(desk, notes, author)
    expect(await desk.store.find(made.id)).toEqual(made)
    expect(await registry.find('https://notes.example/')).toEqual(made)
    expect(made.scopes.map(({ name }) => name)).toEqual(['notes:write', 'notes:read'])
    expect(made.scopes.map(({ tools }) => tools)).toEqual([[], ['search_notes', 'read_note']])
    expect(events).toEqual([expect.objectContaining({ type: 'resource.created', resource: made.identifier })])
  })

  it('E09 share neither identifier nor alias', async () => {
    const { desk } = await openDesk(kind)
    await createResource(desk, notes, author)
    const refused = { code: 'resource_exists', status: 409 }
    await expect(createResource(desk, { ...notes, aliases: [] }, author)).rejects.toMatchObject(refused)
    await expect(createResource(desk, { ...files, identifier: 'https://notes.example' }, author)).rejects.toMatchObject(
      refused,
    )
    const made = await createResource(desk, files, author)
    const aliases = ['https://tools.example/notes/']
    await expect(updateResource(desk, made.id, { aliases }, author)).rejects.toMatchObject(refused)
    expect(await desk.store.find(made.id)).toEqual(made)
  })

  it('that are written at the same moment under one name are one', async () => {
    const { desk } = await openDesk(kind)
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => createResource(desk, notes, author)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await desk.store.list()).toHaveLength(1)
  })

  it('change as told and keep the rest', async () => {
    const { desk, registry, events } = await openDesk(kind)
    const made = await createResource(desk, notes, author)
    await registry.all()
    const changed = await updateResource(desk, made.id, { tokenLifetimeSeconds: 120, name: undefined }, author)
    expect(changed).toMatchObject({ name: 'Notes', tokenLifetimeSeconds: 120, aliases: made.aliases })
    expect(await registry.byId(made.id)).toEqual(changed)
    await updateResource(desk, made.id, { tokenLifetimeSeconds: 120 }, author)
    expect(events.map(({ type }) => type)).toEqual(['resource.created', 'resource.updated'])
    expect(events.at(-1)).toMatchObject({ detail: { changed: ['tokenLifetimeSeconds'] } })
  })

  it('refuse a change that is not valid, and stay as they are', async () => {
    const { desk } = await openDesk(kind)
    const made = await createResource(desk, notes, author)
    const scopes = [{ name: '*', description: 'Everything' }]
    await expect(updateResource(desk, made.id, { scopes }, author)).rejects.toMatchObject({ code: 'invalid_resource' })
    expect(await desk.store.find(made.id)).toEqual(made)
  })

  it('are gone after removal, with what hangs on them', async () => {
    const { desk, registry, events, removed } = await openDesk(kind)
    const made = await createResource(desk, notes, author)
    await removeResource(desk, made.id, author)
    expect(await registry.find(made.identifier)).toBeNull()
    expect(removed).toEqual([made])
    expect(events.at(-1)).toMatchObject({ type: 'resource.removed' })
    await expect(removeResource(desk, made.id, author)).rejects.toMatchObject({ code: 'unknown_resource', status: 404 })
    await createResource(desk, notes, author)
  })
})

describe.each(databaseKinds)('the file on %s', (kind) => {
  it('brings resources in, changes them, takes them away, and writes nothing the second time', async () => {
    const { desk, events } = await openDesk(kind)
    expect(await syncFileResources(desk, [notes, files])).toEqual({ created: 2, updated: 0, removed: 0 })
    expect(await syncFileResources(desk, [notes, files])).toEqual({ created: 0, updated: 0, removed: 0 })
    expect(events).toHaveLength(2)
    const [before] = await desk.store.list()
    expect(await syncFileResources(desk, [{ ...notes, name: 'My notes' }])).toEqual({
      created: 0,
      updated: 1,
      removed: 1,
    })
    const after = await desk.store.list()
    expect(after.map(({ id, name, origin }) => [id, name, origin])).toEqual([[before?.id, 'My notes', 'file']])
  })

  it('leaves the resources of operators alone, and takes over the ones it names', async () => {
    const { desk } = await openDesk(kind)
    const own = await createResource(desk, notes, author)
    await syncFileResources(desk, [files])
    expect(await desk.store.find(own.id)).toEqual(own)
    await syncFileResources(desk, [files, notes])
    expect((await desk.store.find(own.id))?.origin).toBe('file')
  })

  it('alone changes what it has set', async () => {
    const { desk } = await openDesk(kind)
    await syncFileResources(desk, [notes])
    const [resource] = await desk.store.list()
    const id = resource?.id ?? ''
    await expect(updateResource(desk, id, { name: 'Mine' }, author)).rejects.toMatchObject({
      code: 'set_by_file',
      status: 409,
    })
    await expect(removeResource(desk, id, author)).rejects.toMatchObject({ code: 'set_by_file' })
  })

  it('may move an alias from one resource to another', async () => {
    const { desk, registry } = await openDesk(kind)
    await syncFileResources(desk, [files, notes])
    await syncFileResources(desk, [
      { ...files, aliases: ['https://notes.example'] },
      { ...notes, aliases: [] },
    ])
    expect((await registry.find('https://notes.example'))?.name).toBe('Files')
  })

  it('is refused as a whole when anything in it is wrong or in the way', async () => {
    const { desk } = await openDesk(kind)
    const own = await createResource(desk, notes, author)
    const greedy = { ...files, aliases: ['https://notes.example'] }
    await expect(syncFileResources(desk, [files, { ...files, name: 'Again' }])).rejects.toMatchObject({
      code: 'invalid_resource',
    })
    await expect(syncFileResources(desk, [greedy])).rejects.toMatchObject({ code: 'resource_exists' })
    expect(await desk.store.list()).toEqual([own])
  })

  it('may be read by several instances at once', async () => {
    const { desk } = await openDesk(kind)
    await Promise.all([1, 2, 3].map(() => syncFileResources(desk, [files, notes])))
    expect(await desk.store.list()).toHaveLength(2)
  })
})
