import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { loadOrCreateSecrets } from '../../src/config/secrets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const config = () => loadConfig({ SALLYPORT_DATA_DIR: join(folder, 'data') })

describe('the generated secret', () => {
  it('is made once, of 32 bytes, in a file for this user alone', () => {
    const [secret] = loadOrCreateSecrets(config())
    expect(secret).toHaveLength(32)
    expect(statSync(join(folder, 'data', 'secret')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
    expect(loadOrCreateSecrets(config())).toEqual([secret])
    expect(readdirSync(join(folder, 'data'))).toEqual(['secret'])
  })

  it('is not made when a secret is set', () => {
    const set = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 3)).toString('base64url')
    const given = loadConfig({ SALLYPORT_DATA_DIR: join(folder, 'data'), SALLYPORT_SECRET: set })
    expect(loadOrCreateSecrets(given)).toHaveLength(1)
    expect(readdirSync(folder)).toEqual([])
  })

  it('that was damaged is refused, not replaced', () => {
    const first = config()
    loadOrCreateSecrets(first)
    const file = join(folder, 'data', 'secret')
    writeFileSync(file, 'half\n')
    expect(() => loadOrCreateSecrets(first)).toThrow(/holds no usable secret/)
    expect(readFileSync(file, 'utf8')).toBe('half\n')
  })

  it('is one for processes that start at once', async () => {
    const script = `
      import { loadConfig } from ${JSON.stringify(join(import.meta.dirname, '../../src/config/load.ts'))}
      import { loadOrCreateSecrets } from ${JSON.stringify(join(import.meta.dirname, '../../src/config/secrets.ts'))}
      const [secret] = loadOrCreateSecrets(loadConfig({ SALLYPORT_DATA_DIR: ${JSON.stringify(join(folder, 'data'))} }))
      process.stdout.write(Buffer.from(secret).toString('base64url'))`
    const made = await Promise.all(Array.from({ length: 4 }, () => output(script)))
    expect(made[0]).toHaveLength(43)
    expect(new Set(made).size).toBe(1)
  })
})

async function output(script: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await once(child, 'close')
  return text
}
