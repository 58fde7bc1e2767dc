import type { TestApp, TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'

/** A browser in which a person is signed in. */
export async function signInTo(
  app: Pick<TestApp, 'issuer'>,
  person: TestPerson,
  headers: Readonly<Record<string, string>> = {},
): Promise<Browser> {
  const browser = new Browser(app.issuer, headers)
  const page = await browser.open('/account/connections')
  const { email, password } = person
  const next = await browser.submit(page, { email, password })
  if (next.name === 'sign-in' || next.error !== undefined) throw new Error(`not signed in: ${next.name} ${next.error}`)
  return browser
}
