import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createLogos } from '../../src/logos/logo.ts'
import { createLogoStore } from '../../src/logos/store.ts'
import { GuardedFetchError } from '../../src/net/guarded-fetch.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const client = { id: 'https://claude.example/client.json', logoUri: 'https://claude.example/logo.png' }
const day = 24 * 3600 * 1000

const red = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
  .png()
  .toBuffer()

describe.each(databaseKinds)('logos, %s', (kind) => {
  async function open(answer: (uri: string) => Promise<Response> | Response = () => pictureOf(red)) {
    const database = await openTestDatabase(kind)
    const asked: string[] = []
    const time = { now: new Date('2026-03-03T10:00:00Z') }
    const logos = createLogos({
      store: createLogoStore(database),
      guardedFetch: async (uri) => {
        asked.push(String(uri))
        return answer(String(uri))
      },
      mayFetch: (uri) => !uri.includes('forbidden'),
      clock: { now: () => time.now },
      logger: { debug() {} },
    })
    return { logos, asked, time }
  }

  it('F18 the first page shows no picture and waits for none; the next one shows ours', async () => {
    const { logos, asked } = await open()
    expect(await logos.addressOf(client)).toBeUndefined()
    await logos.settled()
    const address = await logos.addressOf(client)
    expect(address).toMatch(/^\/logos\/[\w-]{22}\.png\?client=https%3A%2F%2Fclaude\.example%2Fclient\.json$/)
    expect(asked).toEqual([client.logoUri])
    const digest = /logos\/([\w-]+)/.exec(address ?? '')?.[1] ?? ''
    const png = await logos.png(client.id, digest)
    expect(
      Buffer.from(png ?? [])
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    expect(await logos.png(client.id, 'A'.repeat(22))).toBeNull()
    expect(await logos.png('another', digest)).toBeNull()
  })

  it('F18 is asked for once at a time and once a day', async () => {
    const { logos, asked, time } = await open()
    await Promise.all(Array.from({ length: 9 }, () => logos.addressOf(client)))
    await logos.settled()
    time.now = new Date(time.now.getTime() + day - 1)
    await logos.addressOf(client)
    await logos.settled()
    expect(asked).toHaveLength(1)
    time.now = new Date(time.now.getTime() + 1)
    // The old one is shown while the new one is on its way.
    expect(await logos.addressOf(client)).toBeDefined()
    await logos.settled()
    expect(asked).toHaveLength(2)
  })

  it.each<[string, () => Promise<Response> | Response]>([
    ['an internal address', () => Promise.reject(new GuardedFetchError('address_refused', 'no'))],
    ['a slow host', () => Promise.reject(new GuardedFetchError('timeout', 'no'))],
    ['ten megabytes', () => Promise.reject(new GuardedFetchError('too_large', 'no'))],
    ['an error page', () => new Response('no', { status: 404 })],
    ['an SVG', () => new Response('<svg/>', { headers: { 'content-type': 'image/svg+xml' } })],
  ])('F18 %s gives no picture, and is not asked again for a day', async (_title, answer) => {
    const { logos, asked, time } = await open(answer)
    await logos.addressOf(client)
    await logos.settled()
    expect(await logos.addressOf(client)).toBeUndefined()
    time.now = new Date(time.now.getTime() + day - 1)
    await logos.addressOf(client)
    await logos.settled()
    expect(asked).toHaveLength(1)
  })

  it('F18 a picture of another address is another claim', async () => {
    const { logos } = await open()
    await logos.addressOf(client)
    await logos.settled()
    expect(await logos.addressOf({ ...client, logoUri: 'https://claude.example/other.png' })).toBeUndefined()
  })

  it('nothing is fetched from where the operator forbids it, nor without an address', async () => {
    const { logos, asked } = await open()
    await logos.addressOf({ ...client, logoUri: 'https://forbidden.example/logo.png' })
    await logos.addressOf({ ...client, logoUri: undefined })
    await logos.settled()
    expect(asked).toEqual([])
  })
})

function pictureOf(png: Buffer): Response {
  return new Response(new Uint8Array(png), { headers: { 'content-type': 'image/png' } })
}
