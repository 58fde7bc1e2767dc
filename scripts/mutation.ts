// Mutation testing: changes the code of a room in a thousand small ways, and asks whether a test of the room notices.
// `npm run mutation` does the rooms that decide who gets in, `npm run mutation -- consent` one of them,
// `npm run mutation -- clients/normalise.ts` a file or several. What no test noticed is printed; a score below 80 % (90 % for the
// verifier) ends with 1.
// `--tests test/clients/normalise.test.ts` lets only these tests speak: quicker, and never kinder.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { scriptEnvironment } from './compile.ts'

/** A room, and the tests that speak for it: those of its own folder, which end within seconds. */
interface Room {
  /** Where its files are. */
  readonly folder: string
  /** Its files that are data: a table's tests are of the rule that reads it. */
  readonly data?: string
  /** Its tests that are not of the files: of a package that is built anew, of another process. */
  readonly without?: readonly string[]
  /** Whether a text in quotes may change unnoticed: words for people may, those of a protocol may not. */
  readonly words?: boolean
  /** How long a test may take, and a mutant may hang: the tests of the verifier wait for no database. */
  readonly patienceSeconds: number
  /** What must hold, in percent of the mutants. */
  readonly least: number
}

const rooms: Readonly<Record<string, Room>> = {
  consent: { folder: 'src/consent', words: true, patienceSeconds: 20, least: 80 },
  federation: { folder: 'src/federation', words: true, patienceSeconds: 20, least: 80 },
  clients: { folder: 'src/clients', data: 'confusable-table.ts', words: true, patienceSeconds: 20, least: 80 },
  net: { folder: 'src/net', words: true, patienceSeconds: 20, least: 80 },
  verifier: {
    folder: 'verifier/src',
    without: ['package.test.ts', 'introspection-live.test.ts'],
    patienceSeconds: 5,
    least: 90,
  },
}

function main(): number {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { tests: { type: 'string', multiple: true } },
  })
  const wanted = positionals.length > 0 ? positionals : Object.keys(rooms)
  const unknown = wanted.find((path) => !Object.hasOwn(rooms, roomOf(path)) || !existsSync(fileOf(path)))
  if (unknown !== undefined) {
    console.error(`no such room or file: ${unknown}; the rooms are ${Object.keys(rooms).join(', ')}`)
    return 2
  }
  // Files of one room go together: what takes long is to begin.
  const failed = [...Map.groupBy(wanted, roomOf)]
    .filter(([name, paths]) => !holds(name, paths, values.tests))
    .map(([name]) => name)
  if (failed.length > 0) console.error(`below what must hold, or did not run: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

/** `consent` of `consent` and of `consent/page.ts`. */
function roomOf(path: string): string {
  return path.split('/')[0] ?? ''
}

/** `verifier/src/keys.ts` of `verifier/keys.ts`, `src/consent` of `consent`. */
function fileOf(path: string): string {
  const name = roomOf(path)
  return join(rooms[name]?.folder ?? '', path.slice(name.length))
}

/** Mutates a room, or the files of it that were named, and says whether enough of it was noticed. */
function holds(name: string, paths: readonly string[], only: readonly string[] | undefined): boolean {
  const room = rooms[name]
  if (room === undefined) return false
  const folder = join('.mutation', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })

  // The project's own way of testing, with the tests of this room alone. SQL is text, and texts are not mutated: one database
  // says as much of the rest as two, in a fifth of the time.
  const vitest = join(folder, 'vitest.config.ts')
  const include = JSON.stringify(only ?? [`test/${name}/**/*.test.ts`])
  const exclude = JSON.stringify(['**/node_modules/**', ...(room.without ?? []).map((test) => `test/${name}/${test}`)])
  writeFileSync(
    vitest,
    `import base from '../../vitest.config.ts'\n\nexport default { ...base, test: { ...base.test, include: ${include}, exclude: ${exclude}, env: { TEST_DATABASES: 'sqlite' } } }\n`,
  )
  const settings = join(folder, 'stryker.config.json')
  writeFileSync(
    settings,
    JSON.stringify({
      testRunner: 'vitest',
      plugins: ['@stryker-mutator/vitest-runner'],
      vitest: { configFile: vitest, related: true },
      mutate: paths.includes(name)
        ? [`${room.folder}/**/*.ts`, ...(room.data === undefined ? [] : [`!${room.folder}/${room.data}`])]
        : paths.map(fileOf),
      coverageAnalysis: 'perTest',
      // What is run once at import is not measured test by test: tables of words and constants.
      ignoreStatic: true,
      mutator: { excludedMutations: room.words === true ? ['StringLiteral'] : [] },
      // Works on a copy below `.mutation`; a mutant never stands in a file that somebody edits.
      tempDirName: join(folder, 'work'),
      // Left out of it: what is made, and links to folders, which Stryker cannot copy and no test reads.
      ignorePatterns: ['/.mutation/*/work', '/artifacts', '/data', '/dist', '/prisma/*/models', '**/*.log', '.env'],
      // None: paths in ours do not leave the copy, and Stryker rewrites them with an interface that TypeScript 7 has not.
      tsconfigFile: join(folder, 'none.json'),
      concurrency: 2,
      timeoutMS: room.patienceSeconds * 1000,
      reporters: ['clear-text', 'json', 'progress-append-only'],
      jsonReporter: { fileName: join(folder, 'report.json') },
      clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
      allowConsoleColors: false,
      thresholds: { high: Math.max(90, room.least), low: room.least, break: room.least },
    }),
  )
  const stryker = join('node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  const run = spawnSync(process.execPath, [stryker, 'run', settings], { stdio: 'inherit', env: scriptEnvironment() })
  return run.status === 0
}

process.exitCode = main()
