import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../src/runtime/app-error.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { createJobs } from '../../src/runtime/jobs.ts'
import { createLogger } from '../../src/runtime/logger.ts'

afterEach(() => {
  vi.useRealTimers()
})

function collect(level: 'info' | 'error' = 'info', pretty = false) {
  const lines: string[] = []
  const logger = createLogger({ level, pretty, destination: { write: (line) => lines.push(line) } })
  return { logger, lines }
}

describe('clock', () => {
  it('is moved by fake timers for Date alone', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2030-01-02T03:04:05Z') })
    expect(systemClock.now().toISOString()).toBe('2030-01-02T03:04:05.000Z')
  })
})

describe('log', () => {
  it('is one JSON object a line, with the level as a word and an ISO time', () => {
    const { logger, lines } = collect()
    logger.info({ route: '/token', status: 200 }, 'request')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      route: '/token',
      status: 200,
      msg: 'request',
      time: expect.stringMatching(/Z$/),
    })
    expect(lines[0]?.endsWith('\n')).toBe(true)
  })

  it('writes nothing below its level', () => {
    const { logger, lines } = collect('error')
    logger.info('quiet')
    expect(lines).toEqual([])
  })

  const canary = 'canary-3a9f0c71d5e24b68'
  const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.${canary}`
  it.each<[string, Record<string, unknown> | Error, string?]>([
    ['a member', { access_token: canary }],
    ['a member in another spelling', { 'Set-Cookie': [canary], refreshToken: canary, client_secret: canary }],
    [
      'a member deep inside',
      { request: { headers: { authorization: canary, cookie: canary } }, list: [{ password: canary }] },
    ],
    ['a map', { data: new Map([['token', canary]]) }],
    ['an address', { url: `https://a.example/cb?state=${canary}&code=${canary}#x` }],
    ['a message', {}, `got Bearer ${canary} from somebody`],
    ['a signed token in a message', {}, `token ${jwt} is bad`],
    ['a setup link', { url: `http://localhost:8414/setup/${canary}` }],
    ['an error with its message', new Error(`at https://a.example/?code=${canary}`)],
    [
      'an error with its members and cause',
      Object.assign(new Error('x', { cause: Object.assign(new Error('y'), { token: canary }) }), { secret: canary }),
    ],
    ['bytes', { key: new TextEncoder().encode(canary) }],
  ])('does not tell a secret in %s (K12)', (_where, object, message) => {
    const { logger, lines } = collect()
    logger.error(object, message)
    logger.child({ part: 'x' }).error({ err: object }, message)
    expect(lines).toHaveLength(2)
    expect(lines.join('')).not.toContain(canary)
  })

  it('keeps what is no secret, and a cycle does not stop it', () => {
    const { logger, lines } = collect()
    const round: Record<string, unknown> = { name: 'a', at: new Date(0) }
    round.self = round
    logger.info({ round, none: null, code: 'invalid_grant' })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      none: null,
      code: 'invalid_grant',
      round: { name: 'a', at: '1970-01-01T00:00:00.000Z' },
    })
  })

  it('is readable at a terminal, without secrets all the same', () => {
    const { logger, lines } = collect('info', true)
    logger.warn({ token: canary, client: 'abc' }, 'look here')
    expect(lines.join('')).toContain('look here')
    expect(lines.join('')).not.toContain(canary)
    expect(() => JSON.parse(lines.join(''))).toThrow()
  })
})

describe('errors for people', () => {
  it('carry code, status, words, details for the log and cause', () => {
    const cause = new Error('below')
    const error = new AppError('busy', 503, 'try again in a moment', { log: { waiting: 64 }, cause })
    expect(error).toMatchObject({
      name: 'AppError',
      code: 'busy',
      status: 503,
      message: 'try again in a moment',
      log: { waiting: 64 },
      cause,
    })
  })
})

describe('jobs', () => {
  it('run by their period, and never twice at once', async () => {
    vi.useFakeTimers()
    const jobs = createJobs(collect().logger)
    const gate = Promise.withResolvers<void>()
    const run = vi.fn(() => gate.promise)
    jobs.every('sweep', 60, run)
    expect(run).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(180_000)
    expect(run).toHaveBeenCalledTimes(1)
    const joined = jobs.runNow('sweep')
    expect(run).toHaveBeenCalledTimes(1)
    gate.resolve()
    await joined
    await vi.advanceTimersByTimeAsync(60_000)
    expect(run).toHaveBeenCalledTimes(2)
    await jobs.stop()
  })

  it('a fault is logged and does not end the series', async () => {
    const { logger, lines } = collect('error')
    const jobs = createJobs(logger)
    let runs = 0
    jobs.every('flaky', 60, async () => {
      runs += 1
      throw new Error('no luck')
    })
    await jobs.runNow('flaky')
    await jobs.runNow('flaky')
    expect(runs).toBe(2)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('no luck')
    await jobs.stop()
  })

  it('stopping waits for the run in progress and starts no other', async () => {
    const jobs = createJobs(collect().logger)
    const gate = Promise.withResolvers<void>()
    let ended = false
    let runs = 0
    jobs.every('slow', 60, async () => {
      runs += 1
      await gate.promise
      ended = true
    })
    void jobs.runNow('slow')
    const stopped = jobs.stop()
    gate.resolve()
    await stopped
    expect(ended).toBe(true)
    await jobs.runNow('slow')
    expect(runs).toBe(1)
  })

  it('a name can be taken once, and must exist', async () => {
    const jobs = createJobs(collect().logger)
    jobs.every('one', 60, async () => {})
    expect(() => jobs.every('one', 60, async () => {})).toThrow(/exists already/)
    await expect(jobs.runNow('two')).rejects.toThrow(/no job named two/)
    await jobs.stop()
  })
})
