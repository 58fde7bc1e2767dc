import { describe, expect, it } from 'vitest'
import { createClientAddress } from '../../src/net/client-ip.ts'

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
