import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { networkOf } from '../../src/net/network.ts'

describe('whom an address is counted as', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::FFFF', '2001:db8:1:2::/64'],
    ['2001:db8:1::1', '2001:db8:1::/64'],
    ['2001:db8:1:0:5::', '2001:db8:1::/64'],
    ['2001:db8::5', '2001:db8::/64'],
    ['2001::5:1:2:3:4', '2001:0:0:5::/64'],
    ['2001:0:0:5::9', '2001:0:0:5::/64'],
    ['::1', '::/64'],
    ['', ''],
    ['nonsense', 'nonsense'],
    ['12:nonsense', '12:nonsense'],
  ])('G15 %s → %s', (address, network) => expect(networkOf(address)).toBe(network))

  it('G15 every address of one /64 is one, whatever its groups are', () => {
    // Groups in which zeros are frequent, so that texts are shortened in every place.
    let seed = 7
    const group = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % 3 === 0 ? 0 : seed % 65536
    }
    for (let round = 0; round < 2000; round += 1) {
      const network = [0x2000 + (group() % 4096), group(), group(), group()]
      const address = () => new ipaddr.IPv6([...network, group(), group(), group(), group()]).toString()
      const expected = `${new ipaddr.IPv6([...network, 0, 0, 0, 0]).toString()}/64`
      expect([networkOf(address()), networkOf(address())]).toEqual([expected, expected])
    }
  })
})
