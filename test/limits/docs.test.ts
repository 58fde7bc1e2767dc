import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Limit, type LimitKind, limitTable } from '../../src/config/limit-table.ts'
import { codePolicy, lockoutPolicies } from '../../src/credentials/throttle/lockout.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/limits.md'), 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| '))
const kinds: readonly LimitKind[] = ['address', 'account', 'client', 'everyone']

describe('docs/limits.md', () => {
  it('lists every limit with its numbers', () => {
    const expected = Object.entries(limitTable).map(([name, limit]) => limitRow(name, limit))
    expect(rows.filter((row) => row.startsWith('| `') && row.split('|').length === 9)).toEqual(expected)
  })

  it('lists what the guard counts', () => {
    const expected = Object.entries({ ...lockoutPolicies, 'account, codes': codePolicy }).map(
      ([name, { free, delaysSeconds, decaySeconds }]) =>
        `| ${name} | ${free} | ${delaysSeconds.join(', ')} | ${decaySeconds} s |`,
    )
    const [head = ''] = rows.filter((row) => row.startsWith('| what is counted'))
    const at = rows.indexOf(head) + 2
    expect(rows.slice(at, at + expected.length)).toEqual(expected)
  })
})

function limitRow(name: string, { by, counted, doc }: Limit): string {
  const cells = kinds.map((kind) => {
    const rule = by[kind]
    return rule === undefined ? '–' : `${rule.points} in ${rule.windowSeconds} s`
  })
  return `| \`${name}\` | ${cells.join(' | ')} | ${counted} | ${doc} |`
}
