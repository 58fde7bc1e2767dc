import { describe, expect, it } from 'vitest'
import { checkResource } from '../../src/resources/check.ts'
import { describeScopes, gravestRisk, groupByRisk } from '../../src/resources/scope-catalog.ts'

const checked = checkResource({
  identifier: 'https://tools.example/mcp',
  scopes: [
    { name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true },
    { name: 'notes:tags', description: 'See your tags', risk: 'read' },
    { name: 'notes:write', description: 'Change your notes', risk: 'write' },
    { name: 'notes:purge', description: 'Delete notes for good', risk: 'destructive' },
  ],
})
if (!checked.ok) throw new Error('the example is wrong')
const resource = checked.facts

describe('the words of a request', () => {
  it('stand in the order of the resource, not of the client', () => {
    const words = describeScopes(resource, ['notes:write', 'notes:read'])
    expect(words.map(({ name }) => name)).toEqual(['notes:read', 'notes:write'])
    expect(words[0]).toEqual({ name: 'notes:read', description: 'Read your notes', risk: 'read' })
  })

  it('E08 leave out scopes of other resources', () => {
    expect(describeScopes(resource, ['files:read', 'constructor', '__proto__'])).toEqual([])
  })

  it('E12 show the gravest first, so that it is not hidden in a long list', () => {
    const groups = groupByRisk(resource, ['notes:read', 'notes:tags', 'notes:purge'])
    expect(groups.map(({ risk, scopes }) => [risk, scopes.length])).toEqual([
      ['destructive', 1],
      ['read', 2],
    ])
    expect(gravestRisk(resource, ['notes:read', 'notes:purge'])).toBe('destructive')
    expect(gravestRisk(resource, [])).toBeNull()
  })
})
