// Runs after every install: generates both database clients and builds the verifier package.
import { execFileSync } from 'node:child_process'

// The command-line tool insists on an engine binary that it never runs for `generate`; any executable satisfies it.
const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
for (const provider of ['sqlite', 'postgresql']) {
  execFileSync('prisma', ['generate', '--schema', `prisma/${provider}`], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
execFileSync('tsc', ['-p', 'verifier/tsconfig.json'], { stdio: 'inherit' })
