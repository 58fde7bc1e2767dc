import { expect, it } from 'vitest'
import { keptSeconds } from '../../src/clients/document-lifetime.ts'

const now = new Date('2026-11-20T12:00:00Z')
const day = 86_400

it.each<[Readonly<Record<string, string>>, number]>([
  [{}, 300],
  [{ 'cache-control': 'max-age=600' }, 600],
  [{ 'cache-control': 'public, Max-Age="600"' }, 600],
  [{ 'cache-control': 'max-age=600', age: '500' }, 100],
  [{ 'cache-control': 'max-age=0' }, 60],
  [{ 'cache-control': 'no-cache' }, 60],
  [{ 'cache-control': 'max-age=99999999' }, day],
  [{ 'cache-control': 'max-age=-5' }, 300],
  [{ 'cache-control': 'max-age=1e9' }, 300],
  [{ 'cache-control': 'max-age=600, max-age=99999' }, 600],
  [{ 'cache-control': 'no-store' }, 0],
  [{ 'cache-control': 'max-age=600, NO-STORE' }, 0],
  [{ 'cache-control': 's-maxage=9000' }, 300],
  [{ expires: 'Fri, 20 Nov 2026 13:00:00 GMT' }, 3600],
  [{ expires: 'Fri, 20 Nov 2026 11:00:00 GMT' }, 60],
  [{ expires: '0' }, 60],
  [{ expires: 'Fri, 20 Nov 2099 11:00:00 GMT' }, day],
  [{ expires: 'Fri, 20 Nov 2026 13:00:00 GMT', 'cache-control': 'max-age=120' }, 120],
])('F12: %j is kept for %d seconds', (headers, seconds) => {
  expect(keptSeconds(new Headers(headers), now)).toBe(seconds)
})
