// Runs after every install: generates both database clients and builds the verifier package.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { verifierProjects } from './compile.ts'

const root = join(import.meta.dirname, '..')
const bin = join(root, 'node_modules', '.bin')

// An install without development tools runs from a build that was made elsewhere: nothing to prepare.
const hasTools = existsSync(join(bin, 'prisma')) && existsSync(join(bin, 'tsc'))
process.exitCode = hasTools ? main() : 0

function main(): number {
  for (const provider of ['sqlite', 'postgresql']) {
    // A model that was removed must not live on.
    rmSync(join(root, 'src/db/generated', provider), { recursive: true, force: true })
    if (!succeeds('prisma', ['generate', '--schema', `prisma/${provider}`])) return 1
  }
  if (!existsSync(join(root, 'verifier/tsconfig.json'))) return 0
  rmSync(join(root, 'verifier/dist'), { recursive: true, force: true })
  return verifierProjects.every((project) => succeeds('tsc', ['-p', project])) ? 0 : 1
}

/** Runs a tool of ours quietly; what it says is shown when it fails. */
function succeeds(tool: string, args: readonly string[]): boolean {
  const run = spawnSync(join(bin, tool), args, {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${bin}:${process.env.PATH ?? ''}`,
      // The tool insists on an engine binary that it never runs for `generate`; any executable satisfies it.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      // No question to the outside whether there is a newer version.
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
  if (run.status === 0) return true
  process.stderr.write(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ? `${run.error.message}\n` : ''}`)
  return false
}
