// What was found, as tables in the form of docs/benchmarks.md.
import type { ExportSample, PageSample } from './listings-measure.ts'
import type { Sample } from './measure.ts'
import type { OperationName } from './operations.ts'

/** Pages on an empty and on a full database. */
export function printPages(pages: ReadonlyMap<string, readonly [PageSample[], PageSample[]]>): void {
  say('| page | empty p50, p95 | full p50, p95 | full : empty, p50 | CPU empty | CPU full | full : empty, CPU |')
  say('| --- | --- | --- | --- | --- | --- | --- |')
  for (const [name, [bare, used]] of pages) {
    const [few, many] = [bare, used].map((samples) => samples.flatMap(({ milliseconds }) => milliseconds))
    const [fewCpu, manyCpu] = [bare, used].map((samples) =>
      quantile(
        samples.map((one) => one.cpuMilliseconds),
        0.5,
      ),
    )
    const ratio = quantile(many, 0.5) / quantile(few, 0.5)
    const cpu = `${shown(fewCpu)} ms | ${shown(manyCpu)} ms | ${shown((manyCpu ?? 0) / (fewCpu ?? 1))}`
    say(`| ${name} | ${two(few)} | ${two(many)} | ${shown(ratio)} | ${cpu} |`)
  }
}

/** The file of events. */
export function printExport({ bytes, milliseconds, cpuMilliseconds, othersWaited }: ExportSample): void {
  const megabytes = bytes / 1_000_000
  const cost = `${shown(cpuMilliseconds / megabytes)} ms of CPU and ${shown(milliseconds / megabytes)} ms each`
  say(`\nExport, first ${megabytes.toFixed(1)} MB: ${cost}; other requests waited ${shown(othersWaited)} ms at most`)
}

/** CPU time of one token operation, the least and the median of the rounds. */
export function printOperations(operations: ReadonlyMap<OperationName, readonly Sample[][]>): void {
  say('\n| operation | CPU empty, median (least) | CPU full | full : empty, median | least |')
  say('| --- | --- | --- | --- | --- |')
  for (const [name, parties] of operations) {
    const [bare, used] = parties.map((samples) => samples.map(({ cpuMicroseconds }) => cpuMicroseconds))
    const median = quantile(used, 0.5) / quantile(bare, 0.5)
    const least = quantile(used, 0) / quantile(bare, 0)
    say(`| ${name} | ${times(bare)} | ${times(used)} | ${median.toFixed(2)} | ${least.toFixed(2)} |`)
  }
}

function times(values: readonly number[] = []): string {
  return `${Math.round(quantile(values, 0.5))} (${Math.round(quantile(values, 0))}) µs`
}

function two(values: readonly number[] = []): string {
  return `${shown(quantile(values, 0.5))}, ${shown(quantile(values, 0.95))} ms`
}

function quantile(values: readonly number[] = [], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

function shown(value = Number.NaN): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
