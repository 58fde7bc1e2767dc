import { beforeEach, describe, expect, it } from 'vitest'
import { checkResource } from '../../src/resources/check.ts'
import { createResourceRegistry } from '../../src/resources/registry.ts'
import type { Resource } from '../../src/resources/resource.ts'

let now = new Date('2026-07-28T12:00:00Z')
const clock = { now: () => now }

function resource(identifier: string, aliases: readonly string[] = []): Resource {
  const checked = checkResource({ identifier, aliases })
  if (!checked.ok) throw new Error(checked.faults.join('\n'))
  return { ...checked.facts, id: identifier, origin: 'operator', createdAt: now, updatedAt: now }
}

let rows: Resource[]
let readings: number
const store = {
  async list() {
    readings += 1
    return rows
  },
}

beforeEach(() => {
  now = new Date('2026-07-28T12:00:00Z')
  rows = [resource('https://tools.example/mcp', ['https://www.tools.example/mcp'])]
  readings = 0
})

describe('the registry', () => {
  it.each([
    'https://tools.example/mcp',
    'https://tools.example/mcp/',
    'https://TOOLS.example:443/mcp',
    'https://www.tools.example/mcp/',
  ])('E06 finds the one resource by %s', async (text) => {
    const found = await createResourceRegistry(store, clock).find(text)
    expect(found?.identifier).toBe('https://tools.example/mcp')
  })

  it.each([
    'https://tools.example',
    'https://tools.example/mcp-evil',
    'https://tools.example/mcp/sub',
    'https://tools.example/MCP',
    'https://tools.example/x/../mcp',
    'https://tools.example/mcp#x',
    'http://tools.example/mcp',
    'mcp',
    '',
  ])('E03 E07 does not find %j', async (text) => {
    expect(await createResourceRegistry(store, clock).find(text)).toBeNull()
  })

  it('E01 names the only resource, and none as soon as there are two', async () => {
    const registry = createResourceRegistry(store, clock)
    expect((await registry.only())?.identifier).toBe('https://tools.example/mcp')
    rows = [...rows, resource('https://other.example')]
    registry.invalidate()
    expect(await registry.only()).toBeNull()
    rows = []
    registry.invalidate()
    expect(await registry.only()).toBeNull()
  })

  it('reads once for look-ups that come together, and again after five seconds', async () => {
    const registry = createResourceRegistry(store, clock)
    await Promise.all([registry.find('https://a.example'), registry.all(), registry.byId('x'), registry.algs()])
    expect(readings).toBe(1)
    now = new Date(now.getTime() + 4_999)
    await registry.all()
    expect(readings).toBe(1)
    now = new Date(now.getTime() + 1)
    await registry.all()
    expect(readings).toBe(2)
  })

  it('does not keep a reading that began before a change', async () => {
    const registry = createResourceRegistry(store, clock)
    const early = registry.all()
    registry.invalidate()
    rows = []
    await early
    expect(await registry.all()).toEqual([])
  })

  it('passes a fault of the database on and tries again', async () => {
    let broken = true
    const registry = createResourceRegistry(
      {
        async list() {
          if (broken) throw new Error('no database')
          return rows
        },
      },
      clock,
    )
    await expect(registry.find('https://tools.example/mcp')).rejects.toThrow('no database')
    broken = false
    expect(await registry.find('https://tools.example/mcp')).not.toBeNull()
  })
})
