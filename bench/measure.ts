// One measurement: all connections in a closed loop for a while, the server's CPU time before and after.
import { type OperationName, operations, type Worker } from './operations.ts'
import type { Peer } from './peers.ts'

/** What one measurement found. */
export interface Sample {
  /** Operations per second of wall time, what the server still owed at the end included. */
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
  await Promise.all(
    workers.map(async (worker) => {
      while (performance.now() < deadline) {
        await operation(target, worker)
        count += 1
      }
    }),
  )
  for (const { connection } of workers) connection.close()
  await peer.ask('settle')
  const elapsed = performance.now() - startedAt
  const cpu = (await peer.cpuMicroseconds()) - cpuBefore
  return { rate: (count / elapsed) * 1000, cpuMicroseconds: cpu / count, busy: cpu / 1000 / elapsed }
}
