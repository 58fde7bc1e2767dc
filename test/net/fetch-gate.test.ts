import { describe, expect, it } from 'vitest'
import { createFetchGate, type GateLimits, type Pass } from '../../src/net/fetch-gate.ts'

let now = 0
const open = (limits: Partial<GateLimits> = {}) =>
  createFetchGate(
    {
      concurrent: 10,
      concurrentPerHost: 3,
      perMinutePerHost: undefined,
      failuresPerMinutePerHost: undefined,
      ...limits,
    },
    () => now,
  )
function passOf(entered: Pass | string): Pass {
  if (typeof entered === 'string') throw new Error(entered)
  return entered
}

describe('F07 F16 few at a time', () => {
  it('the eleventh is told at once, and let in when another has left', () => {
    const gate = open()
    const passes = Array.from({ length: 10 }, (_, index) => passOf(gate.enter(`h${index}.example`)))
    expect(gate.enter('late.example')).toBe('busy')
    passes[0]?.leave(false)
    expect(gate.enter('late.example')).not.toBe('busy')
  })

  it('one slow host takes three places and leaves the others to others', () => {
    const gate = open()
    for (let turn = 0; turn < 3; turn += 1) passOf(gate.enter('slow.example'))
    expect(gate.enter('slow.example')).toBe('busy')
    expect(gate.enter('quick.example')).not.toBe('busy')
  })

  it('many names of one address are held back together', () => {
    const gate = open({ concurrent: 100 })
    const found = Array.from({ length: 10 }, (_, index) => passOf(gate.enter(`n${index}.example`)).reach('203.0.113.9'))
    expect(found).toEqual([...Array(9).fill(undefined), 'busy'])
    expect(passOf(gate.enter('other.example')).reach('203.0.113.10')).toBeUndefined()
  })

  it('who was turned away at the address leaves nothing behind', () => {
    const gate = open({ concurrentPerHost: 1 })
    const held = ['a', 'b', 'c'].map((name) => {
      const pass = passOf(gate.enter(`${name}.example`))
      pass.reach('203.0.113.9')
      return pass
    })
    const late = passOf(gate.enter('d.example'))
    expect(late.reach('203.0.113.9')).toBe('busy')
    late.leave(false)
    held[0]?.leave(false)
    const next = passOf(gate.enter('d.example'))
    expect(next.reach('203.0.113.9')).toBeUndefined()
  })
})

describe('F13 F16 few in a minute', () => {
  it('a host is fetched from so often and no more, until the minute is over', () => {
    const gate = open({ perMinutePerHost: 5 })
    for (let turn = 0; turn < 5; turn += 1) passOf(gate.enter('app.example')).leave(false)
    expect(gate.enter('app.example')).toBe('limited')
    expect(gate.enter('other.example')).not.toBe('limited')
    now += 59_999
    expect(gate.enter('app.example')).toBe('limited')
    now += 1
    expect(gate.enter('app.example')).not.toBe('limited')
  })

  it('ids that lead to nothing use a host up sooner than good ones', () => {
    const gate = open({ perMinutePerHost: 60, failuresPerMinutePerHost: 2 })
    passOf(gate.enter('app.example')).leave(true)
    passOf(gate.enter('app.example')).leave(false)
    passOf(gate.enter('app.example')).leave(true)
    expect(gate.enter('app.example')).toBe('limited')
  })

  it('ten thousand hosts do not make it forget the one that is full, nor grow without end', () => {
    const gate = open({ perMinutePerHost: 1, concurrentPerHost: 1 })
    const held = passOf(gate.enter('held.example'))
    for (let index = 0; index < 25_000; index += 1) passOf(gate.enter(`h${index}.example`)).leave(false)
    // What is under way is remembered; a place that is over may be forgotten.
    expect(gate.enter('held.example')).toBe('limited')
    held.leave(false)
    expect(gate.enter('h0.example')).not.toBe('limited')
    expect(gate.enter('h24999.example')).toBe('limited')
  })
})

describe('F16 an address has three times the room of a host', () => {
  it('in fetches and in failures of a minute', () => {
    const gate = open({ concurrent: 100, concurrentPerHost: 100, perMinutePerHost: 2, failuresPerMinutePerHost: 1 })
    const begin = (name: string) => {
      const pass = passOf(gate.enter(`${name}.example`))
      return { refusal: pass.reach('198.51.100.9'), leave: pass.leave }
    }
    const good = ['a', 'b', 'c', 'd', 'e', 'f'].map(begin)
    expect(good.map(({ refusal }) => refusal)).toEqual(Array(6).fill(undefined))
    expect(begin('g').refusal).toBe('limited')
    now += 60_000
    for (const name of ['h', 'i', 'j']) {
      const bad = begin(name)
      expect(bad.refusal).toBeUndefined()
      bad.leave(true)
    }
    expect(begin('k').refusal).toBe('limited')
  })

  it('who was turned away at a full address gives back no place that it never had', () => {
    const gate = open({ concurrentPerHost: 1, concurrent: 100 })
    const enter = (name: string) => {
      const pass = passOf(gate.enter(`${name}.example`))
      return { refusal: pass.reach('198.51.100.10'), leave: pass.leave }
    }
    for (const name of ['a', 'b', 'c']) expect(enter(name).refusal).toBeUndefined()
    for (const name of ['d', 'e']) {
      const late = enter(name)
      expect(late.refusal).toBe('busy')
      late.leave(false)
    }
    expect(enter('f').refusal).toBe('busy')
  })
})

it('F13 the host that was asked last is remembered longest', () => {
  const gate = open({ perMinutePerHost: 2 })
  const visit = (host: string) => passOf(gate.enter(host)).leave(false)
  visit('often.example')
  visit('seldom.example')
  for (let index = 0; index < 9_998; index += 1) visit(`m${index}.example`)
  visit('often.example')
  // One more than are remembered: the one that was asked for longest ago goes, not the one that was seen first.
  visit('last.example')
  expect(gate.enter('often.example')).toBe('limited')
  visit('seldom.example')
  expect(gate.enter('seldom.example')).not.toBe('limited')
})

it('without a clock of a test a minute is a minute', () => {
  const gate = createFetchGate({
    ...{ concurrent: 1, concurrentPerHost: 1, perMinutePerHost: 1, failuresPerMinutePerHost: undefined },
  })
  passOf(gate.enter('app.example')).leave(false)
  expect(gate.enter('app.example')).toBe('limited')
})
