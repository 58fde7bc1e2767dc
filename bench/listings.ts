// `npm run bench:listings`: what lists cost on a server that has been used for long, beside one that is empty. See docs/benchmarks.md.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { createPasswords } from '../src/credentials/password.ts'
import { fillDatabase } from './listings-fill.ts'
import { type PageSample, readExport, readPages, signIn, type Visitor } from './listings-measure.ts'
import { type ListingPage, pagesOf } from './listings-pages.ts'
import { printExport, printOperations, printPages } from './listings-report.ts'
import { administrator, busyPerson, type Fill } from './listings-rows.ts'
import { measure, type Sample } from './measure.ts'
import { type OperationName, operationNames, type Worker } from './operations.ts'
import { isPinned, type Peer, pinDriver, startPeer } from './peers.ts'
import { makeWorker, person } from './people.ts'
import { createBenchPostgres } from './postgres.ts'

/** One of the two servers that are compared. */
interface Party {
  readonly peer: Peer
  readonly visitors: Readonly<Record<ListingPage['by'], Visitor>>
  readonly pages: readonly ListingPage[]
  readonly workers: readonly Worker[]
}

const { values: options } = parseArgs({
  options: {
    databases: { type: 'string', default: 'sqlite,postgresql' },
    // Each round asks each page `requests` times of both servers in turn.
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '4' },
    // Part of the name of a page: only those, and no operations.
    only: { type: 'string', default: '' },
    clients: { type: 'string', default: '100000' },
    consents: { type: 'string', default: '100000' },
    events: { type: 'string', default: '1000000' },
  },
})
const empty: Fill = { clients: 0, consents: 0, events: 1 }
const full: Fill = {
  clients: Number(options.clients),
  consents: Number(options.consents),
  events: Number(options.events),
}
const connections = 4
const measuredOperations = operationNames.filter((name) => name !== 'discovery' && name !== 'jwks')

pinDriver()
const placed = isPinned ? 'server on core 0, driver on core 1' : 'not pinned'
process.stdout.write(`Node ${process.version}, ${placed}, load ${loadavg()[0]?.toFixed(1)}\n`)
const passwordHash = await createPasswords().hash(person.password)
const postgres = createBenchPostgres()
try {
  for (const kind of options.databases.split(',')) await compare(kind === 'postgresql' ? 'postgresql' : 'full')
} finally {
  await postgres.stop()
}

async function compare(name: 'full' | 'postgresql'): Promise<void> {
  const parties: Party[] = []
  try {
    for (const fill of [empty, full]) parties.push(await open(name, fill))
    const [bare, used] = parties
    if (bare === undefined || used === undefined) return
    process.stdout.write(`\n## ${name === 'full' ? 'SQLite' : 'PostgreSQL'}\n`)
    printPages(await playPages(bare, used))
    if (options.only !== '') return
    printExport(await readExport(used.peer, used.visitors.administrator))
    printOperations(await playOperations(parties))
  } finally {
    for (const { peer, workers } of parties) {
      for (const { connection } of workers) connection.close()
      await peer.stop()
    }
  }
}

async function open(name: 'full' | 'postgresql', fill: Fill): Promise<Party> {
  const now = Date.now()
  const startedAt = performance.now()
  let eventId = ''
  const peer = await startPeer(name, {
    logLevel: 'silent',
    people: connections,
    freshPostgresqlUrl: postgres.freshUrl,
    async prepare(url) {
      eventId = await fillDatabase(url, fill, now, passwordHash)
    },
  })
  process.stderr.write(
    `ready after ${Math.round((performance.now() - startedAt) / 1000)} s: ${name}, ${fill.events} events\n`,
  )
  const visitors = {
    administrator: await signIn(peer.target.port, administrator.email, person.password),
    person: await signIn(peer.target.port, busyPerson.email, person.password),
  }
  const workers: Worker[] = []
  if (options.only === '') {
    for (let index = 0; index < connections; index += 1) workers.push(await makeWorker(peer.target, index))
  }
  const pages = pagesOf(fill, now, eventId).filter((page) => page.name.includes(options.only))
  return { peer, visitors, workers, pages }
}

async function playPages(
  bare: Party,
  used: Party,
): Promise<ReadonlyMap<string, readonly [PageSample[], PageSample[]]>> {
  const found = new Map(bare.pages.map(({ name }) => [name, [[], []] as [PageSample[], PageSample[]]]))
  // The first round warms up and is not kept.
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    for (const [index, page] of bare.pages.entries()) {
      const twin = used.pages[index]
      if (twin === undefined) continue
      const first = await readPages(bare.peer, bare.visitors[page.by], page, Number(options.requests))
      const second = await readPages(used.peer, used.visitors[twin.by], twin, Number(options.requests))
      if (round === 0) continue
      found.get(page.name)?.[0].push(first)
      found.get(page.name)?.[1].push(second)
    }
    process.stderr.write(`\rround ${round} of ${options.rounds} `)
  }
  process.stderr.write('\n')
  return found
}

async function playOperations(parties: readonly Party[]): Promise<ReadonlyMap<OperationName, readonly Sample[][]>> {
  const found = new Map<OperationName, Sample[][]>()
  for (const name of measuredOperations) {
    const samples: Sample[][] = parties.map(() => [])
    for (let round = 0; round <= Number(options.rounds); round += 1) {
      for (const [index, { peer, workers }] of parties.entries()) {
        const sample = await measure(peer, workers, name, 0.6)
        if (round > 0) samples[index]?.push(sample)
      }
    }
    found.set(name, samples)
  }
  return found
}
