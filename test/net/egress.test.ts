import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createEgress, type Egress, type EgressOptions, type EgressPurpose } from '../../src/net/egress.ts'
import { type FarAway, openFarAway, sendJson } from '../support/far-away.ts'

const purposes: readonly EgressPurpose[] = ['documents', 'logos', 'resources', 'upstreams', 'doctor']
const ofStrangers: readonly EgressPurpose[] = ['documents', 'logos']
let now = 0

function open(far: FarAway, options: Partial<EgressOptions> = {}): Egress {
  return createEgress(
    {
      ...{ userAgent: 'Sallyport/test', allowedHosts: [], documentHosts: [], isOnLoopback: false, proxy: undefined },
      hasRates: true,
      ...options,
    },
    { ...far.stage, now: () => now },
  )
}
/** The word that a fetch ended with. */
async function wordOf(fetched: Promise<Response>): Promise<string | number> {
  return await fetched.then(
    ({ status }) => status,
    (error: { code?: string }) => error.code ?? 'no code',
  )
}
/** What each way out says, in their order. */
async function words(egress: Egress, url: string, init?: Parameters<Egress['documents']>[1]) {
  return Object.fromEntries(
    await Promise.all(purposes.map(async (purpose) => [purpose, await wordOf(egress[purpose](url, init))] as const)),
  )
}
/** A host that keeps everybody waiting, and who waits there. */
function keepWaiting(far: FarAway, host: string): { readonly waiting: ServerResponse[]; release(): void } {
  const waiting: ServerResponse[] = []
  far.hosts.set(host, (_request, response) => void waiting.push(response))
  return { waiting, release: () => void waiting.splice(0).map((response) => response.end('{}')) }
}

describe('F07 F16 what strangers name and what the operator set up do not wait for each other', () => {
  it('documents and logos of one host are three at a time together, of all hosts ten', async () => {
    const names = ['a.example', 'b.example', 'c.example', 'd.example']
    const far = await openFarAway(names)
    const egress = open(far)
    const held = names.map((name) => keepWaiting(far, name))
    const running = ['a', 'b', 'c'].flatMap((name) => [
      egress.documents(`https://${name}.example/1`),
      egress.logos(`https://${name}.example/2`),
      egress.documents(`https://${name}.example/3`),
    ])
    expect(await wordOf(egress.documents('https://a.example/4'))).toBe('busy')
    expect(await wordOf(egress.logos('https://a.example/4'))).toBe('busy')
    // They lie at one address, which takes nine.
    expect(await wordOf(egress.documents('https://d.example/1'))).toBe('busy')
    // Signing in goes on, also at that very host.
    const upstream = egress.upstreams('https://a.example/token')
    await expect.poll(() => held.flatMap(({ waiting }) => waiting)).toHaveLength(10)
    for (const { release } of held) release()
    expect(await Promise.all([...running, upstream].map(wordOf))).toEqual(Array(10).fill(200))
  })

  it('the other way round: ten at a time to a host of the operator, and strangers’ documents are fetched', async () => {
    const far = await openFarAway(['app.example'])
    const egress = open(far)
    const { release, waiting } = keepWaiting(far, 'app.example')
    const running = Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? egress.upstreams : egress.resources)('https://app.example/x'),
    )
    expect(await wordOf(egress.upstreams('https://app.example/x'))).toBe('busy')
    expect(await wordOf(egress.resources('https://app.example/x'))).toBe('busy')
    const document = egress.documents('https://app.example/client.json')
    await expect.poll(() => waiting).toHaveLength(11)
    release()
    expect(await Promise.all([...running, document].map(wordOf))).toEqual(Array(11).fill(200))
  })
})

