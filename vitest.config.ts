import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'verifier/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    setupFiles: ['test/support/no-network.ts'],
    // One PostgreSQL for the whole run, started by the first test that wants it.
    globalSetup: ['test/support/postgres-server.ts'],
    // Native add-ons (better-sqlite3, argon2) and real listeners: processes, not threads.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
})
