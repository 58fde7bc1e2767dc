import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { makeDataDir } from './data-dir.ts'
import { readSecretFile } from './environment.ts'
import { ConfigError } from './faults.ts'
import { prefix } from './schema.ts'
import { secretProblem } from './setting-types.ts'

/**
 * The secrets of this server: those of the settings, or the one in the data folder, which the first start makes.
 *
 * @returns first seals and signs, all open
 * Writes `secret` (mode 0600) into the data folder when neither exists. Processes that start at once agree on one.
 * @throws ConfigError when the file cannot be read or made, or holds no proper secret
 */
export function loadOrCreateSecrets(config: Config): readonly Uint8Array[] {
  if (config.secrets !== undefined) return config.secrets
  makeDataDir(config)
  const file = join(config.dataDir, 'secret')
  const text = readSecret(file) ?? createSecret(file)
  const parts = text.split(',')
  const problem = parts.map(secretProblem).find((found) => found !== undefined)
  if (problem !== undefined) throw unusable(file, problem)
  return parts.map((part) => new Uint8Array(Buffer.from(part, 'base64url')))
}

function readSecret(file: string): string | undefined {
  try {
    return readSecretFile(file)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw unusable(file, error instanceof Error ? error.message : String(error))
  }
}

// Written beside and then linked: a link appears whole or not at all and never replaces what is there, so of two processes
// that start at once one makes the secret, and the other never reads half of it.
function createSecret(file: string): string {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const text = randomBytes(32).toString('base64url')
  try {
    const handle = openSync(draft, 'wx', 0o600)
    writeSync(handle, `${text}\n`)
    // A power cut after the first sealed row must not take the key away from it.
    fsyncSync(handle)
    closeSync(handle)
    linkSync(draft, file)
    return text
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return readSecretFile(file)
    throw unusable(file, error instanceof Error ? error.message : String(error))
  } finally {
    rmSync(draft, { force: true })
  }
}

function unusable(file: string, problem: string): ConfigError {
  const cure = `restore the file from a backup, or set ${prefix}SECRET; without the old secret, sealed keys cannot be opened`
  return new ConfigError([{ name: file, problem: `holds no usable secret (${problem})`, cure }])
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
