import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

// Views that are not converted yet. A view leaves this list for good.
const notYet = /^admin\//

const root = new URL('../../views/', import.meta.url).pathname
const views = globSync('**/*.eta', { cwd: root }).filter((path) => !notYet.test(path))

it.each(views)('no letter of a text stands in views/%s: it comes from the catalogue', (path) => {
  const markup = readFileSync(`${root}${path}`, 'utf8').replaceAll(/<%[\s\S]*?%>/g, '⟨⟩')
  const spoken = [...markup.matchAll(/\s(?:aria-label|title|alt|placeholder|data-label|aria-description)="([^"]*)"/g)]
    .map(([, value]) => value)
    .join(' ')
  const shown = markup.replaceAll(/<[^<>]*>/g, ' ')
  expect(`${shown} ${spoken}`.match(/\p{L}+/gu) ?? []).toEqual([])
})
