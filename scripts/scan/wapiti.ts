import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startFilterProxy } from './filter-proxy.ts'
import type { ScannedInstance } from './instance.ts'

/** What wapiti came to, as one person. */
export interface WapitiResult {
  readonly as: string
  readonly requests: number
  /** Patterns of the routes that it reached. */
  readonly routes: number
  /** Category → what was found there, one line each. */
  readonly found: Readonly<Record<string, readonly string[]>>
  readonly note: string | undefined
}

// Those that need nobody outside: ssrf and xxe ask a site of the scanner's authors, nikto and wapp download lists.
const modules =
  'backup,blindsql,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,sql,xss'

// What would end the scanner's own session.
const leftAlone = ['/logout', '/account/sessions/end', '/account/sessions/end-all', '/account/data/delete']

/** Crawls and attacks the whole instance, as a stranger or with somebody's cookies. */
export async function runWapiti(
  instance: ScannedInstance,
  who: { readonly as: string; readonly cookie?: string; readonly start: readonly string[] },
  seconds: number,
): Promise<WapitiResult> {
  const { folder, issuer } = instance
  const before = await instance.requests()
  const report = join(folder, `wapiti-${who.as}.json`)
  const proxy = await startFilterProxy(issuer, leftAlone, who.cookie)
  const args = [
    ...['-u', `${issuer}/`, '--scope', 'folder', '-m', modules, '-f', 'json', '-o', report],
    ...[
      '--flush-session',
      '--no-bugreport',
      '-v',
      '1',
      '-d',
      '6',
      '--max-links-per-page',
      '60',
      '--max-files-per-dir',
      '60',
    ],
    ...['--store-session', folder, '--store-config', join(folder, 'config')],
    ...['--max-scan-time', String(seconds), '--max-attack-time', String(Math.ceil(seconds / 8))],
    // Nobody outside is asked, and the session is not ended by the scanner itself.
    ...['--endpoint', `${issuer}/healthz`, '-p', proxy.url],
    ...['--skip', '_csrf', '-t', '20', '-H', 'Sec-Fetch-Site: same-origin', '-H', `Origin: ${issuer}`],
    ...who.start.flatMap((path) => ['-s', `${issuer}${path}`]),
  ]
  const child = spawn('wapiti', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: (seconds + 300) * 1000,
    killSignal: 'SIGKILL',
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      out += chunk
    })
  }
  const [code] = await once(child, 'exit')
  proxy.close()
  if (!existsSync(report))
    return { as: who.as, requests: 0, routes: 0, found: {}, note: `no report, exit ${code}: ${out.slice(-300)}` }
  const requests = (await instance.requests()) - before
  return {
    as: who.as,
    requests,
    routes: (await instance.routes()).length,
    found: readReport(readFileSync(report, 'utf8')),
    note: undefined,
  }
}

interface Report {
  readonly vulnerabilities: Readonly<Record<string, readonly Finding[]>>
  readonly anomalies: Readonly<Record<string, readonly Finding[]>>
}

interface Finding {
  readonly method: string
  readonly path: string
  readonly info: string
  readonly parameter?: string | null
}

function readReport(text: string): WapitiResult['found'] {
  const report = JSON.parse(text) as Report
  const all = [...Object.entries(report.vulnerabilities), ...Object.entries(report.anomalies)]
  const found = all.flatMap(([category, findings]): [string, string[]][] => {
    const lines = new Set(
      findings.map(({ info, method, parameter, path }) =>
        `${method} ${path} ${parameter ?? ''} ${info}`.replaceAll(/\s+/g, ' '),
      ),
    )
    return lines.size === 0 ? [] : [[category, [...lines]]]
  })
  return Object.fromEntries(found)
}
