import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from './config.ts'
import type { Fault } from './faults.ts'
import { prefix } from './schema.ts'

/** Faults of the folders that this configuration will write to; looks only, makes nothing. */
export function dataDirFaults(config: Config): Fault[] {
  return writtenFolders(config).flatMap(({ path, name }) => {
    const problem = folderProblem(path)
    return problem === undefined
      ? []
      : [{ name, problem, cure: 'name a folder that this user may write, or give it to this user' }]
  })
}

/** Makes the folders that this configuration writes to, for this user alone (0700), where they are missing. */
export function makeDataDir(config: Config): void {
  for (const { path } of writtenFolders(config)) mkdirSync(path, { recursive: true, mode: 0o700 })
}

// With a secret of one's own and PostgreSQL nothing is written, so the folder need not even exist.
function writtenFolders({ dataDir, database, secrets }: Config): { path: string; name: string }[] {
  const folders = secrets === undefined ? [{ path: dataDir, name: `${prefix}DATA_DIR` }] : []
  if (database.kind === 'postgresql') return folders
  const path = dirname(database.file)
  return path === dataDir
    ? [{ path, name: `${prefix}DATA_DIR` }]
    : [...folders, { path, name: `${prefix}DATABASE_URL` }]
}

function folderProblem(path: string): string | undefined {
  let existing = path
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  if (!statSync(existing).isDirectory()) return `${existing} is no folder`
  try {
    accessSync(existing, constants.W_OK | constants.X_OK)
    return undefined
  } catch {
    return `the folder ${existing} cannot be written by this user`
  }
}
