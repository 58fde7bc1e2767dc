import { expect, test } from 'vitest'
import { list, say, writeJson } from '../../src/cli/terminal.ts'

// Seven bits, eight bits, words turned round, unseen, beyond the first plane, ends of lines.
const evil = '\u001b[2J\u007f\u009b31m\u202e\u200b\u{e0041}\u2028\u2029\r'
const unseen = /[^\n\P{Cc}]|\p{Cf}|\u2028|\u2029/u

function collect(write: (terminal: Parameters<typeof say>[0]) => void): string {
  let out = ''
  write({
    stdin: process.stdin,
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: () => undefined },
  })
  return out
}

test('D11 a line and a listing spell out what would move the cursor', () => {
  const columns = [{ title: 'name', of: (row: string) => row }]
  expect(collect((terminal) => say(terminal, evil))).not.toMatch(unseen)
  expect(collect((terminal) => list(terminal, [evil], { json: false, columns, nothing: '' }))).not.toMatch(unseen)
})

test('D11 JSON does, too, and is read as what it was', () => {
  const out = collect((terminal) => writeJson(terminal, { [evil]: evil }))
  expect(out).not.toMatch(unseen)
  expect(JSON.parse(out)).toEqual({ [evil]: evil })
})
