import { beforeEach, describe, expect, it } from 'vitest'
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from '../../src/net/guarded-fetch.ts'
import { type FarAway, openFarAway, publicAddress, publicAddress6, sendJson } from '../support/far-away.ts'

// Names that lead inside, once or at the second look, asked of a name server of the test's own.

let far: FarAway
beforeEach(async () => {
  far = await openFarAway(['app.example'])
  far.hosts.set('app.example', sendJson({ a: 1 }))
})
const guarded = (options: Partial<GuardedFetchOptions> = {}): GuardedFetch =>
  createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], ...far.stage, ...options })
const url = 'https://app.example/client.json'

it('a public name is asked for once in each family, connected to where it was found, and answers', async () => {
  expect(await (await guarded()(url)).json()).toEqual({ a: 1 })
  expect(far.dialled).toEqual([publicAddress])
  expect(far.names.asked.toSorted()).toEqual(['A app.example', 'AAAA app.example'])
})

it('F04 a name that is public at the first look and 127.0.0.1 at the second is not looked at twice', async () => {
  far.addresses.set('app.example', [[publicAddress], ['127.0.0.1']])
  expect((await guarded()(url)).status).toBe(200)
  expect(far.dialled).toEqual([publicAddress])
  // The next fetch looks again, and refuses.
  await expect(guarded()(`https://app.example:${far.trapPort}/x`)).rejects.toMatchObject({ code: 'address_refused' })
  expect([far.dialled, far.arrivals()]).toEqual([[publicAddress], 0])
})

describe('F04 F02 refused without a connection', () => {
  it.each<[string, readonly string[]]>([
    ['one internal address among public ones', [publicAddress, '127.0.0.1']],
    ['a public A and an internal AAAA', [publicAddress, 'fd00::7']],
    ['a public AAAA and an internal A', [publicAddress6, '10.0.0.7']],
    ['the metadata service of a cloud', ['169.254.169.254']],
    ['a mapped address', [publicAddress, '::ffff:127.0.0.1']],
    ['NAT64', [publicAddress, '64:ff9b::7f00:1']],
    ['6to4', ['2002:7f00:1::']],
    ['Teredo', ['2001:0:53aa:64c::7f00:1']],
    ['ISATAP', ['2a00:1450::5efe:7f00:1']],
    ['the unspecified address', ['0.0.0.0']],
  ])('%s', async (_title, said) => {
    far.addresses.set('app.example', [said])
    await expect(guarded()(`https://app.example:${far.trapPort}/x`)).rejects.toMatchObject({ code: 'address_refused' })
    expect([far.dialled, far.arrivals()]).toEqual([[], 0])
  })

  it('an alias to a name inside', async () => {
    const inside = await openFarAway([])
    inside.addresses.set('app.example', [['192.168.1.1']])
    await expect(guarded({ resolve: inside.stage.resolve })(url)).rejects.toMatchObject({ code: 'address_refused' })
    expect(far.dialled).toEqual([])
  })
})

describe('F01 F03 addresses and names of this machine and its network', () => {
  it.each([
    ...['169.254.169.254', '[fd00:ec2::254]', 'metadata.google.internal', 'localhost', 'app.localhost', 'intranet'],
    ...['2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '127.1', '127.0.1', '%31%32%37.0.0.1', '127.0.0.1.'],
    ...['[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[::127.0.0.1]', '[64:ff9b::a9fe:a9fe]', '[2002:7f00:1::]'],
    ...['[2001:0:53aa:64c::7f00:1]', '[fe80::5efe:7f00:1]', '[2a00:1450::5efe:7f00:1]', '[::]', '0', '0.0.0.0'],
    ...['①②⑦.0.0.1', '127。0。0。1', 'LOCALHOST', 'printer.local.', 'x.home.arpa'],
  ])('%s is refused with no question and no packet', async (host) => {
    await expect(guarded()(`https://${host}:${far.trapPort}/x`)).rejects.toMatchObject({ code: 'address_refused' })
    expect([far.names.asked, far.dialled, far.arrivals()]).toEqual([[], [], 0])
  })

  it.each(['[fe80::1%25eth0]', '[fe80::1%eth0]', '256.0.0.1', '0x100000000', '1.2.3.4.5'])(
    '%s is no address that could be fetched',
    async (host) => {
      await expect(guarded()(`https://${host}/x`)).rejects.toMatchObject({ code: expect.stringMatching(/refused$/) })
      expect([far.names.asked, far.dialled]).toEqual([[], []])
    },
  )
})

describe('what a name server does', () => {
  it('that does not know the name makes a fault of its own', async () => {
    await expect(guarded()('https://nobody.example/x')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('F07 that keeps silent runs into the deadline of the fetch', async () => {
    const silent = createGuardedFetch({
      ...far.stage,
      userAgent: 'test',
      allowedInternalHosts: [],
      timeoutMs: 50,
      resolve: () => new Promise(() => undefined),
    })
    await expect(silent(url)).rejects.toMatchObject({ code: 'timeout' })
  })
})

describe('what an operator lists', () => {
  it.each([['127.0.0.1'], ['10.0.0.7'], ['192.168.1.1'], ['fd00::7']])('may lie at %s', async (address) => {
    far.addresses.set('app.example', [[address]])
    const reached: string[] = []
    const dial = (wanted: string, port: number) => {
      reached.push(wanted)
      return far.stage.dial(publicAddress, port)
    }
    const fetch = guarded({ allowedInternalHosts: ['app.example'], dial })
    expect((await fetch(url)).status).toBe(200)
    expect(reached).toEqual([address])
  })

  it.each([
    ['169.254.169.254'],
    ['fd00:ec2::254'],
    ['100.100.100.200'],
    ['0.0.0.0'],
    ['224.0.0.1'],
    ['fe80::1'],
    ['::ffff:10.0.0.7'],
    ['64:ff9b::a00:7'],
  ])('F01 is still not fetched from %s', async (address) => {
    far.addresses.set('app.example', [[address]])
    await expect(guarded({ allowedInternalHosts: ['app.example'] })(url)).rejects.toMatchObject({
      code: 'address_refused',
    })
    expect(far.dialled).toEqual([])
  })

  it('says nothing about the hosts below and beside it', async () => {
    const fetch = guarded({ allowedInternalHosts: ['localhost', 'corp.example'] })
    far.addresses.set('x.corp.example', [['10.0.0.7']])
    for (const host of ['a.localhost', 'x.corp.example', 'localhost.']) {
      await expect(fetch(`https://${host}/x`)).rejects.toMatchObject({ code: 'address_refused' })
    }
  })
})

it('another checked address is tried where nobody listens at the first, and no third one', async () => {
  far.addresses.set('app.example', [[publicAddress, publicAddress6, '1.1.1.1']])
  const dialled: string[] = []
  const dial = (address: string, port: number) => {
    dialled.push(address)
    // Port 1 of loopback: closed.
    return address === publicAddress ? { address: '127.0.0.1', port: 1 } : far.stage.dial(address, port)
  }
  expect((await guarded({ dial })(url)).status).toBe(200)
  expect(dialled).toEqual([publicAddress, publicAddress6])
})
