// Fresh, migrated databases for tests.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { type Database, type DatabaseAddress, migrate, openDatabase } from '../../src/db/database.ts'
import { emptyPostgresUrl, freshPostgresUrl, recyclePostgresUrl } from './postgres.ts'

export type DatabaseKind = 'sqlite' | 'postgresql'

/** For `describe.each`: a conformance list runs on both; on SQLite alone where the code is mutated and the SQL is not. */
export const databaseKinds: readonly DatabaseKind[] =
  process.env.TEST_DATABASES === 'sqlite' ? ['sqlite'] : ['sqlite', 'postgresql']

let folder: string | undefined
afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true })
})

let template: Promise<string> | undefined
let count = 0

/**
 * The address of a fresh, migrated database: a copy of a file that was migrated once, or a database made from a
 * template. Files go when the test file is done.
 */
export async function freshDatabaseAddress(kind: DatabaseKind = 'sqlite'): Promise<DatabaseAddress> {
  if (kind === 'postgresql') return { kind, url: await freshPostgresUrl() }
  template ??= makeTemplate()
  const file = scratchFile()
  copyFileSync(await template, file)
  return { kind, file }
}

/** A path for a new SQLite file in a folder that goes when the test file is done. */
export function scratchFile(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'test-database-'))
  count += 1
  return join(folder, `${count}.db`)
}

/**
 * Opens a fresh, migrated database. Inside a test it is closed when the test ends; in `beforeAll` close it yourself.
 */
export async function openTestDatabase(kind: DatabaseKind = 'sqlite'): Promise<Database> {
  const address: DatabaseAddress =
    kind === 'postgresql' ? { kind, url: await emptyPostgresUrl() } : await freshDatabaseAddress(kind)
  const database = await openDatabase(address, { synchronous: 'NORMAL' })
  afterTest(async () => {
    await database.close()
    if (address.kind === 'postgresql') recyclePostgresUrl(address.url)
  })
  return database
}

/** Runs when the running test ends; outside of a test (in a hook) the caller cleans up. */
function afterTest(work: () => Promise<void>): void {
  try {
    onTestFinished(work)
  } catch {
    // Not inside a test: vitest says so by throwing.
  }
}

async function makeTemplate(): Promise<string> {
  const file = scratchFile()
  await migrate({ kind: 'sqlite', file })
  return file
}