describe('F13 F16 by the minute', () => {
  const host = 'app.example'
  const url = `https://${host}/client.json`

  it('a host gives sixty documents and logos a minute, and its upstream any number', async () => {
    const far = await openFarAway([host])
    far.hosts.set(host, sendJson({}))
    const egress = open(far)
    for (let turn = 0; turn < 60; turn += 1) {
      expect(await wordOf(egress[ofStrangers[turn % 2] ?? 'logos'](url))).toBe(200)
    }
    expect(await words(egress, url)).toEqual({
      ...{ documents: 'limited', logos: 'limited', resources: 200, upstreams: 200, doctor: 200 },
    })
    now += 60_000
    expect(await wordOf(egress.documents(url))).toBe(200)
  })

  it('twenty that lead to nothing are enough, where rates are counted', async () => {
    const far = await openFarAway([host])
    const counted = open(far)
    for (let turn = 0; turn < 20; turn += 1) expect(await wordOf(counted.documents(url))).toBe(404)
    expect(await wordOf(counted.documents(url))).toBe('limited')
    const uncounted = open(far, { hasRates: false })
    for (let turn = 0; turn < 61; turn += 1) expect(await wordOf(uncounted.logos(url))).toBe(404)
  })
})

describe('F01 what each way out may reach', () => {
  it('hosts of clients are open to what clients say of themselves, those of the operator to all', async () => {
    const far = await openFarAway(['app.example'])
    far.hosts.set('app.example', sendJson({}))
    far.addresses.set('app.example', [['10.0.0.7']])
    const stage = { ...far, stage: { ...far.stage, dial: () => far.stage.dial('93.184.216.34', 443) } }
    const url = 'https://app.example/x'
    const [no, yes] = ['address_refused', 200]
    expect(await words(open(stage), url)).toEqual({
      ...{ documents: no, logos: no, resources: no, upstreams: no, doctor: no },
    })
    expect(await words(open(stage, { documentHosts: ['app.example'] }), url)).toEqual({
      ...{ documents: yes, logos: yes, resources: yes, upstreams: no, doctor: no },
    })
    expect(await words(open(stage, { allowedHosts: ['app.example'] }), url)).toEqual({
      ...{ documents: yes, logos: yes, resources: yes, upstreams: yes, doctor: yes },
    })
  })

  it('servers beside an issuer on loopback, by no name of a stranger', async () => {
    const far = await openFarAway([])
    const url = 'http://127.0.0.1:1/x'
    expect(await words(open(far, { isOnLoopback: true }), url)).toEqual({
      ...{ documents: 'url_refused', logos: 'url_refused' },
      ...{ resources: 'network', upstreams: 'network', doctor: 'network' },
    })
    expect(new Set(Object.values(await words(open(far), url)))).toEqual(new Set(['url_refused']))
  })

  it('forms are posted to providers, and only the walk of a client sees redirects', async () => {
    const far = await openFarAway(['app.example'])
    far.hosts.set('app.example', (_request, response) => void response.writeHead(302, { location: '/x' }).end())
    const egress = open(far)
    const url = 'https://app.example/x'
    const no = 'url_refused'
    expect(await words(egress, url, { method: 'POST', body: 'a=b' })).toEqual({
      ...{ documents: no, logos: no, resources: no, upstreams: 'redirected', doctor: 302 },
    })
    expect(await words(egress, url, { method: 'OPTIONS' })).toEqual({
      ...{ documents: no, logos: no, resources: no, upstreams: no, doctor: 302 },
    })
  })
})

it('F06 each way out has a cap of its own', async () => {
  const far = await openFarAway(['app.example'])
  const egress = open(far)
  const largest = { documents: 64, logos: 512, resources: 64, upstreams: 256, doctor: 256 }
  for (const purpose of purposes) {
    const bytes = largest[purpose] * 1024
    for (const [size, expected] of [
      [bytes, 200],
      [bytes + 1, 'too_large'],
    ] as const) {
      far.hosts.set('app.example', (_request, response) => void response.end(Buffer.alloc(size)))
      expect(await wordOf(egress[purpose]('https://app.example/x')), `${purpose} ${size}`).toBe(expected)
    }
  }
})

it('every fetch says who we are, and its end is told with its purpose', async () => {
  const far = await openFarAway(['app.example'])
  const agents: (string | undefined)[] = []
  far.hosts.set('app.example', ({ headers }, response) => {
    agents.push(headers['user-agent'])
    response.end('{}')
  })
  const told: string[] = []
  const egress = open(far, { onFetch: (purpose, { host, result }) => void told.push(`${purpose} ${host} ${result}`) })
  await words(egress, 'https://app.example/x')
  expect(agents).toEqual(Array(5).fill('Sallyport/test'))
  expect(told.toSorted()).toEqual(purposes.map((purpose) => `${purpose} app.example answered`).toSorted())
})
