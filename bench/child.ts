// The measured side of the wire between the driver and its servers: each server is a process of its own.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Target } from './operations.ts'

/** What the driver asks of a server process. */
export interface Question {
  readonly id: number
  readonly what: 'usage' | 'settle' | 'profile' | 'profiled' | 'stop'
}

/** The first message: it listens. */
export interface Ready {
  readonly ready: Target
}

/** Everything else. */
export interface Reply {
  readonly id: number
  readonly value: unknown
}

/** What a server can do beside answering HTTP. */
export interface ChildActions {
  /** Carries out what it still owes: the work that a request has left for later belongs to the request. */
  settle?(): Promise<void>
  close?(): Promise<void>
}

/** Tells the driver that this server listens, and answers its questions. */
export function answerDriver(target: Target, { settle, close }: ChildActions = {}): void {
  const inspector = new Session()

  async function answer({ what }: Question): Promise<unknown> {
    switch (what) {
      case 'usage':
        return process.cpuUsage()
      case 'settle':
        return settle?.()
      case 'profile':
        inspector.connect()
        await inspector.post('Profiler.enable')
        await inspector.post('Profiler.setSamplingInterval', { interval: 200 })
        return inspector.post('Profiler.start')
      case 'profiled': {
        const { profile } = await inspector.post('Profiler.stop')
        inspector.disconnect()
        const file = join(tmpdir(), `bench-${process.pid}-${Date.now()}.cpuprofile`)
        writeFileSync(file, JSON.stringify(profile))
        return file
      }
      case 'stop':
        await close?.()
        return undefined
    }
  }

  process.on('message', (question: Question) => {
    answer(question).then(
      (value) => {
        const reply: Reply = { id: question.id, value }
        process.send?.(reply)
        if (question.what === 'stop') process.disconnect()
      },
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
  // The driver is gone, also when it was killed.
  process.on('disconnect', () => process.exit(0))
  const ready: Ready = { ready: target }
  process.send?.(ready)
}

/** A value that the driver has put into the environment of this process. */
export function given(name: string): string {
  const value = process.env[`BENCH_${name}`]
  if (value === undefined) throw new Error(`BENCH_${name} is missing: this file is started by bench/run.ts`)
  return value
}
