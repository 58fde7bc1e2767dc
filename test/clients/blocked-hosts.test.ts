import { describe, expect, it } from 'vitest'
import { blockHost, type HostDesk, unblockHost } from '../../src/clients/blocked-hosts/block.ts'
import { coversHost, createBlockedHosts, readHost } from '../../src/clients/blocked-hosts/blocked-host.ts'
import { createBlockedHostStore } from '../../src/clients/blocked-hosts/store.ts'
import { makeClient } from '../../src/clients/client.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { statement } from '../../src/db/database.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openTestDatabase } from '../support/database.ts'

describe('F15 the name of a host', () => {
  it.each([
    ['evil.example', 'evil.example'],
    [' EVIL.Example. ', 'evil.example'],
    ['*.evil.example', 'evil.example'],
    ['.evil.example', 'evil.example'],
    ['https://evil.example:8443/client.json?x', 'evil.example'],
    ['evil.example:8443', 'evil.example'],
    ['évil.example', 'xn--vil-9la.example'],
    ['93.184.216.34', '93.184.216.34'],
    ['under_score.example', 'under_score.example'],
  ])('%j is read as %s', (text, host) => {
    expect(readHost(text)).toBe(host)
  })

  it.each([
    '',
    'com',
    'evil',
    'a b.example',
    'https://',
    'https://user@evil.example',
    '-.example',
    '%',
    `${'x'.repeat(260)}.example`,
  ])('%j is none', (text) => {
    expect(readHost(text)).toBeUndefined()
  })

  it('covers what lies below it, and nothing beside it', () => {
    for (const host of ['evil.example', 'a.evil.example', 'a.b.evil.example', 'evil.example.']) {
      expect(coversHost('evil.example', host)).toBe(true)
    }
    for (const host of ['notevil.example', 'example', 'evil.example.com', 'evil.exampl']) {
      expect(coversHost('evil.example', host)).toBe(false)
    }
  })
})

describe('F15 the list in memory', () => {
  it('is read when it is old or forgotten, once for all who ask, and after a fault again', async () => {
    let now = 0
    let reads = 0
    let said = ['evil.example']
    let isDown = false
    const hosts = createBlockedHosts(
      {
        async list() {
          reads += 1
          if (isDown) throw new Error('no database')
          return said.map((host) => ({ host, since: new Date(0) }))
        },
      },
      { now: () => new Date(now) },
    )
    expect(hosts.covers('evil.example')).toBe(false)
    await Promise.all([hosts.refresh(), hosts.refresh(), hosts.refresh()])
    expect([reads, hosts.covers('a.evil.example'), hosts.covers('good.example')]).toEqual([1, true, false])
    said = []
    await hosts.refresh()
    expect([reads, hosts.covers('evil.example')]).toEqual([1, true])
    now += 5000
    isDown = true
    // Fail closed: who cannot know whether a host is blocked lets nobody in, and goes on with what was known.
    await expect(hosts.refresh()).rejects.toThrow('no database')
    expect(hosts.covers('evil.example')).toBe(true)
    isDown = false
    await hosts.refresh()
    expect(hosts.covers('evil.example')).toBe(false)
    said = ['other.example']
    hosts.forget()
    await hosts.refresh()
    expect(hosts.covers('other.example')).toBe(true)
  })
})

describe.each(['sqlite', 'postgresql'] as const)('F15 blocking on %s', (kind) => {
  it('ends what every client of the host holds, once, whatever their port, and nobody else', async () => {
    const database = await openTestDatabase(kind)
    const clients = createClientStore(database, systemClock)
    const ids = [
      'https://evil.example/a.json',
      'https://evil.example:8443/b.json',
      'https://below.evil.example/c.json',
      'https://notevil.example/d.json',
      'https://good.example/e.json?at=evil.example',
      'https://evil.example/removed.json',
    ]
    for (const id of ids) {
      const checked = normaliseClientMetadata({ redirect_uris: ['https://a.example/cb'] }, { origin: 'document' })
      if (!checked.ok) throw new Error(checked.description)
      await clients.see(makeClient({ id, origin: 'document', metadata: checked.metadata, now: new Date() }))
    }
    await clients.remove('https://evil.example/removed.json')
    const ended: string[] = []
    const events: unknown[] = []
    const blockedHosts = createBlockedHostStore(database)
    const desk: HostDesk = {
      blockedHosts,
      memory: { forget() {} },
      clock: systemClock,
      auditStatement(event) {
        events.push(event)
        return statement('UPDATE client SET id = id WHERE id = ?', '-')
      },
      async endEverything(id) {
        ended.push(id)
        return 2
      },
    }
    const author = { actor: 'operator' } as const
    expect(await blockHost(desk, 'Evil.example', author)).toEqual({ host: 'evil.example', consents: 6 })
    expect(ended.toSorted()).toEqual([...ids.slice(0, 3)].toSorted())
    await expect(blockHost(desk, 'evil.example', author)).rejects.toMatchObject({ code: 'host_blocked' })
    await expect(blockHost(desk, 'com', author)).rejects.toMatchObject({ code: 'invalid_host', status: 400 })
    expect(await blockedHosts.list()).toMatchObject([{ host: 'evil.example' }])
    expect(await unblockHost(desk, 'https://evil.example/x', author)).toBe('evil.example')
    await expect(unblockHost(desk, 'evil.example', author)).rejects.toMatchObject({ code: 'host_not_blocked' })
    expect(await blockedHosts.list()).toEqual([])
    expect(ended).toHaveLength(3)
    expect(events.map((event) => (event as { type: string }).type).slice(0, 1)).toEqual(['host.blocked'])
  })
})
