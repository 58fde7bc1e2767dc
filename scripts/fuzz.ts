// `npm run fuzz [-- <runs, 2000> [seed]]`: the generated attacks of test/fuzz, many more of them than in `npm test`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { scriptEnvironment } from './compile.ts'

const [runs = '2000', seed] = process.argv.slice(2)
if (!/^\d{1,7}$/.test(runs) || (seed !== undefined && !/^-?\d{1,10}$/.test(seed))) {
  process.stderr.write('usage: npm run fuzz [-- <runs> [seed]]\n')
  process.exitCode = 2
} else {
  const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs')
  const env = {
    ...scriptEnvironment(),
    NODE_ENV: 'test',
    FUZZ_RUNS: runs,
    ...(seed === undefined ? {} : { FUZZ_SEED: seed }),
  }
  const run = spawnSync(process.execPath, [vitest, 'run', 'test/fuzz', '--testTimeout=7200000'], {
    stdio: 'inherit',
    env,
  })
  process.exitCode = run.status ?? 1
}
