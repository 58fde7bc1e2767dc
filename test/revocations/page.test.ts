import { describe, expect, it } from 'vitest'
import { createRevocationList } from '../../src/revocations/list.ts'
import { overlapMs, pageOf } from '../../src/revocations/page.ts'
import { keptSeconds, momentOf, publishedMark, type Revocation } from '../../src/revocations/revocation.ts'

const start = Date.UTC(2026, 10, 20, 12)
const at = (ms: number) => new Date(start + ms)
const line = (ms: number, name = `c${ms}`): Revocation => ({
  lines: `client\n${name}`,
  moment: momentOf(at(ms)),
  createdAtMs: start + ms,
})
const told = (page: { lines: readonly Revocation[] }) => page.lines.map(({ lines }) => lines.slice('client\n'.length))

describe('what is on the list', () => {
  it('the mark is the one of the format', () => {
    expect(publishedMark('https://auth.example', 'account\nalice')).toBe('otz6Bu2ZaC-dxBHtc7H8bEPpH51-7E-Qtts9zeJvGO0')
  })

  it('a token of the same second is refused, one of the next is good', () => {
    expect(momentOf(new Date(1000))).toBe(2)
    expect(momentOf(new Date(1999))).toBe(2)
  })
})

describe('a part of the list', () => {
  const list = [line(-300_000), line(-200_000), line(-10_000), line(-1000)]

  it('begins with everything, and goes on from there', () => {
    const first = pageOf(list, undefined, at(0))
    expect(first).toMatchObject({ isComplete: true, hasMore: false, cursor: String(start - 1000) })
    const more = [...list, line(500)]
    const next = pageOf(more, first.cursor, at(1000))
    expect(next).toMatchObject({ isComplete: false, cursor: String(start + 500) })
    // Twice told: what may have been on its way.
    expect(told(next)).toEqual(['c-10000', 'c-1000', 'c500'])
  })

  it('tells what another process wrote before the cursor and committed after', () => {
    const { cursor } = pageOf(list, undefined, at(0))
    const late = line(-1000 - overlapMs, 'late')
    const more = [...list, late].sort((one, other) => one.createdAtMs - other.createdAtMs)
    expect(told(pageOf(more, cursor, at(1000)))).toContain('late')
  })

  it('with nothing new the cursor stands for a minute, and then leaves old lines behind', () => {
    const minute = pageOf([], undefined, at(0))
    expect(pageOf([], minute.cursor, at(59_000)).cursor).toBe(minute.cursor)
    const old = [line(-300_000)]
    const { cursor } = pageOf(old, undefined, at(0))
    expect(told(pageOf(old, cursor, at(0)))).toEqual([])
    expect(pageOf(old, cursor, at(60_000)).cursor).toBe(String(Number(cursor) + 60_000))
  })

  it('the cursor never goes back, also not at a process that knows less', () => {
    const ahead = String(start + 20_000)
    expect(pageOf([], ahead, at(0)).cursor).toBe(ahead)
  })

  it.each([
    ['is unknown', 'abc'],
    ['is empty', ''],
    ['is negative', '-1'],
    ['is too old', String(start - keptSeconds * 1000 - 1)],
    ['is from the future', String(start + overlapMs + 1)],
    ['has no end', '9'.repeat(300)],
    ['has a fraction of nonsense', `${start}.x`],
  ])('a cursor that %s leads to everything', (_title, since) => {
    expect(pageOf(list, since, at(0))).toMatchObject({ isComplete: true, lines: list })
  })

  it('a long list is told in parts, each line once, also where many are of one millisecond', () => {
    const many = Array.from({ length: 23 }, (_, index) => line(index < 15 ? -5000 : -4000 + index, `n${index}`))
    const seen: string[] = []
    let page = pageOf(many, undefined, at(0), 4)
    expect(page.isComplete).toBe(true)
    seen.push(...told(page))
    for (let turn = 0; page.hasMore; turn += 1) {
      expect(turn).toBeLessThan(10)
      page = pageOf(many, page.cursor, at(0), 4)
      expect(page.isComplete).toBe(false)
      seen.push(...told(page))
    }
    expect(seen).toEqual(many.map(({ lines }) => lines.slice(7)))
    expect(page.cursor).toBe(String(many.at(-1)?.createdAtMs))
  })
})

describe('the list in memory', () => {
  it('is read once a second, however many ask, and again after a fault', async () => {
    const rows = [line(0)]
    const asked: number[] = []
    let nowMs = start + 1000
    let isDown = false
    const list = createRevocationList(
      {
        async since(fromMs) {
          asked.push(fromMs)
          if (isDown) throw new Error('no database')
          return rows.filter(({ createdAtMs }) => createdAtMs >= fromMs)
        },
      },
      { now: () => new Date(nowMs) },
    )
    const [first] = await Promise.all([list.current(), list.current(), list.current()])
    expect([first, asked.length]).toEqual([[line(0)], 1])
    rows.push(line(1500))
    expect(await list.current()).toBe(first)
    nowMs += 1000
    expect(await list.current()).toEqual(rows)
    expect(asked.at(-1)).toBe(start + 1000 - overlapMs)
    // Nothing new: the same array, so that the same document answers.
    const second = await list.current()
    nowMs += 1000
    expect(await list.current()).toBe(second)
    // Of another process, which was slow.
    rows.unshift(line(-100, 'late'))
    nowMs += 1000
    expect((await list.current()).map(({ lines }) => lines)).toEqual(['client\nlate', 'client\nc0', 'client\nc1500'])
    isDown = true
    nowMs += 1000
    await expect(list.current()).rejects.toThrow('no database')
    isDown = false
    expect(await list.current()).toHaveLength(3)
    nowMs += keptSeconds * 1000
    expect(await list.current()).toHaveLength(0)
  })
})
