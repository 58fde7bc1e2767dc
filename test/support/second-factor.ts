// Second factors as a person has them: an app that knows a seed, a list on paper.
import { codeAt } from '../../src/credentials/totp/totp.ts'
import type { TestApp, TestPerson } from './app.ts'
import { Browser, csrfOf, type Page } from './browser.ts'

/** What a person holds after setting a second factor up. */
export interface Holdings {
  readonly seed: string
  readonly recoveryCodes: readonly string[]
}

/** The code that the app shows, some steps from now. */
export function codeOf({ seed }: Pick<Holdings, 'seed'>, steps = 0): string {
  return codeAt(seed, new Date(Date.now() + steps * 30_000))
}

/** The key on the page of an app. */
export function seedOn({ body }: Pick<Page, 'body'>): string {
  return (/<code class="key">([^<]+)</.exec(body)?.[1] ?? '').replaceAll(' ', '')
}

/** The codes on the page of recovery codes. */
export function recoveryCodesOn({ body }: Pick<Page, 'body'>): readonly string[] {
  return [...body.matchAll(/<li><code>([^<]+)</g)].map(([, code = '']) => code)
}

/** Fills in the page of an app that is open. */
export async function finishApp(
  browser: Browser,
  page: Page,
): Promise<{ readonly page: Page; readonly held: Holdings }> {
  const seed = seedOn(page)
  const enrolment = /name="enrolment" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const next = await browser.submit(page, { enrolment, code: codeOf({ seed }, -1) })
  return { page: next, held: { seed, recoveryCodes: recoveryCodesOn(next) } }
}

/** Signs in to the own pages with the password; ends at the page that follows. */
export async function signInWithPassword(
  browser: Browser,
  { email, password }: TestPerson,
  returnTo = 'connections',
): Promise<Page> {
  const page = await browser.open(`/sign-in?return_to=${returnTo}`)
  // The address is given: the first form of the page may be the button of a provider.
  return browser.post('/sign-in', { _csrf: csrfOf(page), email, password, return_to: returnTo })
}

/** A person with an authenticator app, and the browser in which it was set up. */
export async function withApp(
  app: TestApp,
  person: TestPerson,
): Promise<{ readonly browser: Browser; readonly held: Holdings }> {
  const browser = new Browser(app.issuer)
  await signInWithPassword(browser, person)
  const { page, held } = await finishApp(browser, await browser.open('/account/security/authenticator'))
  if (held.recoveryCodes.length !== 10) throw new Error(`not set up: ${page.name} ${page.error}`)
  return { browser, held }
}

/** Lets the codes of the last minute count again: a test does not wait for the next ones. */
export async function forgetSteps({ app }: TestApp): Promise<void> {
  await app.rooms.database.sql.run('UPDATE totp_factor SET last_step = 0')
}
