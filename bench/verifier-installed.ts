// What each weighs on disk with all that it needs, and how long a process takes that loads it and does nothing else.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { printTable, spread } from './report.ts'

const root = join(import.meta.dirname, '..')
const peers = join(import.meta.dirname, 'peers')

interface Installed {
  readonly name: string
  /** Where each is found, and what is loaded. */
  readonly packages: readonly (readonly [name: string, from: string])[]
}

const installed: readonly Installed[] = [
  { name: 'ours', packages: [['@sallyport/verifier', root]] },
  { name: 'jose', packages: [['jose', root]] },
  { name: 'fast-jwt', packages: [['fast-jwt', peers]] },
  { name: 'aws-jwt-verify', packages: [['aws-jwt-verify', peers]] },
  {
    name: 'jsonwebtoken + jwks-rsa',
    packages: [
      ['jsonwebtoken', peers],
      ['jwks-rsa', peers],
    ],
  },
  { name: 'express-oauth2-jwt-bearer', packages: [['express-oauth2-jwt-bearer', peers]] },
  {
    name: 'MCP SDK 1.x + jose',
    packages: [
      ['@modelcontextprotocol/sdk', root],
      ['jose', root],
    ],
  },
]

/** Measures and prints. The MCP SDK is loaded by its bearer middleware alone. */
export function measureInstalled(rounds: number): void {
  const bare: number[] = []
  const starts = new Map<string, number[]>(installed.map(({ name }) => [name, []]))
  for (let round = 0; round < Math.max(3, rounds); round += 1) {
    bare.push(startMilliseconds([]))
    for (const { name, packages } of installed) starts.get(name)?.push(startMilliseconds(packages))
  }
  const nothing = spread(bare).median
  process.stdout.write(`\nInstalled; start over a bare process (${nothing.toFixed(0)} ms)\n`)
  printTable(
    ['verifier', 'KiB on disk', 'packages', 'start, ms'],
    installed.map(({ name, packages }) => {
      const folders = new Set<string>()
      for (const [one, from] of packages) collect(one, from, folders)
      const bytes = [...folders].reduce((sum, folder) => sum + sizeOf(folder), 0)
      const start = spread(starts.get(name) ?? []).median - nothing
      return [name, (bytes / 1024).toFixed(0), String(folders.size), start.toFixed(0)]
    }),
  )
}

/** Adds the folders of a package and of all that it depends on. */
function collect(name: string, from: string, folders: Set<string>): void {
  const folder = findPackage(name, from)
  if (folder === undefined || folders.has(folder)) return
  folders.add(folder)
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const dependency of Object.keys(dependencies)) collect(dependency, folder, folders)
}

function findPackage(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(folder)) return realpathSync(folder)
    if (at === dirname(at)) return undefined
  }
}

// What npm would put on disk: of our own package what it publishes, of the others everything but what is theirs to depend on.
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && !join(entry.parentPath, entry.name).slice(folder.length).includes('node_modules'),
    )
    .filter(
      (entry) =>
        folder !== join(root, 'verifier') ||
        !/^src\b|^tsconfig/.test(join(entry.parentPath, entry.name).slice(folder.length + 1)),
    )
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

const entries: Readonly<Record<string, string>> = {
  '@modelcontextprotocol/sdk': '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js',
}

function startMilliseconds(packages: Installed['packages']): number {
  const loads = packages.map(
    ([name, from]) =>
      `await import((await import('node:module')).createRequire(${JSON.stringify(pathToFileURL(join(from, 'x.js')).href)}).resolve(${JSON.stringify(entries[name] ?? name)}))`,
  )
  const before = performance.now()
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', loads.join('\n')])
  if (status !== 0) throw new Error(String(stderr))
  return performance.now() - before
}
