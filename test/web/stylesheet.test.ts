import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const sheets = globSync('assets/*.css', { cwd: root })
const plain = (path: string): string => readFileSync(`${root}${path}`, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '')

describe.each(sheets)('%s', (path) => {
  const css = plain(path)

  it('has no left and no right: the pages hold for scripts from right to left', () => {
    const physical =
      /(?:^|[\s;{])(?:(?:margin|padding|border|inset)-(?:left|right)[\w-]*|left|right|(?:float|clear|text-align)\s*:\s*(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius)\s*[:;}]/gm
    expect(css.match(physical) ?? []).toEqual([])
    // Four values name the sides in turn; the second and the fourth are right and left.
    const uneven = [...css.matchAll(/(?:margin|padding|inset|border-radius|border-width):\s*([^;]+);/g)].filter(
      ([, values = '']) => {
        const parts = values.trim().split(/\s+(?![^(]*\))/)
        return parts.length === 4 && parts[1] !== parts[3]
      },
    )
    expect(uneven.map(([declaration]) => declaration)).toEqual([])
  })

  it('loads nothing', () => {
    expect(css).not.toMatch(/url\(|@import/)
  })

  it('moves only for those who do not mind, and is seen in forced colours', () => {
    expect(css.replaceAll(/@media \(prefers-reduced-motion: no-preference\) \{[\s\S]*?\n\}/g, '')).not.toMatch(
      /transition|animation/,
    )
    expect(css).toContain('(forced-colors: active)')
  })
})
