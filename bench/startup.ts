// How long until the first answer, and how much memory a server holds that has nothing to do.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGoals } from './goals.ts'
import { freePort, onServerCore } from './peers.ts'
import { printTable, spread } from './report.ts'

const root = join(import.meta.dirname, '..')

interface Start {
  readonly milliseconds: number
  readonly megabytes: number
}

/** Starts both servers in turn, several times, and prints the medians and their ratios. */
export async function measureStarts(times: number): Promise<void> {
  const folder = build()
  const main = join(folder, 'dist', 'main.js')
  const dataDir = join(folder, 'data')
  const ours = async () => {
    const port = await freePort()
    return measureStart(port, [main], {
      SALLYPORT_ISSUER: `http://127.0.0.1:${port}`,
      SALLYPORT_PORT: String(port),
      SALLYPORT_DATA_DIR: dataDir,
      SALLYPORT_DATABASE_URL: `file:${join(dataDir, 'bench.db')}`,
    })
  }
  const bare = async () => {
    const port = await freePort()
    return measureStart(port, [join(import.meta.dirname, 'server-bare.ts')], {
      BENCH_PORT: String(port),
      BENCH_DATABASE_URL: '',
    })
  }
  // The first start makes secrets, keys and tables; afterwards it is what a restart costs.
  const first = await ours()
  const pairs: { ours: Start; bare: Start }[] = []
  for (let index = 0; index < times; index += 1) {
    pairs.push(
      index % 2 === 0
        ? { bare: await bare(), ours: await ours() }
        : await ours().then(async (one) => ({ ours: one, bare: await bare() })),
    )
  }
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`\nStart-up to the first answer, idle memory; the very first start took ${round(first)} ms\n`)
  printTable(
    ['', 'bare oidc-provider', 'ours', 'ratio', 'must hold', 'aim', 'verdict'],
    (['milliseconds', 'megabytes'] as const).map((what) => {
      const ratio = spread(pairs.map((pair) => pair.ours[what] / pair.bare[what]))
      const { must, aim } = startGoals[what]
      const verdict = ratio.median <= aim ? 'aim reached' : ratio.median <= must ? 'holds' : 'DOES NOT HOLD'
      const median = (who: 'ours' | 'bare') => spread(pairs.map((pair) => pair[who][what])).median.toFixed(0)
      const written = `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`
      return [what, median('bare'), median('ours'), written, `≤ ${must}`, `≤ ${aim}`, verdict]
    }),
  )
}

/** What `npm start` would run, compiled into a folder of its own: a build may be stale, or somebody's. */
function build(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  for (const name of ['node_modules', 'views', 'assets', 'prisma', 'package.json']) {
    symlinkSync(join(root, name), join(folder, name))
  }
  execFileSync(
    join(root, 'node_modules', '.bin', 'tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')],
    {
      cwd: root,
    },
  )
  return folder
}

function round({ milliseconds }: Start): string {
  return milliseconds.toFixed(0)
}

async function measureStart(port: number, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Start> {
  const [command, rest] = onServerCore([process.execPath, ...args])
  const startedAt = performance.now()
  const child = spawn(command, rest, {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}`)
      await sleep(2)
    }
    const milliseconds = performance.now() - startedAt
    await sleep(1500)
    const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' }))
    return { milliseconds, megabytes: kilobytes / 1024 }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/.well-known/openid-configuration', agent: false }, (res) => {
      res.resume()
      res.once('end', () => resolve(res.statusCode === 200))
    })
    request.once('error', () => resolve(false))
  })
}
