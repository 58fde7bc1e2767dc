import { describe, expect, it } from 'vitest'
import type { FileUpstream } from '../../src/config/config.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import { addUpstream, enableUpstream, removeUpstream, updateUpstream } from '../../src/federation/change.ts'
import { linkPerson, signInPerson } from '../../src/federation/people.ts'
import { syncFileUpstreams } from '../../src/federation/sync.ts'
import { createUpstreamStore } from '../../src/federation/upstreams/store.ts'
import { databaseKinds } from '../support/database.ts'
import { madePerson, madeUpstream } from './made.ts'
import { openFederation } from './room.ts'

const author = { actor: 'operator' } as const
const { setByFile: _, ...acme } = madeUpstream()
const inFile = (given: Partial<FileUpstream> = {}): FileUpstream => ({ ...acme, ...given })

describe.each(databaseKinds)('upstreams on %s', (kind) => {
  it('H13 tell another host no secret that was not entered for it', async () => {
    const { upstreams, upstreamDesk } = await openFederation(kind)
    await upstreams.add(madeUpstream())
    const moved = { issuer: 'https://evil.example' }
    await expect(updateUpstream(upstreamDesk, 'acme', moved, author)).rejects.toMatchObject({
      code: 'invalid_upstream',
    })
    expect(await upstreams.find('acme')).toEqual(madeUpstream())
    await updateUpstream(upstreamDesk, 'acme', { ...moved, clientSecret: 'entered with it' }, author)
    expect(await upstreams.find('acme')).toMatchObject({ ...moved, clientSecret: 'entered with it' })
    await updateUpstream(upstreamDesk, 'acme', { issuer: 'https://evil.example/realms/b' }, author)
    expect(await upstreams.find('acme')).toMatchObject({ clientSecret: 'entered with it' })
  })

  it('come back as they were written, with the secret sealed in the row', async () => {
    const { upstreams, database } = await openFederation(kind)
    const upstream = madeUpstream({
      rules: { groupsClaim: 'roles', adminGroups: ['a'] },
      keepTokensFor: ['https://a.example'],
    })
    expect(await upstreams.add(upstream)).toBe(true)
    expect(await upstreams.add(upstream)).toBe(false)
    expect(await upstreams.find('acme')).toEqual(upstream)
    const [row] = await database.sql.all<Record<string, unknown>>('SELECT * FROM upstream')
    expect(JSON.stringify(row)).not.toContain('the client secret')
    expect(row?.sealed_client_secret).toMatch(/^v1\./)
  })

  it('keep their secret until another is given, and lose it when the key is gone', async () => {
    const { upstreams, database, clock } = await openFederation(kind)
    await upstreams.add(madeUpstream())
    expect(await upstreams.put(madeUpstream({ name: 'B', clientSecret: undefined }), 'keep')).toBe(true)
    expect(await upstreams.find('acme')).toMatchObject({ name: 'B', clientSecret: 'the client secret' })
    await upstreams.put(madeUpstream({ clientSecret: 'another' }), 'replace')
    expect(await upstreams.find('acme')).toMatchObject({ clientSecret: 'another' })
    const stranger = createUpstreamStore(database, createSealer([Buffer.alloc(32, 9)], 'upstream secrets'), clock)
    expect(await stranger.find('acme')).toMatchObject({ name: 'Acme', clientSecret: undefined })
    const otherPurpose = createUpstreamStore(database, createSealer([Buffer.alloc(32, 7)], 'signing-keys'), clock)
    expect((await otherPurpose.find('acme'))?.clientSecret).toBeUndefined()
  })

  it('are remembered for five seconds, and forgotten at a write of this process', async () => {
    const { upstreams, database, clock, later } = await openFederation(kind)
    const sealer = createSealer([Buffer.alloc(32, 7)], 'upstream secrets')
    const elsewhere = createUpstreamStore(database, sealer, clock)
    expect(await upstreams.enabled()).toEqual([])
    await elsewhere.add(madeUpstream())
    expect(await upstreams.enabled()).toEqual([])
    later(5000)
    expect(await upstreams.enabled()).toHaveLength(1)
    await upstreams.setEnabled('acme', false)
    expect(await upstreams.enabled()).toEqual([])
    expect(await upstreams.setEnabled('acme', false)).toBe(false)
    expect(await upstreams.list()).toHaveLength(1)
    expect(await upstreams.remove('acme')).toBe(true)
    expect(await upstreams.remove('acme')).toBe(false)
  })

  it('follow the file: in, changed, out; what an operator made is taken over, and runs change nothing twice', async () => {
    const { upstreams, upstreamDesk, events } = await openFederation(kind)
    await addUpstream(upstreamDesk, inFile(), author)
    await syncFileUpstreams(upstreamDesk, [inFile(), inFile({ id: 'b', name: 'B' })])
    await syncFileUpstreams(upstreamDesk, [inFile(), inFile({ id: 'b', name: 'B' })])
    expect((await upstreams.list()).map(({ id, setByFile }) => [id, setByFile])).toEqual([
      ['acme', true],
      ['b', true],
    ])
    await expect(removeUpstream(upstreamDesk, 'b', author)).rejects.toMatchObject({ code: 'set_by_file' })
    await expect(enableUpstream(upstreamDesk, 'b', false, author)).rejects.toMatchObject({ code: 'set_by_file' })
    await expect(updateUpstream(upstreamDesk, 'b', { name: 'C' }, author)).rejects.toMatchObject({
      code: 'set_by_file',
    })
    await syncFileUpstreams(upstreamDesk, [inFile({ clientSecret: 'rotated' })])
    expect(await upstreams.list()).toMatchObject([{ id: 'acme', clientSecret: 'rotated' }])
    expect((await events()).map(([type]) => type)).toEqual([
      'upstream.created',
      'upstream.updated',
      'upstream.created',
      'upstream.removed',
      'upstream.updated',
    ])
  })

  it('a file with a fault changes nothing', async () => {
    const { upstreams, upstreamDesk } = await openFederation(kind)
    await syncFileUpstreams(upstreamDesk, [inFile()])
    const faulty = [
      inFile({ id: 'b', issuer: 'http://b.example' }),
      inFile({ id: 'c', preset: 'entra', issuer: undefined }),
    ]
    await expect(syncFileUpstreams(upstreamDesk, faulty)).rejects.toThrow(/^b: .*c: /)
    expect(await upstreams.list()).toHaveLength(1)
  })

  it('a removed one takes its tokens and hops along; its people come in again when the issuer comes back', async () => {
    const { upstreams, upstreamDesk, desk, database, rows } = await openFederation(kind)
    const upstream = await addUpstream(upstreamDesk, inFile(), author)
    const first = await signInPerson(desk, upstream, madePerson(upstream), {})
    if (!first.ok) throw new Error(first.reason)
    await database.sql.run('INSERT INTO upstream_token VALUES (?, ?, ?, ?, NULL, 1)', [
      first.accountId,
      'acme',
      'r',
      'x',
    ])
    await removeUpstream(upstreamDesk, 'acme', author)
    expect([await rows('upstream_identity'), await rows('upstream_token'), await upstreams.enabled()]).toEqual([
      1,
      0,
      [],
    ])
    const again = await addUpstream(upstreamDesk, inFile({ id: 'acme-two' }), author)
    expect(await signInPerson(desk, again, madePerson(again), {})).toEqual({ ...first, isNew: false })
  })

  it('without passwords the last way of the administrators stays', async () => {
    const room = await openFederation(kind, { passwords: false })
    const { upstreamDesk, desk } = room
    const upstream = await addUpstream(upstreamDesk, inFile(), author)
    const second = await addUpstream(upstreamDesk, inFile({ id: 'b', issuer: 'https://b.example' }), author)
    const root = await room.person('root@acme.example', { role: 'admin' })
    await linkPerson(desk, root.id, upstream, madePerson(upstream))
    await expect(removeUpstream(upstreamDesk, 'acme', author)).rejects.toMatchObject({ code: 'last_way_in' })
    await expect(enableUpstream(upstreamDesk, 'acme', false, author)).rejects.toMatchObject({ code: 'last_way_in' })
    await expect(updateUpstream(upstreamDesk, 'acme', { enabled: false }, author)).rejects.toMatchObject({
      code: 'last_way_in',
    })
    await linkPerson(desk, root.id, second, madePerson(second))
    expect(await enableUpstream(upstreamDesk, 'acme', false, author)).toBe(true)
    await expect(removeUpstream(upstreamDesk, 'b', author)).rejects.toMatchObject({ code: 'last_way_in' })
  })
})

