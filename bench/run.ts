// `npm run bench`: ratios of servers measured side by side in one run. See docs/benchmarks.md for the method.
import { loadavg } from 'node:os'
import { measure, type Sample } from './measure.ts'
import { documentOperations, type OperationName, type Worker } from './operations.ts'
import { type BenchOptions, readOptions } from './options.ts'
import { isPinned, type Peer, type PeerName, peerWords, pinDriver, startPeer } from './peers.ts'
import { makeReader, makeWorker } from './people.ts'
import { createBenchPostgres } from './postgres.ts'
import { profilePeer } from './profile.ts'
import { printFindings, type Round } from './report.ts'
import { measureStarts } from './startup.ts'

/** A running server with those who use it. */
interface Party {
  readonly peer: Peer
  readonly workers: readonly Worker[]
}

// Ours: until the compiler of the engine has seen everything once; first rounds cost up to 1.7 times the CPU.
const warmUpSeconds = 0.6

const options = readOptions(process.argv.slice(2))
if (options === null) process.exitCode = 2
else await run(options)

async function run(options: BenchOptions): Promise<void> {
  pinDriver()
  const placed = isPinned ? 'servers on core 0, driver on core 1' : 'not pinned: servers and driver share the cores'
  say(`Node ${process.version}, ${options.connections} connections, ${placed}, load ${loadavg()[0]?.toFixed(1)}`)
  const postgres = createBenchPostgres()
  const parties: Party[] = []
  try {
    for (const name of options.peers) {
      if (!options.operations.some((operation) => takesPart(name, operation))) continue
      parties.push(await openParty(name, options, postgres.freshUrl))
      say(`started: ${peerWords[name]}`)
    }
    if (options.profile) await profileAll(parties, options)
    else if (parties.length > 0) printFindings(await playRounds(parties, options))
  } finally {
    await Promise.all(parties.map(closeParty))
    await postgres.stop()
  }
  if (options.startup && !options.profile) await measureStarts(options.rounds < 5 ? 3 : 5)
}

/** Documents are measured where they are compared; everything else needs a whole server. */
function takesPart(name: PeerName, operation: OperationName): boolean {
  if (name === 'documents') return documentOperations.has(operation)
  if (name === 'normal' || name === 'postgresql') return !documentOperations.has(operation)
  if (name === 'bare-postgresql') return operation === 'code' || operation === 'refresh'
  return true
}

async function openParty(
  name: PeerName,
  { connections, logLevel }: BenchOptions,
  freshPostgresqlUrl: () => Promise<string>,
): Promise<Party> {
  const peer = await startPeer(name, { logLevel, people: connections, freshPostgresqlUrl })
  const workers: Worker[] = []
  for (let index = 0; index < connections; index += 1) {
    workers.push(name === 'documents' ? makeReader(peer.target) : await makeWorker(peer.target, index))
  }
  return { peer, workers }
}

async function closeParty({ peer, workers }: Party): Promise<void> {
  for (const { connection } of workers) connection.close()
  await peer.stop()
}

async function playRounds(parties: readonly Party[], options: BenchOptions): Promise<Round[]> {
  await playRound(parties, options.operations, Math.min(warmUpSeconds, options.seconds))
  const rounds: Round[] = []
  for (let index = 0; index < options.rounds; index += 1) {
    const order = index % 2 === 0 ? parties : parties.toReversed()
    rounds.push(await playRound(order, options.operations, options.seconds))
    process.stderr.write(`\rround ${index + 1} of ${options.rounds} `)
  }
  process.stderr.write('\n')
  return rounds
}

async function playRound(
  order: readonly Party[],
  operations: readonly OperationName[],
  seconds: number,
): Promise<Round> {
  const round: Round = new Map()
  for (const operation of operations) {
    const samples = new Map<PeerName, Sample>()
    for (const { peer, workers } of order) {
      if (takesPart(peer.name, operation)) samples.set(peer.name, await measure(peer, workers, operation, seconds))
    }
    round.set(operation, samples)
  }
  return round
}

async function profileAll(parties: readonly Party[], { operations, seconds }: BenchOptions): Promise<void> {
  for (const { peer, workers } of parties) {
    if (peer.name === 'documents') continue
    for (const operation of operations) {
      if (takesPart(peer.name, operation)) await profilePeer(peer, workers, operation, seconds * 4)
    }
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
