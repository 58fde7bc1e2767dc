import { describe, expect, it } from 'vitest'
import { isPrivateAddress, isSpecialAddress, isSpecialHost } from '../../src/net/special-addresses.ts'

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

  it.each([
    // The last four groups of ISATAP in other places, or with other neighbours, are addresses like any other.
    ...[
      '2a00:1450:0:5efe:7f00:1:2:3',
      '2a00:1450::5efe:7f00:1:2',
      '2a00:1450::1:5efe:7f00:1',
      '2a00:1450::5eff:7f00:1',
    ],
    ...['2a00:1450:1:2:3:4:5:6', '2a00:1450::', '2a00::1', '2001:200::1', '2001:db9::1', '2003::1', '2620:4f:8001::1'],
    ...['192.0.1.1', '192.89.99.1', '198.17.255.255', '198.20.0.1', '223.255.255.255', '11.0.0.1', '126.255.255.255'],
  ])('%s is beside what is special', (ip) => {
    expect(isSpecialAddress(ip)).toBe(false)
  })

  it.each([
    ...[
      '2a00:1450:1:2:0:5efe:7f00:1',
      '2A00:1450::5EFE:A00:1',
      '2a00:1450::5efe:a00:1234',
      '2a00:1450:1:2:200:5efe:10.0.0.1',
    ],
    ...['2a00:0:0:1::5efe:0:1', '2a00:1450:0:0:0:5efe::'],
  ])('F03: %s hides an IPv4 address behind a prefix (ISATAP)', (ip) => {
    expect(isSpecialAddress(ip)).toBe(true)
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
      'intranet.',
      ...['x.intranet', 'x.lan', 'x.home', 'x.corp', 'x.private', 'x.onion', 'x.y.corp.', 'home.arpa'],
      '[::1]',
      '[nonsense]',
      '10.0.0.1',
      '10.0.0.1.',
    ]) {
      expect(isSpecialHost(host), host).toBe(true)
    }
    for (const host of [
      ...['claude.ai', 'localhost.example', 'internal.example', '[2606:4700:4700::1111]', '1.1.1.1', 'claude.ai.'],
      ...['notlocal.example', 'x.notlocal', 'x.homearpa', 'x.home.arpa.example', 'x.localx'],
    ]) {
      expect(isSpecialHost(host), host).toBe(false)
    }
  })
})

describe('F01 isPrivateAddress: what an operator may open by naming a host', () => {
  it.each([
    ...['10.0.0.1', '10.255.255.255', '100.64.0.1', '127.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.255.255'],
    ...['fc00::1', 'fd00::7', 'fdff:ffff::1', '::1', '100.100.100.199', 'fd20:ce::253', 'fd00:ec3::1'],
  ])('%s', (ip) => expect(isPrivateAddress(ip)).toBe(true))

  it.each([
    ...['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254', 'fe80::1', 'fd00::7%eth0', '::1%lo'],
    ...[
      '0.0.0.0',
      '::',
      '224.0.0.1',
      'ff02::1',
      '255.255.255.255',
      '::ffff:10.0.0.7',
      '64:ff9b::a00:7',
      '2002:a00:7::',
    ],
    ...['172.32.0.1', '100.128.0.1', '192.169.0.1', '93.184.216.34', '2606:4700:4700::1111', '::2', 'fe00::1'],
    ...['', 'localhost', '10.0.0', '10.0.0.1:80', '[::1]'],
  ])('not %j', (ip) => expect(isPrivateAddress(ip)).toBe(false))
})
