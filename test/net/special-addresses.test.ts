import { describe, expect, it } from 'vitest'
import { isSpecialAddress, isSpecialHost } from '../../src/net/special-addresses.ts'

describe('isSpecialAddress', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
    ...[
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.8',
      '192.0.2.1',
      '192.31.196.1',
      '192.52.193.1',
      '192.88.99.1',
      '192.168.0.1',
    ],
    ...[
      '192.175.48.1',
      '198.18.0.1',
      '198.19.255.255',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
    ],
    ...['::', '::1', '::7f00:1', 'fe80::1', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '100::1', '5f00::1'],
    ...['2001::1', '2001:2::1', '2001:10::1', '2001:db8::1', '3fff::1', '2620:4f:8000::1'],
  ])('F02: %s is special', (ip) => {
    expect(isSpecialAddress(ip)).toBe(true)
  })

  it.each([
    ...[
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      '::ffff:8.8.8.8',
      '64:ff9b::7f00:1',
      '64:ff9b::8.8.8.8',
      '64:ff9b:1::1',
    ],
    ...[
      '2002:7f00:1::',
      '2001:0:7f00:1::',
      '2a00:1450::5efe:7f00:1',
      '2a00:1450::200:5efe:a00:1',
      '2a00:1450::5efe:127.0.0.1',
    ],
    ...['fe80::1%eth0', '2a00:1450::1%eth0', '', 'example.com', '2130706433', '0x7f.1', '1.2.3'],
  ])('F03: %j is special', (ip) => {
    expect(isSpecialAddress(ip)).toBe(true)
  })

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
  ])('%s is public', (ip) => {
    expect(isSpecialAddress(ip)).toBe(false)
  })

  it('F01: names of this machine and of private networks are special hosts', () => {
    for (const host of [
      'localhost',
      'a.localhost',
      'localhost.',
      'x.internal',
      'x.local',
      'x.home.arpa',
      'intranet',
      '[::1]',
      '10.0.0.1',
    ]) {
      expect(isSpecialHost(host)).toBe(true)
    }
    for (const host of ['claude.ai', 'localhost.example', 'internal.example', '[2606:4700:4700::1111]', '1.1.1.1']) {
      expect(isSpecialHost(host)).toBe(false)
    }
  })
})
