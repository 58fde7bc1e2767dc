// `npm test [-- <vitest arguments>]`: everything that needs no secret and no network, and a plain line at the end.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile, isCompiled, scriptEnvironment } from './compile.ts'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

process.exitCode = main(process.argv.slice(2))

function main(args: readonly string[]): number {
  if (!isCompiled()) compile()
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'))
  const report = process.env.TEST_REPORT ?? join(folder, 'report.json')
  try {
    const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const run = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
      stdio: 'inherit',
      env: testEnvironment(),
    })
    const { text, failed } = summary(report, run.status ?? 1)
    process.stdout.write(text)
    // Not the status of the run alone: a hook of the embedded database ends the process with 0, whatever the tests said.
    return failed === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// Settings of the person's own server must not reach the servers under test.
function testEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(scriptEnvironment()).filter(
    ([name]) => !name.startsWith('SALLYPORT_') && name !== 'PORT' && name !== 'DATABASE_URL',
  )
  return { ...Object.fromEntries(kept), NODE_ENV: 'test' }
}

function summary(file: string, status: number): { readonly text: string; readonly failed: number } {
  if (!existsSync(file)) return { text: '0 passed, 1 failed\n', failed: 1 }
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  // A file that fell over before its first test counts as one failure: it must not look like nothing.
  const brokenFiles = report.testResults.filter(
    (one) => one.status === 'failed' && one.assertionResults.length === 0,
  ).length
  const counted = report.numFailedTests + brokenFiles
  const failed = status !== 0 && counted === 0 ? 1 : counted
  const skipped = report.numPendingTests > 0 ? `${report.numPendingTests} skipped\n` : ''
  return { text: `\n${skipped}${report.numPassedTests} passed, ${failed} failed\n`, failed }
}
