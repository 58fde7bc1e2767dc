// `npm run bench:verifier`: verifiers of access tokens side by side in one process, in turn, order reversed every other round. Prints medians,
// the CPU of each verification, and ratios to jose within each round; then what each lets through, weighs, and takes to start.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { printTable, type Spread, spread } from './report.ts'
import {
  type Algorithm,
  algorithms,
  type Contender,
  type Issuer,
  makeContenders,
  makeIssuer,
} from './verifier-contenders.ts'
import { measureInstalled } from './verifier-installed.ts'
import { listLetThrough } from './verifier-letthrough.ts'

interface Options {
  readonly rounds: number
  readonly seconds: number
  readonly inFlight: number
  readonly algorithms: readonly Algorithm[]
  readonly soakSeconds: number
}

interface Sample {
  readonly rate: number
  readonly cpuMicroseconds: number
}

// Ours: more than any memory of tokens here holds, so that "first" stays first.
const distinctTokens = 4096
const baseline = 'jose jwtVerify, key in hand'
const goals = { firstCpu: { must: 1.15, aim: 1 }, seenRate: { must: 20, aim: 35 } } as const

/** Which token each is asked about next. */
const positions = new WeakMap<Contender, number>()

const options = readOptions(process.argv.slice(2))
if (options === null) process.exitCode = 2
else await main(options)

async function main(options: Options): Promise<void> {
  installPeers()
  say(`Node ${process.version}, ${options.inFlight} in flight, load ${loadavg()[0]?.toFixed(1)}`)
  for (const algorithm of options.algorithms) {
    const issuer = await makeIssuer(algorithm, distinctTokens)
    const contenders = await makeContenders(issuer)
    try {
      if (options.soakSeconds > 0) await soak(contenders, issuer, options)
      else report(algorithm, contenders, await playRounds(contenders, issuer, options))
      if (algorithm === 'ES256' && options.soakSeconds === 0) await listLetThrough(contenders, issuer)
    } finally {
      await issuer.close()
    }
  }
  if (options.soakSeconds === 0) measureInstalled(options.rounds)
}

function installPeers(): void {
  const folder = join(import.meta.dirname, 'peers')
  if (existsSync(join(folder, 'node_modules'))) return
  say('installing what to compare with …')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: 'inherit' })
}

async function playRounds(
  contenders: readonly Contender[],
  issuer: Issuer,
  options: Options,
): Promise<readonly ReadonlyMap<string, Sample>[]> {
  const rounds: Map<string, Sample>[] = []
  for (let round = -1; round < options.rounds; round += 1) {
    const samples = new Map<string, Sample>()
    const order = round % 2 === 0 ? contenders : contenders.toReversed()
    for (const contender of order) samples.set(contender.name, await measure(contender, issuer, options))
    if (round >= 0) rounds.push(samples) // the one before is for the compiler of the engine
    process.stderr.write(`\r${issuer.algorithm}: round ${round + 1} of ${options.rounds} `)
  }
  process.stderr.write('\n')
  return rounds
}

async function measure(contender: Contender, { tokens }: Issuer, options: Options): Promise<Sample> {
  const { verify, seen } = contender
  // Those that remember are asked about a few tokens again and again, as an agent does; the others about ever another one.
  const ring = seen ? tokens.slice(0, 64) : tokens
  if (seen) for (const token of ring) await verify(token)
  // Goes on where this one stopped the last time: else a short measurement would find its own tokens again.
  const start = positions.get(contender) ?? 0
  let count = 0
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const deadline = startedAt + options.seconds * 1000
  const work = async () => {
    while (performance.now() < deadline) {
      const verdict = verify(ring[(start + count++) % ring.length] ?? '')
      if (verdict instanceof Promise) await verdict
    }
  }
  await Promise.all(Array.from({ length: options.inFlight }, work))
  const elapsed = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  positions.set(contender, start + count)
  return { rate: (count / elapsed) * 1000, cpuMicroseconds: (user + system) / count }
}

