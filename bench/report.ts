// From samples to tables: medians and ranges of ratios within each round, never across rounds or runs.
import { type Goal, goals } from './goals.ts'
import type { Sample } from './measure.ts'
import { type OperationName, operationNames } from './operations.ts'
import { type PeerName, peerNames, peerWords } from './peers.ts'

/** One round: what each server did of each operation. */
export type Round = Map<OperationName, Map<PeerName, Sample>>

/** Median and range of paired ratios. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Prints what each server did, then each goal. */
export function printFindings(rounds: readonly Round[]): void {
  for (const operation of operationNames) printOperation(rounds, operation)
  say('\nGoals (design, section 7): median of the rates within each round, range in brackets')
  printTable(
    ['operation', 'compared', 'rate', 'CPU', 'least CPU', 'must hold', 'aim', 'verdict'],
    goals.flatMap((goal) => goalRow(rounds, goal)),
  )
}

function printOperation(rounds: readonly Round[], operation: OperationName): void {
  const rows = peerNames.flatMap((peer) => {
    const samples = rounds.flatMap((round) => round.get(operation)?.get(peer) ?? [])
    if (samples.length === 0) return []
    const rate = spread(samples.map((sample) => sample.rate))
    const cpu = spread(samples.map((sample) => sample.cpuMicroseconds))
    const busy = spread(samples.map((sample) => sample.busy))
    const ratios = pairs(rounds, operation, peer, 'bare')
    return [
      [
        peerWords[peer],
        rate.median.toFixed(0),
        `${cpu.median.toFixed(0)} (${cpu.least.toFixed(0)})`,
        `${(busy.median * 100).toFixed(0)} %`,
        peer === 'bare' ? '1' : written(ratios.rate),
        peer === 'bare' ? '1' : written(ratios.work),
        ratios.least === null ? '–' : ratios.least.toFixed(2),
      ],
    ]
  })
  if (rows.length === 0) return
  say(`\n${operation}`)
  printTable(['server', 'per second', 'CPU µs (least)', 'busy', 'rate / bare', 'bare CPU / CPU', 'least / least'], rows)
}

function goalRow(rounds: readonly Round[], goal: Goal): string[][] {
  const { rate, work, least } = pairs(rounds, goal.operation, goal.peer, goal.against)
  if (rate === null || work === null || least === null) return []
  const compared = `${peerWords[goal.peer]} : ${peerWords[goal.against]}`
  // The library on a map waits for nothing but its core. Where it did not have it, rates say more about the machine's other
  // work, which slows down most who also needs the disk, and only the CPU time can be judged.
  const disturbed = hadCore(rounds, goal.operation) < 0.85
  const judged = disturbed ? least : rate.median
  const word = judged >= goal.aim ? 'aim reached' : judged >= goal.must ? 'holds' : 'DOES NOT HOLD'
  const verdict = disturbed ? `${word} (by CPU: disturbed)` : word
  return [
    [
      goal.operation,
      compared,
      written(rate),
      written(work),
      least.toFixed(2),
      `≥ ${goal.must}`,
      `≥ ${goal.aim}`,
      verdict,
    ],
  ]
}

/** The share of its core that the library on a map had, 1 where it was not measured. */
function hadCore(rounds: readonly Round[], operation: OperationName): number {
  const shares = rounds.flatMap((round) => round.get(operation)?.get('bare')?.busy ?? [])
  return shares.length === 0 ? 1 : spread(shares).median
}

/** Ratios within rounds: of the rates, and of the CPU times turned over, so that more is better in both. */
function pairs(rounds: readonly Round[], operation: OperationName, peer: PeerName, against: PeerName) {
  const both = rounds.flatMap((round) => {
    const one = round.get(operation)?.get(peer)
    const other = round.get(operation)?.get(against)
    return one === undefined || other === undefined ? [] : [{ one, other }]
  })
  if (both.length === 0) return { rate: null, work: null, least: null }
  return {
    rate: spread(both.map(({ one, other }) => one.rate / other.rate)),
    work: spread(both.map(({ one, other }) => other.cpuMicroseconds / one.cpuMicroseconds)),
    // What others do on the machine can only add CPU time: the least of each is nearest to what it costs.
    least:
      Math.min(...both.map(({ other }) => other.cpuMicroseconds)) /
      Math.min(...both.map(({ one }) => one.cpuMicroseconds)),
  }
}

/** Median and range of some values; at least one. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2
  return { median, least: at(0), most: at(sorted.length - 1) }
}

function written(ratio: Spread | null): string {
  if (ratio === null) return '–'
  return `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`
}

/** Prints rows under their headings as a Markdown table. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  say(line(headings))
  say(line(widths.map((width) => '-'.repeat(width))))
  for (const row of rows) say(line(row))
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
