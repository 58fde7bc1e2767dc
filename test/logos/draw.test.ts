import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { drawLogo } from '../../src/logos/draw.ts'

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: { r: 31, g: 95, b: 91, alpha: 1 } } })

// Parts of a PNG: length, type, data, sum.
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

const signature = Buffer.from('89504e470d0a1a0a', 'hex')

// A PNG that says it is this large; its data are those of one pixel.
function pngOf(width: number, height: number, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const data = deflateSync(Buffer.alloc(4))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('F18 a logo is drawn anew', () => {
  it.each([
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp; charset=binary'],
  ] as const)('%s becomes a PNG of 128 pixels at most', async (format, type) => {
    const drawn = await drawLogo(await picture(640, 320).toFormat(format).toBuffer(), type)
    const facts = await sharp(drawn).metadata()
    expect(facts).toMatchObject({ format: 'png', width: 128, height: 64 })
    expect(drawn.length).toBeLessThanOrEqual(64 * 1024)
  })

  it('a small one is not blown up', async () => {
    expect(await sharp(await drawLogo(await picture(16, 16).png().toBuffer(), 'image/png')).metadata()).toMatchObject({
      width: 16,
      height: 16,
    })
  })

  it('noise gets below 64 kB too', async () => {
    const noise = await sharp({
      create: {
        width: 512,
        height: 512,
        channels: 3,
        background: 'white',
        noise: { type: 'gaussian', mean: 128, sigma: 90 },
      },
    })
      .png()
      .toBuffer()
    expect((await drawLogo(noise, 'image/png')).length).toBeLessThanOrEqual(64 * 1024)
  })

  it('nothing that came along is left: metadata, and what hangs behind the picture', async () => {
    const jpeg = await picture(64, 64)
      .jpeg()
      .withExif({ IFD0: { Copyright: 'track-me-4711' } })
      .toBuffer()
    expect(jpeg.includes('track-me-4711')).toBe(true)
    const drawn = Buffer.from(await drawLogo(jpeg, 'image/jpeg'))
    expect(drawn.includes('track-me-4711')).toBe(false)
    const polyglot = Buffer.concat([await picture(64, 64).png().toBuffer(), Buffer.from('<script>alert(1)</script>')])
    const outcome = await drawLogo(polyglot, 'image/png').then(
      (bytes) => Buffer.from(bytes).includes('<script>'),
      () => false,
    )
    expect(outcome).toBe(false)
  })
})

describe('F18 what is no still picture is refused', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
  const bomb = `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(99)}">]>${svg}`
  const cases: readonly (readonly [string, () => Promise<Buffer> | Buffer, string])[] = [
    ['an SVG', () => Buffer.from(svg), 'image/svg+xml'],
    ['an SVG that calls itself PNG', () => Buffer.from(svg), 'image/png'],
    ['an SVG bomb', () => Buffer.from(bomb), 'image/svg+xml'],
    ['a page', () => Buffer.from('<!doctype html><h1>hello</h1>'), 'image/png'],
    [
      'a page with the bytes of a PNG in front',
      () => Buffer.concat([signature, Buffer.from('<h1>x</h1>')]),
      'image/png',
    ],
    ['a PNG that calls itself a page', () => picture(9, 9).png().toBuffer(), 'text/html'],
    ['a PNG that calls itself WebP', () => picture(9, 9).png().toBuffer(), 'image/webp'],
    ['a picture without a type', () => picture(9, 9).png().toBuffer(), ''],
    ['a GIF', () => Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'), 'image/gif'],
    ['a PNG of 50,000 × 50,000 pixels', () => pngOf(50_000, 50_000), 'image/png'],
    ['a PNG that ends early', async () => (await picture(400, 400).png().toBuffer()).subarray(0, 120), 'image/png'],
    ['a PNG that moves', () => pngOf(1, 1, [chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))]), 'image/png'],
    ['nothing', () => Buffer.alloc(0), 'image/png'],
  ]
  it.each(cases)('%s', async (_title, make, type) => {
    await expect(drawLogo(await make(), type)).rejects.toThrow()
  })
})
