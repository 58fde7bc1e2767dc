// `npm run bench:sign-in-timing [pairs]`: does the time of a refused sign-in tell whether there is such an account (G14)? Pairs of
// a known and an unknown address, in random order, over HTTP; prints Welch's t. Below 4.5 nothing is told (the threshold of
// test vector leakage assessment). Not part of the tests: a machine that does something else meanwhile proves nothing.
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerAccount } from '../src/accounts/register.ts'
import { createApp } from '../src/app.ts'
import { loadConfig } from '../src/config/load.ts'
import { migrate } from '../src/db/database.ts'
import { createLogger } from '../src/runtime/logger.ts'
import { Browser, csrfOf } from '../test/support/browser.ts'

const pairs = Number(process.argv[2] ?? 1000)
const warmUp = 20
const folder = mkdtempSync(join(tmpdir(), 'sign-in-timing-'))
const port = 20_000 + randomInt(20_000)
const issuer = `http://127.0.0.1:${port}`
const config = loadConfig({
  SALLYPORT_ISSUER: issuer,
  SALLYPORT_PORT: String(port),
  SALLYPORT_DATA_DIR: folder,
  SALLYPORT_RATE_LIMITS: 'off',
})
const logger = createLogger({ level: 'silent', pretty: false })
await migrate(config.database, { logger })
const app = await createApp({ config, secrets: [Buffer.alloc(32, 7)], logger })
const { accounts, database, passwords } = app.rooms
const known = 'known@example.test'
const passwordHash = await passwords.hash('correct horse battery staple')
const account = { email: known, name: 'Known', role: 'member', passwordHash } as const
await registerAccount(accounts, account, { actor: 'operator' }, 'bench')
await app.listen()

const browser = new Browser(issuer)
const page = await browser.open('/sign-in')
const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
const form = (email: string) => new URLSearchParams({ _csrf: csrfOf(page), email, password: 'wrong guess' })

/** Milliseconds of one refused sign-in. What was counted is forgotten first, or the guard would make it wait. */
async function refused(email: string): Promise<number> {
  await database.sql.run('DELETE FROM sign_in_throttle')
  const startedAt = performance.now()
  const answer = await fetch(`${issuer}/sign-in`, {
    method: 'POST',
    headers: { cookie, origin: issuer, 'sec-fetch-site': 'same-origin' },
    body: form(email),
  })
  await answer.text()
  if (answer.status !== 401) throw new Error(`expected a refusal, got ${answer.status}`)
  return performance.now() - startedAt
}

const times = { known: [] as number[], unknown: [] as number[] }
for (let index = 0; index < pairs + warmUp; index += 1) {
  // Of one length, and a new one each time, as a guesser would send it.
  const unknown = `u${String(index).padStart(4, '0')}@example.test`
  const order: ('known' | 'unknown')[] = randomInt(2) === 0 ? ['known', 'unknown'] : ['unknown', 'known']
  for (const which of order) {
    const took = await refused(which === 'known' ? known : unknown)
    if (index >= warmUp) times[which].push(took)
  }
}
await app.close()
rmSync(folder, { recursive: true, force: true })

const t = welch(times.known, times.unknown)
process.stdout.write(
  `${pairs} pairs: known ${summary(times.known)}, unknown ${summary(times.unknown)}, Welch's t = ${t.toFixed(2)}\n`,
)
if (Math.abs(t) >= 4.5) {
  process.stdout.write('the time tells a known address from an unknown one\n')
  process.exitCode = 1
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function variance(values: readonly number[]): number {
  const middle = mean(values)
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
}

function welch(one: readonly number[], other: readonly number[]): number {
  return (mean(one) - mean(other)) / Math.sqrt(variance(one) / one.length + variance(other) / other.length)
}

function summary(values: readonly number[]): string {
  return `${mean(values).toFixed(2)} ms (± ${Math.sqrt(variance(values)).toFixed(2)})`
}
