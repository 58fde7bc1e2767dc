// `npm run test:runtimes [-- node24 node22 deno bun workerd]`: the vectors of the verifier on other runtimes. Outside the suite, because the
// runtimes are half a gigabyte; they are packages, installed here on the first run.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const here = import.meta.dirname
const root = join(here, '..', '..', '..')
const bin = join(here, 'node_modules', '.bin')
const main = 'test/verifier/vectors/main.ts'

/** What runs the table, by name. */
const runtimes: Readonly<Record<string, () => readonly string[]>> = {
  node24: () => [process.execPath, main],
  node22: () => [join(bin, 'node'), main],
  deno: () => [join(bin, 'deno'), 'run', '--no-lock', '--node-modules-dir=manual', '--allow-read', main],
  bun: () => [join(bin, 'bun'), main],
  workerd: () => [join(bin, 'workerd'), 'test', bundleForWorkerd()],
}

const folder = mkdtempSync(join(tmpdir(), 'verifier-runtimes-'))
try {
  process.exitCode = runAll(process.argv.slice(2))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function runAll(names: readonly string[]): number {
  const unknown = names.filter((name) => !Object.hasOwn(runtimes, name))
  if (unknown.length > 0) {
    process.stderr.write(`unknown: ${unknown.join(', ')}; there are ${Object.keys(runtimes).join(', ')}\n`)
    return 2
  }
  if (!existsSync(bin)) install()
  const outcomes = Object.entries(runtimes)
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([name, command]) => run(name, command()))
  return outcomes.every((holds) => holds) ? 0 : 1
}

// Exact versions, each with one package for this machine: a lock would have to name those of every other machine, and `npm ci` refuses one
// that does not.
function install(): void {
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund']
  execFileSync('npm', args, { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] })
}

function run(name: string, [file = '', ...args]: readonly string[]): boolean {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd: root, encoding: 'utf8', timeout: 120_000 })
  const said = `${stdout}${stderr}`.split('\n')
  const holds = status === 0
  const line = said.find((text) => text.includes('vectors hold')) ?? error?.message ?? 'it says nothing'
  process.stdout.write(`${name}: ${line}${holds ? '' : `, exit ${status}\n${said.slice(-20).join('\n')}`}\n`)
  return holds
}

// Workers have no files: one module, and a configuration that names it.
function bundleForWorkerd(): string {
  const script = join(folder, 'worker.js')
  const args = ['build', join(here, 'worker.ts'), '--target=browser', '--format=esm', `--outfile=${script}`]
  execFileSync(join(bin, 'bun'), args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const config = join(folder, 'config.capnp')
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-06-01"))]);
`,
  )
  return config
}
