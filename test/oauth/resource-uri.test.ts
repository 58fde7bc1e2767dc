import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalResource } from '../../src/oauth/resource-uri.ts'

describe('canonicalResource', () => {
  it.each([
    ['https://rs.example', 'https://rs.example'],
    ['https://rs.example/', 'https://rs.example'],
    ['HTTPS://RS.Example/Mcp', 'https://rs.example/Mcp'],
    ['https://rs.example:443/mcp/', 'https://rs.example/mcp'],
    ['http://localhost:80', 'http://localhost'],
    ['http://localhost:9728/mcp', 'http://localhost:9728/mcp'],
    ['https://b\u00fccher.example/mcp', 'https://xn--bcher-kva.example/mcp'],
    ['https://rs.example/mcp//', 'https://rs.example/mcp//'],
    ['https://rs.example/%6dcp', 'https://rs.example/%6dcp'],
    ['https://rs.example/mcp?tenant=A', 'https://rs.example/mcp?tenant=A'],
  ])('E06: %s is %s', (text, canonical) => {
    expect(canonicalResource(text)).toBe(canonical)
  })

  it.each([
    '',
    'mcp',
    '/mcp',
    '//rs.example/mcp',
    'https:rs.example',
    'https:///mcp',
    'javascript:alert(1)',
    'urn:example:mcp',
    'ftp://rs.example',
    'https://rs.example/#',
    'https://rs.example/mcp#x',
    'https://user@rs.example/mcp',
    'https://@rs.example/mcp',
    'https://rs.example/m cp',
    ' https://rs.example/mcp',
    'https://rs.example/mcp\n',
    'https://rs.example\\mcp',
    'https://rs.example:99999/',
    `https://rs.example/${'a'.repeat(4096)}`,
  ])('E02: %j names no resource', (text) => {
    expect(canonicalResource(text)).toBeNull()
  })

  it('E07: a path prefix or a dot segment never leads to another resource', () => {
    expect(canonicalResource('https://rs.example/mcp-evil')).not.toBe(canonicalResource('https://rs.example/mcp'))
    expect(canonicalResource('https://rs.example/MCP')).not.toBe(canonicalResource('https://rs.example/mcp'))
    expect(canonicalResource('https://rs.example/mcp/../x')).toBeNull()
    expect(canonicalResource('https://rs.example/mcp/%2e%2E/x')).toBeNull()
    expect(canonicalResource('https://rs.example/./mcp')).toBeNull()
  })

  it('the canonical form of a canonical form is itself', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (text) => {
        const once = canonicalResource(text)
        if (once !== null) expect(canonicalResource(once)).toBe(once)
      }),
    )
  })
})
