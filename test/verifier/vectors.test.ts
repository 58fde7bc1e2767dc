import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runVector } from './vectors/run.ts'
import type { Table } from './vectors/table.ts'

// Parse boundary: written by vectors/make.ts, in this form.
const table = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as Table

describe('V54 the table that every runtime runs', () => {
  test.each(table.vectors.map((vector) => [vector.id, vector.title, vector] as const))(
    '%s %s',
    async (_id, _title, vector) => {
      expect(await runVector(table, vector)).toEqual([])
    },
  )

  test('has a vector for every id of the threat list', () => {
    const ids = Array.from({ length: 54 }, (_, at) => `V${String(at + 1).padStart(2, '0')}`)
    const covered = new Set(table.vectors.map(({ id }) => id))
    expect(ids.filter((id) => !covered.has(id))).toEqual([])
  })
})
