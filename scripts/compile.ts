// Shared by start, build and test: is `dist` younger than everything it is made from, and how it is made.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const sources = [
  'src',
  'prisma/models',
  'prisma/sqlite/schema.prisma',
  'prisma/postgresql/schema.prisma',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
]
/** How the verifier is compiled: first what runs, without the comments, then its types, with them, as an editor shows these alone. */
export const verifierProjects = ['verifier/tsconfig.json', 'verifier/tsconfig.types.json'] as const
const verifierSources = ['verifier/src', 'verifier/package.json', ...verifierProjects]

/** True when there is a build and no source is younger than it. */
export function isCompiled(): boolean {
  return isYoungerThan('dist/main.js', sources) && isYoungerThan('verifier/dist/index.d.ts', verifierSources)
}

/** Generates the database clients when they are missing, compiles the server into `dist` and the verifier into its own. */
export function compile(): void {
  if (!existsSync(join(root, 'src/db/generated/sqlite')) || !existsSync(join(root, 'src/db/generated/postgresql'))) {
    execFileSync(process.execPath, ['scripts/prepare.ts'], { cwd: root, stdio: 'inherit', env: scriptEnvironment() })
  }
  // A file that was renamed must not live on in `dist`.
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  rmSync(join(root, 'verifier/dist'), { recursive: true, force: true })
  try {
    tsc('tsconfig.build.json')
    verifierProjects.forEach(tsc)
  } catch (error) {
    // Half a build must not pass for a whole one at the next start.
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    throw error
  }
  // npx sets the bit once; a file that was written anew has lost it.
  chmodSync(join(root, 'dist/cli/main.js'), 0o755)
}

/** The environment of npm scripts, also when the script was started without npm: our own `node` and tools come first. */
export function scriptEnvironment(): NodeJS.ProcessEnv {
  const bin = join(root, 'node_modules', '.bin')
  return { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` }
}

function tsc(project: string): void {
  execFileSync('tsc', ['-p', project], { cwd: root, stdio: 'inherit', env: scriptEnvironment() })
}

function isYoungerThan(product: string, of: readonly string[]): boolean {
  const file = join(root, product)
  if (!existsSync(file)) return false
  const made = statSync(file).mtimeMs
  return of.every((source) => newest(join(root, source)) <= made)
}

function newest(path: string): number {
  if (!existsSync(path)) return 0
  const info = statSync(path)
  if (!info.isDirectory()) return info.mtimeMs
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