describe.each(databaseKinds)('identities on %s', (kind) => {
  it('H10: the same subject of two issuers is two people, and spelling counts', async () => {
    const { identities, person, clock } = await openFederation(kind)
    const { id } = await person('ada@acme.example')
    const identity = { issuer: 'https://a.example', subject: 'Sub', upstreamId: 'a', accountId: id, label: 'ada' }
    expect(await identities.link(identity, clock.now(), [])).toBe('linked')
    expect(await identities.find('https://a.example', 'Sub')).toMatchObject({ accountId: id, label: 'ada' })
    for (const [issuer, subject] of [
      ['https://b.example', 'Sub'],
      ['https://a.example', 'sub'],
      ['https://a.example/', 'Sub'],
      ['https://a.example', 'Sub '],
    ] as const) {
      expect(await identities.find(issuer, subject), `${issuer} ${subject}`).toBeNull()
    }
  })

  it('an identity belongs to one account, however many ask at once', async () => {
    const { identities, person, clock, rows } = await openFederation(kind)
    const people = await Promise.all(['a', 'b', 'c', 'd'].map((name) => person(`${name}@acme.example`)))
    const outcomes = await Promise.all(
      people.map(({ id }) =>
        identities.link(
          { issuer: 'https://a.example', subject: 's', upstreamId: 'a', accountId: id, label: '' },
          clock.now(),
          [],
        ),
      ),
    )
    expect(outcomes.toSorted()).toEqual(['linked', 'taken', 'taken', 'taken'])
    expect(await rows('upstream_identity')).toBe(1)
    const nobody = { issuer: 'https://a.example', subject: 't', upstreamId: 'a', accountId: 'gone', label: '' }
    expect(await identities.link(nobody, clock.now(), [])).toBe('gone')
  })
})
