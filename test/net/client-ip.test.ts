import { describe, expect, it } from 'vitest'
import { createClientAddress, createTrustedPeers } from '../../src/net/client-ip.ts'

describe('the address of a client', () => {
  const direct = createClientAddress([])
  const proxied = createClientAddress(['10.0.0.0/8', '192.0.2.7', 'fd00::/8'])

  it('is the peer when no proxy is trusted, whatever the headers say', () => {
    expect(direct('203.0.113.5', '1.2.3.4')).toBe('203.0.113.5')
    expect(direct('::ffff:203.0.113.5', undefined)).toBe('203.0.113.5')
  })

  it('is the right-most address that is not a trusted proxy', () => {
    expect(proxied('10.0.0.1', '203.0.113.5')).toBe('203.0.113.5')
    expect(proxied('::ffff:10.0.0.1', '203.0.113.5, 192.0.2.7')).toBe('203.0.113.5')
    expect(proxied('fd00::1', '2001:DB8::1, 10.9.9.9')).toBe('2001:db8::1')
  })

  it('cannot be borrowed by writing the header oneself', () => {
    expect(proxied('203.0.113.5', '1.2.3.4')).toBe('203.0.113.5')
    expect(proxied('10.0.0.1', '1.2.3.4, 203.0.113.5')).toBe('203.0.113.5')
  })

  it('stays at the last known address when an entry is unreadable', () => {
    expect(proxied('10.0.0.1', '203.0.113.5, unknown')).toBe('10.0.0.1')
    expect(proxied('10.0.0.1', '203.0.113.5, bogus, 10.0.0.2')).toBe('10.0.0.2')
    expect(proxied('10.0.0.1', '')).toBe('10.0.0.1')
  })

  it('reads ports, brackets and zones as proxies write them', () => {
    expect(proxied('10.0.0.1', '203.0.113.5:4711')).toBe('203.0.113.5')
    expect(proxied('10.0.0.1', '[2001:db8::1]:443')).toBe('2001:db8::1')
    expect(proxied('10.0.0.1', '[2001:db8::1]')).toBe('2001:db8::1')
    expect(proxied('10.0.0.1', '203.100.113.125:4711')).toBe('203.100.113.125')
    expect(proxied('10.0.0.1', '2001:db8::1%eth0.4')).toBe('2001:db8::1')
    expect(proxied('fe80::1%eth0', undefined)).toBe('fe80::1')
  })

  it.each([
    ...[
      'x[2001:db8::1]',
      '[2001:db8::1]x',
      '[2001:db8::1]:443x',
      '[2001:db8::1]:',
      '[]',
      'x203.0.113.5:80',
      '203.0.113.5:80x',
    ],
    ...['203.0.113.5:', '%203.0.113.5', 'for=203.0.113.5', '203.0.113.5 198.51.100.1'],
  ])('%j is no address, and the walk ends before it', (entry) => expect(proxied('10.0.0.1', entry)).toBe('10.0.0.1'))

  it('a single address of a list is that one alone, in either family', () => {
    const one = createClientAddress(['10.0.0.7', '2001:db8::7'])
    expect(one('10.0.0.7', '203.0.113.5')).toBe('203.0.113.5')
    expect(one('10.0.0.6', '203.0.113.5')).toBe('10.0.0.6')
    expect(one('2001:db8::7', '203.0.113.5')).toBe('203.0.113.5')
    expect(one('2001:db8::8', '203.0.113.5')).toBe('2001:db8::8')
  })

  it('what is no address at the other end is given as it is, and no header speaks for it', () => {
    expect(proxied('/run/socket', '203.0.113.5')).toBe('/run/socket')
    expect(proxied('', '203.0.113.5')).toBe('')
    expect(proxied('10.0.0.1', undefined)).toBe('10.0.0.1')
  })

  it('one caller after another over the same proxy is each their own', () => {
    for (const [peer, header, expected] of [
      ['10.0.0.1', '203.0.113.5', '203.0.113.5'],
      ['10.0.0.1', '203.0.113.6', '203.0.113.6'],
      ['203.0.113.7', '203.0.113.6', '203.0.113.7'],
      ['10.0.0.1', undefined, '10.0.0.1'],
    ] as const) {
      expect(proxied(peer, header)).toBe(expected)
    }
  })

  it('K02 a forgotten proxy next door is told of once, a stranger who writes the header never', () => {
    const told: string[] = []
    const forgotten = createClientAddress(['192.0.2.7'], (peer) => void told.push(peer))
    for (const peer of ['203.0.113.5', '192.0.2.7', '10.0.0.9', '127.0.0.1', '10.0.0.9'])
      forgotten(peer, '198.51.100.1')
    expect(forgotten('10.0.0.9', '198.51.100.1')).toBe('10.0.0.9')
    forgotten('172.16.0.1', undefined)
    expect(told).toEqual(['10.0.0.9'])
  })

  it('a malformed range is refused at once', () => {
    expect(() => createClientAddress(['10.0.0.0/99'])).toThrow()
    expect(() => createClientAddress(['proxy'])).toThrow()
  })
})

describe('K02 whether a peer is a proxy of the operator’s', () => {
  it('no list trusts nobody', () => {
    const isTrusted = createTrustedPeers([])
    for (const peer of ['127.0.0.1', '10.0.0.1', '::1', '']) expect(isTrusted(peer)).toBe(false)
  })

  it('a list trusts what is in it, however the socket spells it, and nothing beside it', () => {
    const isTrusted = createTrustedPeers(['10.0.0.0/8', 'fd00::/8', '192.0.2.7'])
    for (const peer of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1', 'fd00::1%eth0', '192.0.2.7']) {
      expect(isTrusted(peer), peer).toBe(true)
    }
    for (const peer of ['11.0.0.1', '192.0.2.8', 'fe80::1', '::1', 'unknown', '']) {
      expect(isTrusted(peer), peer).toBe(false)
    }
  })
})
