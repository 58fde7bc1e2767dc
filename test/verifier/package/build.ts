// The package as it would be published: its own compile, its own folder, what `files` names and nothing else.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifierProjects } from '../../../scripts/compile.ts'

export const root = join(import.meta.dirname, '..', '..', '..')
const verifier = join(root, 'verifier')

/** A place where the package is installed. */
export interface BuiltPackage {
  /** A project that has the package, and all else that this repository has. */
  readonly project: string
  /** The package itself. */
  readonly folder: string
  readonly subpaths: readonly string[]
  remove(): void
}

/** Compiles the package into a temporary project. */
export function buildPackage(): BuiltPackage {
  const project = mkdtempSync(join(tmpdir(), 'verifier-package-'))
  const folder = join(project, 'node_modules', '@sallyport', 'verifier')
  mkdirSync(folder, { recursive: true })
  for (const project of verifierProjects) run('tsc', ['-p', project, '--outDir', join(folder, 'dist')])
  for (const file of ['package.json', 'README.md', 'LICENSE']) cpSync(join(verifier, file), join(folder, file))
  const others = ['jose', 'express', 'koa', 'hono', 'fastify', '@modelcontextprotocol', '@types', 'zod']
  for (const name of others) symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }\n')
  // Parse boundary: a file of ours.
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { exports: object }
  return {
    project,
    folder,
    subpaths: Object.keys(exports).map((path) => path.replace(/^\.\/?/, '')),
    remove: () => rmSync(project, { recursive: true, force: true }),
  }
}

/** Runs a tool of this repository. @returns what it printed. @throws Error with what it said, when it fails */
export function run(tool: string, args: readonly string[], cwd = root): string {
  const file = tool === 'node' ? process.execPath : join(root, 'node_modules', '.bin', tool)
  try {
    return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const said =
      error instanceof Error && 'stdout' in error && 'stderr' in error ? `${error.stdout}${error.stderr}` : ''
    throw new Error(`${tool} ${args.join(' ')}\n${said}`, { cause: error })
  }
}
