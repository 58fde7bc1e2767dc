// The tests of the verifier as Stryker runs them: `stryker run test/verifier/mutation/stryker.config.json`. Hours; outside the suite.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/verifier/**/*.test.ts'],
    // What is built anew is not what was changed.
    exclude: ['test/verifier/package.test.ts', '**/node_modules/**'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 30_000,
    restoreMocks: true,
  },
})
