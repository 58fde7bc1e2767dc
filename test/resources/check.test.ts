import { describe, expect, it } from 'vitest'
import { checkResource, collisions, neededAlgs, scopeNameFault } from '../../src/resources/check.ts'
import { defaultScopes, type ResourceDraft, type ResourceFacts, scopeNames } from '../../src/resources/resource.ts'

const notes: ResourceDraft = {
  identifier: 'http://localhost:9728/mcp',
  name: 'Notes',
  scopes: [
    { name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true },
    { name: 'notes:write', description: 'Change your notes' },
  ],
}

function factsOf(changes: Partial<ResourceDraft> = {}): ResourceFacts {
  const checked = checkResource({ ...notes, ...changes })
  if (!checked.ok) throw new Error(checked.faults.join('\n'))
  return checked.facts
}

function faultsOf(changes: Partial<ResourceDraft>): readonly string[] {
  const checked = checkResource({ ...notes, ...changes })
  return checked.ok ? [] : checked.faults
}

describe('a resource as somebody wrote it', () => {
  it('gets defaults where nothing was said', () => {
    const facts = factsOf({ name: undefined })
    expect(facts).toMatchObject({ name: 'localhost:9728/mcp', tokenLifetimeSeconds: 300, signingAlg: 'ES256' })
    expect(scopeNames(facts)).toEqual(['notes:read', 'notes:write'])
    expect(defaultScopes(facts)).toEqual(['notes:read'])
    expect(facts.scopes[1]?.risk).toBe('write')
  })

  it('names the tools of a scope, each once, in the order given; none when nothing was said', () => {
    const tools = ['search_notes', 'admin/read.note-2', 'search_notes', 't'.repeat(128)]
    const { scopes } = factsOf({ scopes: [{ name: 'a', description: 'Read', tools }, ...(notes.scopes ?? [])] })
    expect(scopes.map((scope) => scope.tools)).toEqual([['search_notes', 'admin/read.note-2', 't'.repeat(128)], [], []])
  })

  it('E06 is kept under its canonical identifier', () => {
    expect(factsOf({ identifier: 'HTTPS://Tools.Example:443/MCP/' }).identifier).toBe('https://tools.example/MCP')
    expect(factsOf({ identifier: 'https://tools.example/' }).identifier).toBe('https://tools.example')
  })

  it('keeps aliases in canonical form, each once, the identifier itself left out', () => {
    const aliases = ['http://LOCALHOST:9728/mcp/', 'http://127.0.0.1:9728/mcp/', 'http://127.0.0.1:9728/mcp']
    expect(factsOf({ aliases }).aliases).toEqual(['http://127.0.0.1:9728/mcp'])
  })

  it.each([
    ['E02 a relative identifier', { identifier: '/mcp' }],
    ['E02 an identifier with a fragment', { identifier: 'https://tools.example/mcp#top' }],
    ['E02 an identifier of another scheme', { identifier: 'javascript:alert(1)' }],
    ['E02 an identifier with a user', { identifier: 'https://me@tools.example/mcp' }],
    ['E02 an empty identifier', { identifier: '' }],
    ['E02 an identifier of 4 kB', { identifier: `https://tools.example/${'a'.repeat(4096)}` }],
    ['E07 an identifier with dot segments', { identifier: 'https://tools.example/mcp/../other' }],
    ['an unusable alias', { aliases: ['tools.example'] }],
    ['a lifetime below half a minute', { tokenLifetimeSeconds: 29 }],
    ['a lifetime above an hour', { tokenLifetimeSeconds: 3601 }],
    ['a lifetime that is no whole number', { tokenLifetimeSeconds: 90.5 }],
    ['an unknown algorithm', { signingAlg: 'HS256' }],
    ['the algorithm none', { signingAlg: 'none' }],
    ['a name with a mark that turns the reading direction', { name: 'Notes\u202eetalumis' }],
    ['a scope without words', { scopes: [{ name: 'notes:read', description: ' ' }] }],
    ['a tool that is no name', { scopes: [{ name: 'a', description: 'Read', tools: ['read_note', 'two words'] }] }],
    ['a tool without a name', { scopes: [{ name: 'a', description: 'Read', tools: [''] }] }],
    ['a tool with markup', { scopes: [{ name: 'a', description: 'Read', tools: ['<b>'] }] }],
    ['a tool of 129 characters', { scopes: [{ name: 'a', description: 'Read', tools: ['t'.repeat(129)] }] }],
    [
      'a scope of 101 tools',
      { scopes: [{ name: 'a', description: 'Read', tools: Array.from({ length: 101 }, (_, at) => `tool_${at}`) }] },
    ],
    ['a scope of unknown risk', { scopes: [{ name: 'notes:read', description: 'Read', risk: 'harmless' }] }],
  ])('is refused: %s', (_, changes) => {
    expect(faultsOf(changes)).toHaveLength(1)
  })

  it('is refused with every fault at once', () => {
    expect(faultsOf({ identifier: 'x', tokenLifetimeSeconds: 0, signingAlg: 'none' })).toHaveLength(3)
  })

  it('E12 has no scope that means everything', () => {
    for (const name of ['*', 'notes:*', 'all', 'ALL', 'everything']) expect(scopeNameFault(name)).toMatch(/everything/)
  })

  it('E10 has no scope with a meaning of its own in OpenID Connect', () => {
    for (const name of ['openid', 'offline_access']) expect(scopeNameFault(name)).toMatch(/OpenID/)
  })

  it('has scope tokens as RFC 6749 §3.3 wants them', () => {
    for (const name of ['notes:read', 'a', '!', 'https://tools.example/scope']) expect(scopeNameFault(name)).toBeNull()
    for (const name of ['', 'two words', 'quo"te', 'back\\slash', 'ümlaut', 'tab\t', 'x'.repeat(257)]) {
      expect(scopeNameFault(name)).not.toBeNull()
    }
  })

  it('has each scope once', () => {
    const scope = { name: 'notes:read', description: 'Read' }
    expect(faultsOf({ scopes: [scope, scope] })).toHaveLength(1)
  })
})

describe('two resources', () => {
  const files = factsOf({ identifier: 'https://tools.example/files', aliases: ['https://files.example'] })

  it('E07 with paths of which one begins like the other are different', () => {
    expect(collisions(factsOf({ identifier: 'https://tools.example/files-evil' }), [files])).toEqual([])
    expect(collisions(factsOf({ identifier: 'https://tools.example/FILES' }), [files])).toEqual([])
  })

  it('E09 cannot share an identifier or an alias, in whichever spelling', () => {
    expect(collisions(factsOf({ identifier: 'https://tools.example/files/' }), [files])).toHaveLength(1)
    expect(collisions(factsOf({ identifier: 'https://files.example/' }), [files])).toHaveLength(1)
    expect(collisions(factsOf({ aliases: ['https://tools.example/files'] }), [files])).toHaveLength(1)
    expect(collisions(factsOf({ aliases: ['https://files.example'] }), [files])).toHaveLength(1)
  })
})

it('ES256 is always among the needed algorithms, each is named once', () => {
  expect(neededAlgs([])).toEqual(['ES256'])
  expect(neededAlgs([{ signingAlg: 'RS256' }, { signingAlg: 'RS256' }, { signingAlg: 'EdDSA' }])).toEqual([
    'ES256',
    'EdDSA',
    'RS256',
  ])
})
