// `npm run scan [-- --level 3 --risk 1 --only sqlmap|wapiti --target <pattern> --database-url <url> --seconds <n>]`: an instance of its own
// on a temporary database, attacked by sqlmap and wapiti (Debian: `apt install sqlmap wapiti`), and a summary in Markdown on
// standard output. Nothing outside this machine is contacted.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { compile, isCompiled } from './compile.ts'
import { startInstance } from './scan/instance.ts'
import { runSqlmap, type SqlmapResult } from './scan/sqlmap.ts'
import { cookieOf, targetsOf } from './scan/targets.ts'
import { runWapiti, type WapitiResult } from './scan/wapiti.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      level: { type: 'string', default: '3' },
      risk: { type: 'string', default: '1' },
      only: { type: 'string' },
      target: { type: 'string' },
      seconds: { type: 'string', default: '900' },
      'database-url': { type: 'string' },
    },
  })
  const tools = ['sqlmap', 'wapiti'].filter((tool) => values.only === undefined || values.only === tool)
  const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  if (tools.length === 0 || missing.length > 0) {
    process.stderr.write(
      `scan: ${missing.join(' and ') || 'the named scanner'} is not there\nhint: apt install sqlmap wapiti\n`,
    )
    return 1
  }
  if (!isCompiled()) compile()
  const seconds = Number(values.seconds)
  const instance = await startInstance(values['database-url'])
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void instance.stop().then(() => process.exit(1)))
  try {
    const dbms = values['database-url']?.startsWith('postgres') ? 'postgresql' : 'sqlite'
    const options = { level: Number(values.level), risk: Number(values.risk), dbms, seconds } as const
    const sqlmap: SqlmapResult[] = []
    for (const target of tools.includes('sqlmap') ? await targetsOf(instance) : []) {
      if (values.target !== undefined && !new RegExp(values.target).test(target.name)) continue
      const result = await runSqlmap(instance, target, options)
      process.stderr.write(`${JSON.stringify(result)}\n`)
      sqlmap.push(result)
    }
    const wapiti: WapitiResult[] = []
    if (tools.includes('wapiti')) {
      const start = ['/sign-in', '/forgot', instance.interaction.path]
      wapiti.push(await runWapiti(instance, { as: 'stranger', start }, seconds))
      const pages = ['/account', '/admin', '/admin/clients', '/admin/audit', '/admin/people', '/admin/resources']
      wapiti.push(
        await runWapiti(instance, { as: 'administrator', cookie: cookieOf(instance.admin), start: pages }, seconds),
      )
    }
    const faults = await instance.faults()
    process.stdout.write(summary(options, sqlmap, wapiti, faults))
    const isClean = sqlmap.every(({ found }) => found.length === 0) && faults.length === 0
    return isClean ? 0 : 1
  } finally {
    await instance.stop()
  }
}

function summary(
  { dbms, level, risk }: { readonly dbms: string; readonly level: number; readonly risk: number },
  sqlmap: readonly SqlmapResult[],
  wapiti: readonly WapitiResult[],
  faults: readonly string[],
): string {
  const lines: string[] = []
  if (sqlmap.length > 0) {
    lines.push(
      `## sqlmap, level ${level}, risk ${risk}, on ${dbms}`,
      '',
      '| request | places | requests | found |',
      '| --- | --- | --- | --- |',
    )
    for (const { found, note, places, requests, ruledOut, target } of sqlmap) {
      const outcome = found.length > 0 ? found.join('; ') : ruledOut > 0 ? 'nothing, after a second look' : 'nothing'
      lines.push(`| ${target} | ${places} | ${requests} | ${outcome}${note === undefined ? '' : ` (${note})`} |`)
    }
    lines.push('')
  }
  for (const { as, found, note, requests, routes } of wapiti) {
    lines.push(`## wapiti, as ${as}: ${requests} requests, ${routes} routes so far`, '')
    if (note !== undefined) lines.push(note)
    const categories = Object.entries(found)
    if (categories.length === 0) lines.push('Nothing found.')
    for (const [category, findings] of categories) {
      lines.push(`- ${category}: ${findings.length}`, ...findings.slice(0, 12).map((finding) => `  - ${finding}`))
    }
    lines.push('')
  }
  lines.push(
    faults.length === 0
      ? 'No answer of 500 or above.'
      : `Answers of 500 and above:\n\n${faults.map((line) => `    ${line}`).join('\n')}`,
  )
  return `${lines.join('\n')}\n`
}
