import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/faults.ts'
import { limitTable } from '../../src/config/limit-table.ts'
import { loadConfig } from '../../src/config/load.ts'
import { describeConfig } from '../../src/config/print.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-limits-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function load(yaml: string, env: Readonly<Record<string, string>> = {}) {
  const path = join(folder, 'sallyport.yaml')
  writeFileSync(path, yaml)
  return loadConfig({ SALLYPORT_DATA_DIR: folder, SALLYPORT_CONFIG: path, ...env })
}

function faultsOf(yaml: string): readonly string[] {
  try {
    load(yaml)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ name, problem }) => `${name} ${problem}`)
    throw error
  }
  return []
}

describe('limits in the file', () => {
  it('change what they name, and nothing else', () => {
    const { limits } = load(`
limits:
  registration: { address: { points: 10, window_seconds: 3600 }, everyone: off }
  console: off
`)
    expect(limits.registration?.by).toEqual({ address: { points: 10, windowSeconds: 3600 } })
    expect(limits.registration?.counted).toBe('together')
    expect(limits.console).toBeUndefined()
    expect(limits.token).toEqual(limitTable.token)
  })

  it('without the file the table counts', () => {
    expect(loadConfig({ SALLYPORT_DATA_DIR: folder }).limits).toEqual(limitTable)
  })

  it.each([
    ['limits: { tokens: off }', 'limits.tokens'],
    ['limits: { token: { adress: off } }', 'limits.token'],
    ['limits: { token: { client: off } }', 'limits.token'],
    ['limits: { token: { address: { points: 0, window_seconds: 60 } } }', 'limits.token'],
    ['limits: { token: { address: { points: 5, window_seconds: 90000 } } }', 'limits.token'],
    ['limits: { token: { address: { points: 5 } } }', 'limits.token'],
    ['limits: { token: { address: 5 } }', 'limits.token'],
    ['limits: { token: on }', 'limits.token'],
    ['limits: off', 'limits'],
  ])('%s is refused by name', (yaml, place) => {
    const faults = faultsOf(yaml)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(`sallyport.yaml: ${place}`)
  })

  it('are printed as they count', () => {
    const printed = describeConfig(load('limits: { token: { address: { points: 7, window_seconds: 9 } } }'))
    expect(printed.limits).toMatchObject({ token: { by: { address: { points: 7, windowSeconds: 9 } } } })
    expect(describeConfig(load('', { SALLYPORT_RATE_LIMITS: 'off' })).limits).toBe('off')
  })
})