function report(
  algorithm: Algorithm,
  contenders: readonly Contender[],
  rounds: readonly ReadonlyMap<string, Sample>[],
): void {
  const samplesOf = (name: string) => rounds.flatMap((round) => round.get(name) ?? [])
  const ratios = (name: string, of: (one: Sample, jose: Sample) => number) =>
    spread(
      rounds.flatMap((round) => {
        const [one, jose] = [round.get(name), round.get(baseline)]
        return one === undefined || jose === undefined ? [] : [of(one, jose)]
      }),
    )
  // What others do on the machine can only add CPU time: the least of each is nearest to what it costs.
  const leastCpu = (name: string) => Math.min(...samplesOf(name).map((sample) => sample.cpuMicroseconds))
  const byLeast = (name: string) => leastCpu(name) / leastCpu(baseline)
  // These two wait for nothing but their core. Where one did not have it, only the CPU time can be judged.
  const isDisturbed = [baseline, 'ours, seen'].some((name) => {
    const shares = samplesOf(name).map(({ rate, cpuMicroseconds }) => (rate * cpuMicroseconds) / 1e6)
    return spread(shares).median < 0.85
  })
  const verdictOf = (name: string): string => {
    if (name === 'ours, first') return judge(-byLeast(name), -goals.firstCpu.must, -goals.firstCpu.aim)
    if (name !== 'ours, seen') return ''
    const times = isDisturbed ? 1 / byLeast(name) : ratios(name, (one, jose) => one.rate / jose.rate).median
    return judge(times, goals.seenRate.must, goals.seenRate.aim)
  }
  say(`\n${algorithm}${isDisturbed ? ' (disturbed by other work on the machine: judged by CPU)' : ''}`)
  printTable(
    ['verifier', 'per second', 'CPU µs (least)', 'rate / jose', 'CPU / jose', 'least / least', 'goal'],
    contenders.map(({ name }) => {
      const rate = spread(samplesOf(name).map((sample) => sample.rate))
      const cpu = spread(samplesOf(name).map((sample) => sample.cpuMicroseconds))
      const byRate = ratios(name, (one, jose) => one.rate / jose.rate)
      const byCpu = ratios(name, (one, jose) => one.cpuMicroseconds / jose.cpuMicroseconds)
      return [
        name,
        rate.median.toFixed(0),
        `${cpu.median.toFixed(2)} (${cpu.least.toFixed(2)})`,
        written(byRate),
        written(byCpu),
        byLeast(name).toFixed(3),
        verdictOf(name),
      ]
    }),
  )
}

function written(one: Spread): string {
  return `${one.median.toFixed(2)} (${one.least.toFixed(2)}–${one.most.toFixed(2)})`
}

function judge(ratio: number, must: number, aim: number): string {
  return ratio >= aim ? 'aim reached' : ratio >= must ? 'holds' : 'DOES NOT HOLD'
}

// V52: hours of load leave nothing behind.
async function soak(contenders: readonly Contender[], issuer: Issuer, options: Options): Promise<void> {
  const ours = contenders.filter(({ name }) => name.startsWith('ours'))
  const end = performance.now() + options.soakSeconds * 1000
  while (performance.now() < end) {
    for (const contender of ours) await measure(contender, issuer, { ...options, seconds: 5 })
    globalThis.gc?.()
    say(`${issuer.algorithm} heap ${(process.memoryUsage().heapUsed / 1_048_576).toFixed(1)} MB`)
  }
}

function readOptions(args: readonly string[]): Options | null {
  const usage = `npm run bench:verifier -- [--rounds 7] [--seconds 0.4] [--in-flight 1] [--only ${algorithms.join(',')}] [--quick] [--soak <seconds>]\n`
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        'in-flight': { type: 'string', default: '1' },
        only: { type: 'string', default: algorithms.join(',') },
        quick: { type: 'boolean', default: false },
        soak: { type: 'string', default: '0' },
      },
    })
    const chosen = algorithms.filter((name) => values.only.split(',').includes(name))
    const [rounds, seconds] = values.quick ? ['3', '0.15'] : ['7', '0.4']
    const numbers = [values.rounds ?? rounds, values.seconds ?? seconds, values['in-flight']].map(Number)
    const [roundCount = 0, length = 0, inFlight = 0] = numbers
    const soakSeconds = Number(values.soak)
    if (chosen.length === 0 || !numbers.every((number) => number > 0) || !(soakSeconds >= 0)) throw new RangeError()
    return { rounds: roundCount, seconds: length, inFlight, algorithms: chosen, soakSeconds }
  } catch {
    process.stderr.write(usage)
    return null
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
