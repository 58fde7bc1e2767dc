import { describe, expect, it } from 'vitest'
import { allowDocument, type DocumentPolicy, isDocumentId, mayFetchLogo } from '../../src/clients/document-policy.ts'
import { documentFixtures } from '../fixtures/clients.ts'

const id = 'https://app.example.com/client.json'
const document = { client_id: id, client_name: 'App', redirect_uris: ['http://localhost/callback'] }
const policy: DocumentPolicy = { mode: 'on', hosts: [], pinned: new Map(), issuer: 'https://auth.example' }

describe('which documents may be used', () => {
  it.each([
    id,
    'https://app.example.com/a/b?x=1',
    'https://app.example.com:8443/client.json',
    'https://xn--bcher-kva.example/c',
    ...documentFixtures.keys(),
  ])('%s', (clientId) => {
    expect(allowDocument(clientId, policy)).toEqual({ ok: true })
  })

  it.each([
    'https://169.254.169.254/x',
    'https://[fd00:ec2::254]/x',
    'https://metadata.google.internal/x',
    'https://localhost/x',
    'https://127.0.0.1:8080/x',
    'https://intranet/x',
  ])('F01: %s is refused', (clientId) => {
    expect(allowDocument(clientId, policy).ok).toBe(false)
  })

  it.each([
    'http://app.example.com/x',
    'HTTPS://app.example.com/x',
    'https://app.example.com/x#y',
    'https://app.example.com/x#',
    'https://user@app.example.com/x',
    'https://@app.example.com/x',
    'https://app.example.com/./x',
    'https://app.example.com/a/../x',
    'https://app.example.com/%2e%2E/x',
    'https://app.example.com',
    'https://app.example.com/',
    'https://app.example.com\\x',
    'https://app.example.com/x\n',
    'https://app.example.com/ x',
    'https://App.example.com/x',
    'https://app.example.com:443/x',
    'https://b\u00fccher.example/c',
    'https://2130706433/x',
    // Another name of the same host: neither of blocked ones, nor of those that must not be clients, would it be found.
    'https://app.example.com./x',
    'https://auth.example./x',
    `https://app.example.com/${'x'.repeat(1024)}`,
    'com.example.app',
    '',
  ])('F11: %j is refused', (clientId) => {
    expect(allowDocument(clientId, policy).ok).toBe(false)
  })

  it('F19: a document on this server is refused', () => {
    expect(allowDocument('https://auth.example/x', policy).ok).toBe(false)
  })

  it('F20: the modes decide, and the list also opens internal hosts', () => {
    const local = 'https://localhost/x'
    expect(allowDocument(id, { ...policy, mode: 'off' }).ok).toBe(false)
    expect(allowDocument(id, { ...policy, mode: 'listed' }).ok).toBe(false)
    expect(allowDocument(id, { ...policy, mode: 'listed', hosts: ['app.example.com'] }).ok).toBe(true)
    expect(
      allowDocument('https://evil.app.example.com/x', { ...policy, mode: 'listed', hosts: ['app.example.com'] }).ok,
    ).toBe(false)
    expect(allowDocument(local, { ...policy, hosts: ['localhost'] }).ok).toBe(true)
    expect(allowDocument(id, { ...policy, mode: 'pinned' }).ok).toBe(false)
    expect(allowDocument(id, { ...policy, mode: 'pinned', pinned: new Map([[id, document]]) }).ok).toBe(true)
  })
})

