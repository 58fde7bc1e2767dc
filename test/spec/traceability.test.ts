import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { groups, requirements, withoutTest } from './requirements.ts'

const root = join(import.meta.dirname, '..', '..')
const cited = citedIds()

/** Ids in the titles of all test files. A title is a text with words in it; comments do not count. */
function citedIds(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  const files = globSync(['test/**/*.test.ts', 'verifier/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'], {
    cwd: root,
  })
  for (const file of files.filter((one) => !one.includes('node_modules') && !one.startsWith('test/spec/'))) {
    for (const title of textsOf(readFileSync(join(root, file), 'utf8'))) {
      for (const [id] of title.matchAll(/\b[A-KV]\d\d\b/g)) found.set(id, [...(found.get(id) ?? []), file])
    }
  }
  return found
}

function textsOf(code: string): string[] {
  const tokens = code.matchAll(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`/g,
  )
  return [...tokens]
    .map(([, single, double, template]) => single ?? double ?? template ?? '')
    .filter((text) => text.includes(' ') && !text.includes('\n'))
}

function missingOf(letter: string): string[] {
  return Object.keys(requirements).filter((id) => id.startsWith(letter) && !cited.has(id))
}

test.each(groups.filter((group) => group.mustBeComplete))('every requirement about $theme has a test', ({ letter }) => {
  const unexplained = missingOf(letter).filter((id) => !Object.hasOwn(withoutTest, id))
  expect(unexplained.map((id) => `${id} ${requirements[id]}`)).toEqual([])
})

test('what is said to have no test has none, is known, and says why', () => {
  for (const [id, reason] of Object.entries(withoutTest)) {
    expect(requirements).toHaveProperty(id)
    expect(cited.has(id), `${id} has a test: ${cited.get(id)?.join()}`).toBe(false)
    expect(reason.length).toBeGreaterThan(20)
  }
})

test('every id in a title is one of the table', () => {
  const unknown = [...cited].filter(([id]) => !Object.hasOwn(requirements, id))
  expect(unknown).toEqual([])
})

test('ids are unique, in order, and belong to a group', () => {
  const ids = Object.keys(requirements)
  for (const id of ids) expect(groups.map(({ letter }) => letter)).toContain(id[0])
  for (const { letter } of groups) {
    const numbers = ids.filter((id) => id.startsWith(letter)).map((id) => Number(id.slice(1)))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  }
})

test('the requirements of the other groups without a test are listed', () => {
  const lines = groups
    .filter((group) => !group.mustBeComplete)
    .map(({ letter, theme }) => ({ theme, missing: missingOf(letter) }))
    .filter(({ missing }) => missing.length > 0)
    .map(({ theme, missing }) => `  ${theme}: ${missing.join(' ')}`)
  console.info(`requirements without a test yet:\n${lines.join('\n')}`)
  expect(cited.size).toBeGreaterThan(200)
})
