import sharp from 'sharp'

/** Side of the square that a logo fits into, in pixels: 64 on the page, for screens of double density. */
const side = 128
/** What we serve is never larger. */
const largestPng = 64 * 1024
// Ours: 2048 × 2048 is more than any logo needs; at four bytes a pixel it takes 16 MB to decode, once at a time.
const mostPixels = 2048 * 2048

type Format = 'png' | 'jpeg' | 'webp'

const formats: Readonly<Record<Format, { readonly types: readonly string[]; begins(bytes: Buffer): boolean }>> = {
  png: {
    types: ['image/png'],
    begins: (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')),
  },
  jpeg: {
    types: ['image/jpeg', 'image/jpg'],
    begins: (bytes) => bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')),
  },
  webp: {
    types: ['image/webp'],
    begins: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  },
}

// Everything but three decoders is shut: no SVG with script or entities, no PDF, no TIFF, nothing that names other files.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer'] })
sharp.concurrency(1)
sharp.cache(false)

/**
 * Draws a stranger's picture anew: decoded, made small, written as PNG without anything that came along (metadata,
 * profiles, what hangs behind the picture).
 *
 * @param contentType what the sender calls it; must be what it is
 * @returns a PNG of at most 128 × 128 pixels and 64 kB
 * @throws Error when it is not one still picture of PNG, JPEG or WebP, is larger than 2048 × 2048, or does not decode clean
 */
export async function drawLogo(bytes: Uint8Array, contentType: string): Promise<Uint8Array> {
  const input = Buffer.from(bytes)
  const format = formatOf(input, contentType)
  const picture = sharp(input, { limitInputPixels: mostPixels, failOn: 'warning', pages: 1, animated: false })
  const facts = await picture.metadata()
  if (facts.format !== format) throw new Error(`the logo calls itself ${format} and is ${facts.format}`)
  if ((facts.pages ?? 1) > 1 || isAnimatedPng(input, format)) throw new Error('the logo moves')
  const small = picture
    .autoOrient()
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .timeout({ seconds: 3 })
  const png = await small.clone().png({ compressionLevel: 9 }).toBuffer()
  if (png.length <= largestPng) return png
  // Noise: 256 colours of 128 × 128 are 16 kB before they are compressed.
  const plain = await small.clone().png({ compressionLevel: 9, palette: true, colours: 256 }).toBuffer()
  if (plain.length > largestPng) throw new Error('the logo does not get small')
  return plain
}

/** The one format that content type and first bytes agree on: a file of two natures is refused at the door. */
function formatOf(bytes: Buffer, contentType: string): Format {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  for (const name of ['png', 'jpeg', 'webp'] as const) {
    if (formats[name].types.includes(type) && formats[name].begins(bytes)) return name
  }
  throw new Error(`the logo is no picture of the kinds that are shown: ${type}`)
}

/** An animated PNG carries an `acTL` chunk before its first picture data. */
function isAnimatedPng(bytes: Buffer, format: Format): boolean {
  if (format !== 'png') return false
  const data = bytes.indexOf('IDAT', 0, 'latin1')
  return bytes.subarray(0, data < 0 ? bytes.length : data).includes('acTL', 0, 'latin1')
}
