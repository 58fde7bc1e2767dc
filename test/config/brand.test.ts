import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contrast, hardestGround, isReadable, luminance, nearestReadable, type Theme } from '../../src/config/colour.ts'
import { ConfigError } from '../../src/config/faults.ts'
import { loadConfig } from '../../src/config/load.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-brand-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const load = (env: Record<string, string>) => loadConfig({ SALLYPORT_DATA_DIR: folder, ...env })
const faultOf = (env: Record<string, string>): string => {
  try {
    load(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}
const stylesheet = readFileSync(new URL('../../assets/sallyport.css', import.meta.url), 'utf8')
const token = (name: string): Record<Theme, string> => {
  const [, light = '', dark = ''] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(stylesheet) ?? []
  return { light, dark }
}

describe('contrast', () => {
  // Values of the WCAG 2.2 definition, worked out by hand.
  it.each([
    ['#000000', 0],
    ['#ffffff', 1],
    ['#808080', 0.2159],
    ['#ff0000', 0.2126],
  ])('the luminance of %s is %d', (colour, expected) => expect(luminance(colour)).toBeCloseTo(expected, 3))

  it.each([
    ['#000000', '#ffffff', 21],
    ['#777777', '#ffffff', 4.48],
    ['#767676', '#ffffff', 4.54],
    ['#abcdef', '#abcdef', 1],
  ])('of %s and %s is %d, whichever comes first', (one, other, expected) => {
    expect(contrast(one, other)).toBeCloseTo(expected, 2)
    expect(contrast(other, one)).toBe(contrast(one, other))
  })

  it.each<Theme>(['light', 'dark'])(
    'the nearest readable colour is readable and no further away than it must be: %s',
    (theme) => {
      for (const colour of [
        '#ffff00',
        '#00ffff',
        '#ff0000',
        '#0000ff',
        '#808080',
        '#123456',
        '#fedcba',
        '#000000',
        '#ffffff',
      ]) {
        const nearest = nearestReadable(colour, theme)
        expect(isReadable(nearest, theme), `${colour} → ${nearest}`).toBe(true)
        if (isReadable(colour, theme)) expect(nearest).toBe(colour)
        else expect(contrast(nearest, hardestGround[theme])).toBeLessThan(4.75)
      }
    },
  )

  it('the stylesheet holds what the arithmetic takes for granted', () => {
    const grounds = ['ground', 'sheet', 'sunk'].map(token)
    for (const theme of ['light', 'dark'] as const) {
      const text = theme === 'light' ? '#000000' : '#ffffff'
      const contrasts = grounds.map((ground) => contrast(text, ground[theme]))
      expect(contrast(text, hardestGround[theme])).toBeCloseTo(Math.min(...contrasts), 5)
      for (const name of ['accent', 'accent-strong', 'quiet', 'ink']) {
        for (const ground of grounds)
          expect(contrast(token(name)[theme], ground[theme]), name).toBeGreaterThanOrEqual(4.5)
      }
      for (const name of ['accent', 'accent-strong']) {
        expect(contrast(token(name)[theme], token('on-accent')[theme]), name).toBeGreaterThanOrEqual(4.5)
      }
      for (const name of ['good', 'care', 'stop']) {
        expect(contrast(token(name)[theme], token(`${name}-ground`)[theme]), name).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})

describe('settings of the look', () => {
  it('unset: our own', () => {
    expect(load({})).toMatchObject({ brandName: 'Sallyport', brandLogo: undefined, brandAccent: undefined })
  })

  it('one colour is taken for light pages, the dark theme gets the nearest that is readable there', () => {
    const { brandAccent } = load({ SALLYPORT_BRAND_ACCENT: '#0A4BA0' })
    expect(brandAccent?.light).toBe('#0a4ba0')
    expect(isReadable(brandAccent?.dark ?? '', 'dark')).toBe(true)
  })

  it.each(['#1f5f5b,#6cc3b6', '1f5f5b, 6cc3b6'])('%s: two colours are taken as they are', (text) => {
    expect(load({ SALLYPORT_BRAND_ACCENT: text }).brandAccent).toEqual({ light: '#1f5f5b', dark: '#6cc3b6' })
  })

  it.each([
    ['#ffff00', 'light'],
    ['#1f5f5b,#1f5f5b', 'dark'],
  ] as const)('%s cannot be read on %s pages and is refused with the nearest that can', (text, theme) => {
    const fault = faultOf({ SALLYPORT_BRAND_ACCENT: text })
    const nearest =
      new RegExp(`4\\.5:1 on ${theme} pages, where the nearest that passes is (#\\w{6})`).exec(fault)?.[1] ?? ''
    expect(isReadable(nearest, theme)).toBe(true)
  })

  it.each(['red', '#fff', '#12345g', '#1f5f5b;}', 'url(x)'])('%s is no colour', (text) => {
    expect(faultOf({ SALLYPORT_BRAND_ACCENT: text })).toContain('must be a colour like')
  })

  it.each(['', ' ', 'x'.repeat(41), 'a\nb'])('the name %j is refused or not there', (name) => {
    const fault = faultOf({ SALLYPORT_BRAND_NAME: name })
    if (name !== '') expect(fault).toContain('SALLYPORT_BRAND_NAME')
  })

  it('the kind of a logo comes from what is inside, not from its name', () => {
    const path = join(folder, 'logo.txt')
    writeFileSync(path, '<?xml version="1.0"?>\n<!-- ours -->\n<svg xmlns="http://www.w3.org/2000/svg"/>')
    expect(load({ SALLYPORT_BRAND_LOGO: path }).brandLogo).toMatchObject({ path, extension: '.svg' })
    writeFileSync(path, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]))
    expect(load({ SALLYPORT_BRAND_LOGO: path }).brandLogo).toMatchObject({ extension: '.png' })
  })

  it.each([
    ['not an image', 'hello', 'neither a PNG nor an SVG'],
    ['a page', '<!doctype html><html><svg></svg></html>', 'neither a PNG nor an SVG'],
    ['too large', `<svg>${' '.repeat(65_536)}</svg>`, 'larger than 64 kB'],
  ])('a logo that is %s is refused', (_what, content, problem) => {
    const path = join(folder, 'logo.svg')
    writeFileSync(path, content)
    expect(faultOf({ SALLYPORT_BRAND_LOGO: path })).toContain(problem)
    expect(faultOf({ SALLYPORT_BRAND_LOGO: join(folder, 'nowhere.svg') })).toContain('cannot be read')
  })
})
