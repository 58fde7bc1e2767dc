// Where the time of an operation goes: a CPU profile of the server, summed by what the code belongs to.
import { readFileSync } from 'node:fs'
import { measure } from './measure.ts'
import type { OperationName, Worker } from './operations.ts'
import type { Peer } from './peers.ts'
import { peerWords } from './peers.ts'
import { printTable } from './report.ts'

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Warms up, profiles one operation, prints the shares (the profiler doubles the CPU time); the profile stays for a viewer. */
export async function profilePeer(
  peer: Peer,
  workers: readonly Worker[],
  operation: OperationName,
  seconds: number,
): Promise<void> {
  await measure(peer, workers, operation, 1.5)
  await peer.ask('profile')
  const { rate, cpuMicroseconds } = await measure(peer, workers, operation, seconds)
  const file = String(await peer.ask('profiled'))
  const profile: Profile = JSON.parse(readFileSync(file, 'utf8'))
  const facts = `${rate.toFixed(0)}/s, ${cpuMicroseconds.toFixed(0)} µs with the profiler on`
  process.stdout.write(`\n${peerWords[peer.name]}, ${operation}: ${facts}; ${file}\n`)
  const selfTimes = selfTimesOf(profile)
  const total = [...selfTimes].reduce((sum, [frame, time]) => (isIdle(frame) ? sum : sum + time), 0)
  const written = (time: number) => `${((time / total) * 100).toFixed(1)} %`
  printTable(
    ['belongs to', 'share'],
    top(selfTimes, owner, 24).map(([name, time]) => [name, written(time)]),
  )
  printTable(
    ['function', 'share'],
    top(selfTimes, place, 40).map(([name, time]) => [name, written(time)]),
  )
}

/** Self times; native code counts for the JavaScript that called it, under its own name. */
function selfTimesOf({ nodes, samples, timeDeltas }: Profile): Map<Frame, number> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  for (const { id: parent, callFrame, children = [] } of nodes) {
    for (const id of children) {
      const child = frames.get(id)
      // Nodes come before their children, so a native caller has been resolved already.
      const caller = frames.get(parent) ?? callFrame
      if (child === undefined || child.url !== '' || caller.url === '') continue
      frames.set(id, { ...caller, functionName: `${child.functionName || '(native)'} in ${caller.functionName}` })
    }
  }
  const times = new Map<Frame, number>()
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    if (frame !== undefined) times.set(frame, (times.get(frame) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return times
}

function top(times: Map<Frame, number>, name: (frame: Frame) => string, count: number): [string, number][] {
  const sums = new Map<string, number>()
  for (const [frame, time] of times) if (!isIdle(frame)) sums.set(name(frame), (sums.get(name(frame)) ?? 0) + time)
  return [...sums].sort(([, one], [, other]) => other - one).slice(0, count)
}

// The profiler's own time is nobody's.
function isIdle({ functionName, url }: Frame): boolean {
  return functionName === '(idle)' || functionName === '(root)' || url === 'node:inspector'
}

function owner({ functionName, url }: Frame): string {
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(program)') return 'native code without a frame (system calls, thread pool hand-over)'
  const pack = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (pack !== undefined) return pack
  const room = /\/src\/([^/]+)/.exec(url)?.[1]
  if (room !== undefined) return `ours: ${room.replace(/\.ts$/, '')}`
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/')
  return url === '' ? `native: ${functionName}` : url
}

function place({ functionName, url, lineNumber }: Frame): string {
  const short = url.replace(/^.*\/(?:node_modules|src)\//, '')
  return `${functionName || '(anonymous)'} ${short}${url === '' ? '' : `:${lineNumber + 1}`}`
}
