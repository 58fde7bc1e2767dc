// Options as they come out of environments and JSON, where no compiler has looked at them.
import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../verifier/src/index.ts'
import { startIssuer } from './issuer.ts'

const make = (options: object) =>
  createVerifier({ issuer: 'https://auth.example', resource: 'https://mcp.example/mcp', ...options })
const introspection = { url: 'https://auth.example/introspect', authorization: 'Basic x' }
const inherited: unknown = Object.create({ anything: [] })

describe('an option that would let in more than it says stops the start', () => {
  test.each<[object, string]>([
    // Added to a time as text it makes that ten times as late: nothing would ever expire.
    [{ clockSkewSeconds: '5' }, 'clockSkewSeconds must be'],
    [{ clockSkewSeconds: Number.NaN }, 'clockSkewSeconds must be'],
    [{ introspection: { ...introspection, cacheSeconds: '10' } }, 'introspection.cacheSeconds must be'],
    [{ introspection: { ...introspection, cacheSeconds: -1 } }, 'introspection.cacheSeconds must be'],
    [{ acceptAudienceArrays: 'false' }, 'acceptAudienceArrays must be'],
    [{ dpop: { required: 'false' } }, 'dpop.required and'],
    [{ dpop: { nonces: 0 } }, 'dpop.nonces must be'],
    [{ tools: null }, 'tools must map'],
    [{ tools: ['a'] }, 'tools must map'],
    [{ tools: new Map([['a', ['a:call']]]) }, 'tools must map'],
    [{ tools: inherited }, 'tools must map'],
    [{ tools: { a: [5] } }, 'tools must map'],
    [{ scopeHierarchy: { admin: 'read' } }, 'scopeHierarchy must map'],
    [{ scopeHierarchy: { admin: 5 } }, 'scopeHierarchy must map'],
    [{ scopeHierarchy: { admin: ['read write'] } }, 'scopeHierarchy must map'],
    [{ scopeHierarchy: new Map([['admin', ['read']]]) }, 'scopeHierarchy must map'],
    // With whenUnavailable: 'accept' nobody would ever be asked.
    [{ introspection: { url: introspection.url } }, 'introspection.authorization must be'],
    [{ introspection: { ...introspection, authorization: '' } }, 'introspection.authorization must be'],
  ])('%j', (options, fault) => {
    expect(() => make(options)).toThrow(TypeError)
    expect(() => make(options)).toThrow(`createVerifier: `)
    expect(() => make(options)).toThrow(fault)
  })
})

describe('an option that would refuse everybody stops the start, and says why', () => {
  test.each<[object, string]>([
    [{ issuer: 'https://auth.example\n' }, 'issuer must be'],
    [{ issuer: ' https://auth.example' }, 'issuer must be'],
    [{ resource: 'https://mcp.example/ mcp' }, 'resource must be'],
    [{ jwksUri: 'https://auth.example/jwks ' }, 'jwksUri must be'],
    [{ algorithms: 'ES256' }, 'algorithms must be a list'],
    [{ algorithms: ['HS256'] }, 'algorithms must be asymmetric'],
    [{ scopes: 'notes:read' }, 'scopes must be a list'],
    [{ acceptTypes: 'JWT' }, 'acceptTypes must be a list'],
    [{ fetchTimeoutSeconds: 61 }, 'fetchTimeoutSeconds must be'],
    [{ resourceDocumentation: 'the wiki' }, 'resourceDocumentation must be'],
  ])('%j', (options, fault) => {
    expect(() => make(options)).toThrow(`createVerifier: `)
    expect(() => make(options)).toThrow(fault)
  })

  test('and whatever is only left open is the default', () => {
    const open = { tools: undefined, scopes: undefined, introspection: { ...introspection, cacheSeconds: undefined } }
    expect(make(open).mayCall({ scopes: [] }, 'anything')).toBe(true)
    expect(make({ scopeHierarchy: Object.create(null), fetchTimeoutSeconds: 60 }).metadata.resource).toBe(
      'https://mcp.example/mcp',
    )
  })
})

test('V28 a hierarchy with a cycle comes to an end, and implies what it says', () => {
  const verifier = make({ scopeHierarchy: { a: ['b'], b: ['c'], c: ['a'], constructor: ['d'] } })
  expect(verifier.covers({ scopes: ['b'] }, ['a', 'c'])).toBe(true)
  expect(verifier.covers({ scopes: ['b', '__proto__', 'toString'] }, ['d'])).toBe(false)
})

test('V34 a time that is not whole milliseconds is one all the same', async () => {
  const issuer = await startIssuer()
  try {
    // 16.1 * 1000 is 16100.000000000002.
    const verifier = issuer.verifier({ fetchTimeoutSeconds: 16.1 })
    await expect(verifier.ready()).resolves.toBeUndefined()
  } finally {
    await issuer.close()
  }
})
