import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { expect, it } from 'vitest'
import { envExample } from '../../src/config/env-example.ts'
import { loadConfig } from '../../src/config/load.ts'

const kept = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')

it('.env.example is what the table of settings says (npm run env-example)', () => {
  expect(kept).toBe(envExample())
})

it('every line of .env.example is the default', () => {
  const lines = kept.replaceAll(/^#(SALLYPORT_)/gm, '$1')
  // Where a value comes from differs, what counts does not.
  expect({ ...loadConfig(parseEnv(lines)), origins: undefined }).toEqual({ ...loadConfig({}), origins: undefined })
})
