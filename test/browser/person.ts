// What a person does with the pages: by labels and names of buttons, as they see them.

import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { TestPerson } from '../support/app.ts'

/** Waits until a page of ours with this handle is there. */
export async function arriveAt(page: Page, name: string): Promise<void> {
  await page.locator(`main[data-page="${name}"]`).waitFor()
}

/** Fills in the sign-in page that is open. */
export async function signIn(page: Page, { email, password }: Pick<TestPerson, 'email' | 'password'>): Promise<void> {
  await arriveAt(page, 'sign-in')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Sign in')
}

/** Presses a button by its name. */
export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
}

/** Opens an authorization request and signs in, up to the consent page. */
export async function reachConsent(page: Page, url: string, person: TestPerson): Promise<void> {
  await page.goto(url)
  await signIn(page, person)
  await arriveAt(page, 'consent')
}

/** The text of the page's only heading of the first level. */
export async function heading(page: Page): Promise<string> {
  const headings = await page.locator('h1').allInnerTexts()
  expect(headings).toHaveLength(1)
  return headings[0] ?? ''
}
