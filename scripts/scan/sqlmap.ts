import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ScannedInstance } from './instance.ts'
import type { Target } from './targets.ts'

/** What sqlmap came to about one target. */
export interface SqlmapResult {
  readonly target: string
  /** Places that were attacked: parameters, cookies, headers. */
  readonly places: number
  readonly found: readonly string[]
  /** Suspicions that it took back after a second look. */
  readonly ruledOut: number
  readonly requests: number
  /** What it said when it gave up. */
  readonly note: string | undefined
}

/** How hard it tries. */
export interface SqlmapOptions {
  readonly level: number
  readonly risk: number
  readonly dbms: 'sqlite' | 'postgresql'
  readonly seconds: number
}

/** Runs sqlmap on one target and reads what it says. */
export async function runSqlmap(
  instance: ScannedInstance,
  { body, cookie, headers = [], name, path }: Target,
  { dbms, level, risk, seconds }: SqlmapOptions,
): Promise<SqlmapResult> {
  const { folder, issuer } = instance
  const before = await instance.requests()
  const names = [...(path.split('?')[1] ?? '').split('&'), ...(body ?? '').split('&')].map((pair) => pair.split('=')[0])
  const isMarked = path.includes('*') || (body ?? '').includes('*')
  const args = [
    '--batch',
    '--flush-session',
    '--disable-coloring',
    '--ignore-redirects',
    '--drop-set-cookie',
    '--ignore-code=400,401,403,404,405,413,415,421',
    '--threads=2',
    '--timeout=20',
    '-v1',
    `--level=${level}`,
    `--risk=${risk}`,
    `--dbms=${dbms}`,
    `--output-dir=${join(folder, 'sqlmap')}`,
    `--url=${issuer}${path}`,
    // Named, because it leaves alone by itself what looks like the token of a form. Marked places are named by their marks.
    ...(isMarked ? [] : ['-p', names.filter((name) => name !== '').join(',')]),
    ...(body === undefined ? [] : [`--data=${body}`]),
    ...(cookie === undefined ? [] : [`--cookie=${cookie}`]),
    // Forms are taken from our own pages alone.
    ...[`Origin: ${issuer}`, 'Sec-Fetch-Site: same-origin', ...headers].map((header) => `--header=${header}`),
  ]
  const child = spawn('sqlmap', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      out += chunk
    })
  }
  const [code] = await once(child, 'exit')
  const places = new Set(
    [...out.matchAll(/testing if (.+?) (?:is dynamic|appears to be dynamic)/g)].map(([, place]) => place),
  )
  for (const [, place] of out.matchAll(/\[WARNING\] (.+?) does not seem to be injectable/g)) places.add(place)
  // What is left after its own check for false positives stands in a block of its own.
  const found = [...out.matchAll(/^Parameter: .+$/gm)].map(([line]) => line)
  const ruledOut = [...out.matchAll(/false positive or unexploitable injection point/g)].length
  const critical = /\[CRITICAL\] (.+)/.exec(out)?.[1]
  const isClean = critical === undefined || critical.startsWith('all tested parameters do not appear to be injectable')
  return {
    target: name,
    places: places.size,
    found,
    ruledOut,
    requests: (await instance.requests()) - before,
    note: code === null ? `ended after ${seconds} s` : isClean ? undefined : critical?.slice(0, 160),
  }
}