describe('what the operator says of hosts', () => {
  it('F15: a blocked host is refused before anything else, pinned or listed', () => {
    const isBlocked = (host: string) => host === 'app.example.com'
    for (const more of [
      {},
      { mode: 'listed', hosts: ['app.example.com'] },
      { pinned: new Map([[id, document]]) },
    ] as const) {
      expect(allowDocument(id, { ...policy, ...more, isBlocked })).toMatchObject({ ok: false })
    }
    expect(allowDocument('https://other.example/c', { ...policy, isBlocked }).ok).toBe(true)
    expect(mayFetchLogo({ ...policy, isBlocked }, 'https://app.example.com/logo.png')).toBe(false)
    expect(mayFetchLogo({ ...policy, isBlocked }, 'https://other.example/logo.png')).toBe(true)
  })

  it('a host that may lie inside is let through, but is not thereby listed', () => {
    const more = { internalHosts: ['localhost', 'intranet'] }
    expect(allowDocument('https://localhost/x', { ...policy, ...more }).ok).toBe(true)
    expect(allowDocument('https://127.0.0.1/x', { ...policy, ...more }).ok).toBe(false)
    expect(allowDocument('https://intranet/x', { ...policy, ...more, mode: 'listed', hosts: ['a.example'] }).ok).toBe(
      false,
    )
  })
})

describe('an id', () => {
  it.each([
    [id, true],
    ['HTTPS://app.example.com/x', true],
    ['http://app.example.com/x', false],
    ['not-https://app.example.com/x', false],
    ['com.example.app', false],
  ])('%s claims to be a document: %s (F21)', (clientId, isDocument) => {
    expect(isDocumentId(clientId)).toBe(isDocument)
  })

  it('may be as long as 1024 characters', () => {
    const base = 'https://app.example.com/'
    const fits = base + 'x'.repeat(1024 - base.length)
    expect(allowDocument(fits, policy).ok).toBe(true)
    expect(allowDocument(`${fits}x`, policy)).toMatchObject({ reason: 'client_id is longer than 1024 characters' })
  })

  it.each([
    ['http://app.example.com/x', 'not an https address'],
    [`https://app.example.com/x y`, 'characters that an address cannot have'],
    ['https://app.example.com/x\\y', 'characters that an address cannot have'],
    ['https://app.example.com/x#y', 'fragment'],
    ['https://me@app.example.com/x', 'user information'],
    ['https://app.example.com/a/../x', 'dot segments'],
    ['https://App.example.com/x', 'canonical form'],
    ['https://app.example.com:x/x', 'canonical form'],
    ['https://app.example.com/', 'must have a path'],
    ['https://auth.example/x', 'must not lie on this server'],
    ['https://localhost/x', 'local or special-use'],
  ])('%s is refused, and the developer is told why (F11)', (clientId, words) => {
    const verdict = allowDocument(clientId, policy)
    expect(verdict.ok ? '' : verdict.reason).toContain(words)
  })

  it('with an @ in its path is nobody else’s', () => {
    expect(allowDocument('https://app.example.com/@me/client.json', policy).ok).toBe(true)
  })

  it('is pinned or listed by what the operator wrote, port included', () => {
    const listed = (hosts: readonly string[]) =>
      allowDocument('https://app.example.com:8443/x', { ...policy, mode: 'listed', hosts })
    expect(listed(['app.example.com:8443']).ok).toBe(true)
    expect(listed(['app.example.com']).ok).toBe(true)
    expect(listed(['app.example.com:9443']).ok).toBe(false)
    const pinned = new Map([['https://localhost/x', document]])
    expect(allowDocument('https://localhost/x', { ...policy, pinned }).ok).toBe(true)
    expect(allowDocument(id, { ...policy, mode: 'off', pinned: new Map([[id, document]]) }).ok).toBe(false)
  })
})

describe('a picture', () => {
  it.each([
    ['on', 'https://cdn.example/logo.png', true],
    ['listed', 'https://app.example.com/logo.png', true],
    ['listed', 'https://cdn.example/logo.png', false],
    ['pinned', 'https://app.example.com/logo.png', false],
    ['off', 'https://app.example.com/logo.png', false],
    ['on', 'no address', false],
  ] as const)('in mode %s from %s is fetched: %s (F18)', (mode, uri, isFetched) => {
    expect(mayFetchLogo({ mode, hosts: ['app.example.com'] }, uri)).toBe(isFetched)
  })
})
