import { describe, expect, it } from 'vitest'
import type { Consent } from '../../src/consent/consent.ts'
import {
  grantedScopes,
  type OfferedScope,
  permissionsAsked,
  rememberedScopes,
  staysConnected,
} from '../../src/consent/decision.ts'

const offered: readonly OfferedScope[] = [
  { name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true, tools: ['read_note'] },
  { name: 'notes:list', description: 'List your notebooks', risk: 'read', isDefault: false, tools: [] },
  { name: 'notes:write', description: 'Change your notes', risk: 'write', isDefault: true, tools: [] },
  { name: 'notes:delete', description: 'Delete your notes', risk: 'destructive', isDefault: false, tools: [] },
]
const all = offered.map((scope) => scope.name)

describe('the permissions of the page', () => {
  it('hold only what was asked and what the MCP server knows, in its order (E08)', () => {
    const permissions = permissionsAsked(['deploy:all', 'notes:write', 'notes:read'], offered, [], 'registered')
    expect(permissions.map((permission) => permission.scope)).toEqual(['notes:read', 'notes:write'])
  })

  it('bring the tools that they open', () => {
    const permissions = permissionsAsked(['notes:read', 'notes:delete'], offered, [], 'registered')
    expect(permissions.map(({ tools }) => tools)).toEqual([['read_note'], []])
  })

  it('lock the default read scopes and nothing that changes something', () => {
    const required = permissionsAsked(all, offered, [], 'operator').filter((permission) => permission.required)
    expect(required.map((permission) => permission.scope)).toEqual(['notes:read'])
  })

  it.each([
    ['registered', ['notes:delete'], false],
    ['document', [], false],
    ['operator', [], false],
    ['document', ['notes:delete'], true],
  ] as const)('tick a destructive one for a %s client that held %j before: %s (E12)', (origin, known, ticked) => {
    const permissions = permissionsAsked(all, offered, known, origin)
    expect(permissions.find((permission) => permission.scope === 'notes:delete')?.ticked).toBe(ticked)
    expect(permissions.filter((permission) => permission.risk !== 'destructive').every(({ ticked: t }) => t)).toBe(true)
  })
})

describe('the granted scopes', () => {
  const permissions = permissionsAsked(['notes:read', 'notes:write', 'notes:delete'], offered, [], 'registered')

  it('are the ticked ones and the required ones', () => {
    expect(grantedScopes(['notes:delete'], permissions).granted).toEqual(['notes:read', 'notes:delete'])
    expect(grantedScopes([], permissions).granted).toEqual(['notes:read'])
  })

  it('never hold a scope that was not on the page; it is reported (G04)', () => {
    const ticked = grantedScopes(['notes:write', 'notes:list', 'admin', ''], permissions)
    expect(ticked.granted).toEqual(['notes:read', 'notes:write'])
    expect(ticked.foreign).toEqual(['notes:list', 'admin', ''])
  })

  it('are empty when all boxes were optional and left empty', () => {
    expect(grantedScopes([], permissionsAsked(['notes:write'], offered, [], 'registered')).granted).toEqual([])
  })
})

describe('the remembered scopes', () => {
  const permissions = permissionsAsked(['notes:read', 'notes:write'], offered, [], 'registered')
  const previous: Consent = {
    id: 'c',
    accountId: 'ada',
    clientId: 'client-1',
    redirectHost: 'app.example',
    resourceId: 'notes',
    scopes: ['notes:delete', 'notes:write'],
    metadataDigest: 'd',
    stayConnected: true,
    grantedAt: new Date(0),
    expiresAt: undefined,
    revokedAt: undefined,
  }

  it('keep what was not asked this time and drop what was unticked (E11)', () => {
    expect(rememberedScopes(['notes:read'], permissions, previous)).toEqual(['notes:delete', 'notes:read'])
  })

  it('are what was granted when nothing stood before', () => {
    expect(rememberedScopes(['notes:write', 'notes:read'], permissions, undefined)).toEqual([
      'notes:read',
      'notes:write',
    ])
  })
})

describe('staying connected', () => {
  it.each([
    [['no', 'yes'], true, true],
    [['no'], true, false],
    [[], true, true],
    [['on'], true, true],
    [['no', 'yes'], false, false],
  ])('form %j, client may refresh %s: %s', (values, mayRefresh, stays) => {
    expect(staysConnected(values, mayRefresh)).toBe(stays)
  })
})
