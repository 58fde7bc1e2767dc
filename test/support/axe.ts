// axe-core inside an open page: put in by the debugger, past the content security policy that keeps strangers' scripts out.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const rulesOfColour = ['color-contrast', 'link-in-text-block']

/**
 * Holds the open page against axe: WCAG 2.0 to 2.2, A and AA, and good practice.
 *
 * @param part `colour` for the rules alone that another theme can break
 * @returns violations, one line for each element; empty when there are none
 */
export async function axeFaults(page: Page, part: 'everything' | 'colour' = 'everything'): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const runOnly: RunOptions['runOnly'] =
    part === 'colour' ? { type: 'rule', values: rulesOfColour } : { type: 'tag', values: tags }
  const options: RunOptions = { runOnly, resultTypes: ['violations'], iframes: false }
  const run = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`
  const violations = await page.evaluate<AxeResults['violations']>(run)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `axe ${id}: ${html.replace(/\s+/g, ' ').slice(0, 140)} ${failureSummary}`),
  )
}
