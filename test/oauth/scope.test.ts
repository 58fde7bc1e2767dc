import { describe, expect, it } from 'vitest'
import { invalidTarget, OAuthError } from '../../src/oauth/errors.ts'
import {
  formatScope,
  intersectScopes,
  isRegistrableScope,
  isScopeToken,
  isSubset,
  parseScope,
} from '../../src/oauth/scope.ts'

describe('scopes', () => {
  it('are split at spaces, each once, in order', () => {
    expect(parseScope('notes:read  notes:write notes:read ')).toEqual(['notes:read', 'notes:write'])
    expect(parseScope('')).toEqual([])
    expect(parseScope(undefined)).toEqual([])
    expect(formatScope(['b', 'a', 'b'])).toBe('b a')
  })

  it.each(['a"b', 'a\\b', 'a\tb', 'é', 'a\nb', ''])('%j is no scope token', (text) => {
    expect(isScopeToken(text)).toBe(false)
    expect(isRegistrableScope(text)).toBe(false)
  })

  it('E08: what a resource does not know falls away', () => {
    expect(intersectScopes(['a', 'x', 'b', 'a'], ['b', 'a'])).toEqual(['a', 'b'])
    expect(isSubset(['a'], ['a', 'b'])).toBe(true)
    expect(isSubset(['a', 'x'], ['a', 'b'])).toBe(false)
  })

  it('E12: wildcards are not registrable', () => {
    for (const scope of ['*', 'notes:*', 'all', 'ALL', 'a b', '', 'x'.repeat(129)]) {
      expect(isRegistrableScope(scope)).toBe(false)
    }
    expect(isRegistrableScope('notes:read')).toBe(true)
  })
})

describe('an OAuth error', () => {
  it('sends its code and description and keeps the rest for the log', () => {
    const error = invalidTarget('resource is not known here', { log: { resource: 'https://secret.example' } })
    expect(error).toBeInstanceOf(OAuthError)
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      error: 'invalid_target',
      error_description: 'resource is not known here',
    })
    expect(error.log).toEqual({ resource: 'https://secret.example' })
  })
})
