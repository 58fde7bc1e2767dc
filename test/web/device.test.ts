import { expect, it } from 'vitest'
import { coarseAddress } from '../../src/net/coarse-address.ts'
import { deviceOf, readDevice } from '../../src/web/device.ts'

const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)'

it.each([
  [`${mac} Chrome/139.0.0.0 Safari/537.36`, 'Chrome/macOS'],
  [`${mac} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0`, 'Edge/macOS'],
  [`${mac} Version/18.5 Safari/605.1.15`, 'Safari/macOS'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0', 'Firefox/Linux'],
  ['Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/139.0 Mobile Safari/537.36', 'Chrome/Android'],
  ['Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/139.0 Safari/604.1', 'Chrome/iPad'],
  ['curl/8.5.0', undefined],
  ['', undefined],
  ['<b>Windows</b>', '/Windows'],
])('of %j nothing is kept but two names of ours (G21)', (userAgent, expected) => {
  expect(deviceOf(userAgent)).toBe(expected)
})

it('reads back what it stored', () => {
  expect(readDevice('Firefox/Windows')).toEqual({ browser: 'Firefox', system: 'Windows' })
  expect(readDevice('/Windows')).toEqual({ browser: undefined, system: 'Windows' })
  expect(readDevice(undefined)).toEqual({ browser: undefined, system: undefined })
})

it.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['not an address', undefined],
  [undefined, undefined],
])('of the address %s is kept %s (G25)', (address, expected) => {
  expect(coarseAddress(address)).toBe(expected)
})
