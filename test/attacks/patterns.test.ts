import { describe, expect, test } from 'vitest'
import { bearerParameters } from '../../src/resources/bearer-challenge.ts'
import { readPattern } from '../support/regexp-steps.ts'
import { readModules } from '../support/source-modules.ts'

// K15: every pattern of the server and of the verifier, against texts that are made to hurt it. Growth is counted in steps of a
// backtracking matcher, not in time: twice the text may cost about twice the steps, and four times would be the square.

interface Found {
  readonly where: string
  readonly pattern: RegExp
}

const patterns: Found[] = [...readModules('src'), ...readModules('verifier/src')].flatMap(({ path, code }) =>
  literalsOf(code).map((pattern) => ({ where: path, pattern })),
)

/**
 * Patterns whose cost may grow faster than the text, because the text cannot: pattern → where its bound is.
 */
const bounded: Readonly<Record<string, string>> = {
  'verifier/src/sha256.ts: /=+$/': 'the base64 of one digest, 44 characters',
}

const short = 64
const most = 400_000

/** Characters that a part of a pattern takes, found by asking it. */
const alphabet = [
  ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)),
  '\n',
  '\r',
  '\t',
  '\0',
  'é',
  '\u202e',
  '\u0301',
  '😀',
]

function pumps(pattern: RegExp): string[] {
  const { parts } = readPattern(pattern)
  const flags = pattern.flags.replace(/[gymd]/g, '')
  const tastes = parts.map((part) => alphabet.find((one) => new RegExp(`^(?:${part})$`, flags).test(one)) ?? 'x')
  const singles = [...new Set([...tastes, 'a', '0', ' ', '.', '/', '-', '%', '\n', '='])]
  const whole = tastes.join('')
  const neighbours = tastes.slice(1).map((taste, index) => `${tastes[index]}${taste}`)
  return [...new Set([...singles, ...neighbours, whole])].filter((one) => one !== '')
}

/** The most steps that a text of this many pumps costs, with beginnings that get into the pattern and ends that fail it. */
function worst(pattern: RegExp, pump: string, times: number): number {
  const read = readPattern(pattern)
  const flags = pattern.flags.replace(/[gymd]/g, '')
  const lead = read.parts
    .map((part) => alphabet.find((one) => new RegExp(`^(?:${part})$`, flags).test(one)) ?? 'x')
    .join('')
  const pumped = pump.repeat(times)
  const texts = [pumped, `${pumped}\u0001`, `${pumped}\n\u0001\n`, `${lead}${pumped}\u0001\n`]
  return Math.max(...texts.map((text) => read.steps(text, most)))
}

describe('K15 patterns', () => {
  test('K15 the house has its patterns in sight', () => {
    expect(patterns.length).toBeGreaterThan(150)
  })

  test.each([
    [/^(a+)+$/, true],
    [/^(?:\w+\s?)*$/, true],
    [/^(a|aa)+$/, true],
    [/\s+$/, true],
    [/^.*,.*,.*$/, true],
    [/^[\w-]{43}$/, false],
    [/^a+$/, false],
    [/^(?:[a-z]+\.)+[a-z]+$/, false],
  ])('K15 the measure knows that %s explodes: %s', (pattern, explodes) => {
    expect(pumps(pattern).some((pump) => growth(pattern, pump) > 3)).toBe(explodes)
  })

  test('K15 no pattern costs more than its text is long', () => {
    const explosive = patterns.flatMap(({ where, pattern }) => {
      if (Object.hasOwn(bounded, `${where}: ${pattern}`)) return []
      const pump = pumps(pattern).find((one) => growth(pattern, one) > 3)
      return pump === undefined ? [] : [`${where}: ${pattern} by ${JSON.stringify(pump)}`]
    })
    expect(explosive).toEqual([])
  })

  test('K15 what is said to be bounded is there', () => {
    const all = new Set(patterns.map(({ where, pattern }) => `${where}: ${pattern}`))
    for (const pattern of Object.keys(bounded)) expect(all).toContain(pattern)
  })

  test('K15 no pattern is made at run time, but for those of constants that read 4096 characters', () => {
    const made = [...readModules('src'), ...readModules('verifier/src')].flatMap(({ path, code }) =>
      [...code.matchAll(/\bRegExp\(/g)].map(() => path),
    )
    expect([...new Set(made)]).toEqual(['src/doctor/challenge.ts', 'src/resources/bearer-challenge.ts'])
    expect([...(bearerParameters(`Bearer ${'a="'.repeat(17_000)}`) ?? [])].length).toBeLessThan(2)
  })
})

/** How much more twice the text costs. */
function growth(pattern: RegExp, pump: string): number {
  const once = worst(pattern, pump, short)
  const twice = worst(pattern, pump, short * 2)
  // Small numbers are the pattern's own length, and grow by chance.
  if (twice >= most) return Number.POSITIVE_INFINITY
  return twice < 1500 ? 1 : twice / once
}

/** The patterns in a source, by walking over its texts: a slash in one begins nothing, and one after a value divides. */
function literalsOf(code: string): RegExp[] {
  const found: RegExp[] = []
  const text = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y
  const pattern = /\/(?![/*])((?:\[(?:\\.|[^\]\\\n])*\]|\\.|[^/\\\n[])+)\/([dgimsuvy]*)/y
  // One entry for each open brace: whether a template goes on after it.
  const braces: boolean[] = []
  let isTemplate = false
  for (let at = 0; at < code.length; at += 1) {
    const character = code[at]
    if (isTemplate) {
      if (character === '\\') at += 1
      else if (character === '`') isTemplate = false
      else if (character === '$' && code[at + 1] === '{') {
        braces.push(true)
        isTemplate = false
        at += 1
      }
      continue
    }
    if (character === '`') isTemplate = true
    else if (character === '{') braces.push(false)
    else if (character === '}') isTemplate = braces.pop() === true
    else if (character === "'" || character === '"') {
      text.lastIndex = at
      at += (text.exec(code)?.[0].length ?? 1) - 1
    } else if (
      character === '/' &&
      /(?:^|[(,=:[!&|?{};+>]|\breturn|\bcase)\s*$/.test(code.slice(Math.max(0, at - 40), at))
    ) {
      pattern.lastIndex = at
      const [all = ' ', source, flags] = pattern.exec(code) ?? []
      if (source !== undefined) found.push(new RegExp(source, flags))
      at += all.length - 1
    }
  }
  return found
}
