import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inventory } from '../support/page-inventory.ts'
import { testEveryPage } from './every-page.ts'

testEveryPage('en', 'en-GB')

test('no page is missing from the inventory', () => {
  const views = join(import.meta.dirname, '..', '..', 'views')
  const files = globSync('**/*.eta', { cwd: views }).map((file) => file.replace(/\.eta$/, ''))
  const pieces = new Set(
    files.flatMap((file) => {
      const text = readFileSync(join(views, `${file}.eta`), 'utf8')
      return [...text.matchAll(/include\('\/([^']+)'/g)].map(([, name = '']) => name)
    }),
  )
  const pages = files.filter((file) => file !== 'layout' && !file.startsWith('mail/') && !pieces.has(file))
  expect(pages.filter((file) => !inventory.some(({ view }) => view === file))).toEqual([])
})
