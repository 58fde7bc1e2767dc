import { describe, expect, it } from 'vitest'
import { coarseAddress } from '../../src/net/coarse-address.ts'

describe('what is kept of an address', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['10.20.30.40', '10.20.30.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8:1:ffff::1', '2001:db8:1::/48'],
    ['127.0.0.1', 'loopback'],
    ['127.9.9.9', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
  ])('%s → %s: the place, not the household', (address, kept) => expect(coarseAddress(address)).toBe(kept))

  it.each([undefined, '', 'unknown', '192.0.2', '192.0.2.77:80'])('%j is none, and nothing is kept of it', (address) =>
    expect(coarseAddress(address)).toBeUndefined(),
  )
})
