// One measurement: all connections in a closed loop for a while, the server's CPU time before and after.
import { type OperationName, operations, type Worker } from './operations.ts'
import type { Peer } from './peers.ts'

/** What one measurement found. */
export interface Sample {
  /** Operations per second of wall time, with the CPU time of what the server still owed at the end. */
  readonly rate: number
  /** The server's CPU time for one operation, user and system, in microseconds. */
  readonly cpuMicroseconds: number
  /** Share of the wall time in which the server was on its core; well below 1: it waited for disk, database or driver. */
  readonly busy: number
}

/** Measures one operation on one server. @throws Error at the first answer that is not as it should be */
export async function measure(
  peer: Peer,
  workers: readonly Worker[],
  name: OperationName,
  seconds: number,
): Promise<Sample> {
  const operation = operations[name]
  const { target } = peer
  const cpuBefore = await peer.cpuMicroseconds()
  const startedAt = performance.now()
  const deadline = startedAt + seconds * 1000
  let count = 0
  let running = true
  // A driver that sleeps between answers makes the server pay for waking another core up, the more the slower it answers.
  const stayAwake = () => void (running && setImmediate(stayAwake))
  stayAwake()
  await Promise.all(
    workers.map(async (worker) => {
      while (performance.now() < deadline) {
        await operation(target, worker)
        count += 1
      }
    }),
  )
  const elapsed = performance.now() - startedAt
  running = false
  for (const { connection } of workers) connection.close()
  const cpuAtEnd = await peer.cpuMicroseconds()
  await peer.ask('settle')
  const cpuSettled = await peer.cpuMicroseconds()
  // What is owed costs the CPU that would have served others; its waiting for the disk would have overlapped with them.
  const whole = elapsed + (cpuSettled - cpuAtEnd) / 1000
  const cpu = cpuSettled - cpuBefore
  return { rate: (count / whole) * 1000, cpuMicroseconds: cpu / count, busy: cpu / 1000 / whole }
}
