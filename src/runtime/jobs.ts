import type { Logger } from './logger.ts'

/** Periodic work of this process, by name. */
export interface Jobs {
  /** Runs `run` every so many seconds, the first time after one period. A name can be taken once. */
  every(name: string, seconds: number, run: () => Promise<void>): void
  /** Runs the job now, or joins the run in progress. A fault is logged, not thrown. */
  runNow(name: string): Promise<void>
  /** Starts no run any more and waits for those in progress. */
  stop(): Promise<void>
}

interface Job {
  readonly run: () => Promise<void>
  readonly timer: NodeJS.Timeout
  running: Promise<void> | undefined
}

/**
 * Makes the table of periodic jobs. A job never runs twice at once in this process, its timer keeps no process alive,
 * and a fault is logged and does not end the series. Jobs of several processes must agree in the database, not here.
 */
export function createJobs(logger: Pick<Logger, 'error' | 'debug'>): Jobs {
  const jobs = new Map<string, Job>()
  let stopped = false

  function start(name: string, job: Job): Promise<void> {
    if (stopped) return Promise.resolve()
    job.running ??= carryOut(name, job).finally(() => {
      job.running = undefined
    })
    return job.running
  }

  async function carryOut(name: string, job: Job): Promise<void> {
    try {
      await job.run()
      logger.debug({ job: name }, 'job done')
    } catch (error) {
      logger.error({ job: name, err: error }, 'job failed')
    }
  }

  return {
    every(name, seconds, run) {
      if (jobs.has(name)) throw new Error(`a job named ${name} exists already`)
      const timer = setInterval(() => {
        const job = jobs.get(name)
        if (job !== undefined) void start(name, job)
      }, seconds * 1000)
      timer.unref()
      jobs.set(name, { run, timer, running: undefined })
    },
    async runNow(name) {
      const job = jobs.get(name)
      if (job === undefined) throw new Error(`there is no job named ${name}`)
      await start(name, job)
    },
    async stop() {
      stopped = true
      for (const job of jobs.values()) clearInterval(job.timer)
      await Promise.all([...jobs.values()].map((job) => job.running))
    },
  }
}
