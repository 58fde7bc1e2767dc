/** A theme of the pages: the colour that accents have the least contrast to. */
export type Theme = 'light' | 'dark'

/**
 * The grounds of the pages that stand nearest to the text: an accent that passes there passes everywhere.
 * They are `--ground` (light) and `--sunk` (dark) of assets/sallyport.css; a test holds them together.
 */
export const hardestGround: Readonly<Record<Theme, string>> = { light: '#f4f2ee', dark: '#22262d' }

/** WCAG 2.2, 1.4.3: text of normal size. */
export const leastContrast = 4.5

type Rgb = readonly [red: number, green: number, blue: number]

/** Relative luminance of `#rrggbb`, 0 (black) to 1 (white). @see WCAG 2.2, definition of relative luminance */
export function luminance(colour: string): number {
  const [red, green, blue] = rgbOf(colour).map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb // map() forgets the length
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast of two colours, 1 to 21. @see WCAG 2.2, definition of contrast ratio */
export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** Can a colour be read as text of a theme? */
export function isReadable(colour: string, theme: Theme): boolean {
  return contrast(colour, hardestGround[theme]) >= leastContrast
}

/**
 * The colour of the same hue and saturation that is readable in a theme and nearest in lightness; the colour itself when
 * it is readable already.
 */
export function nearestReadable(colour: string, theme: Theme): string {
  if (isReadable(colour, theme)) return colour.toLowerCase()
  const { hue, saturation, lightness } = hslOf(colour)
  const step = theme === 'light' ? -0.002 : 0.002
  for (let at = lightness; at >= 0 && at <= 1; at += step) {
    const candidate = hexOf(hue, saturation, at)
    if (isReadable(candidate, theme)) return candidate
  }
  // Black and white pass where the hue does not.
  return theme === 'light' ? '#000000' : '#ffffff'
}

function rgbOf(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

function hex(channels: readonly number[]): string {
  return `#${channels.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`
}

// CSS Color 4 §7: HSL from and to sRGB.
function hslOf(colour: string): { hue: number; saturation: number; lightness: number } {
  const channels = rgbOf(colour).map((channel) => channel / 255)
  const [red = 0, green = 0, blue = 0] = channels
  const most = Math.max(...channels)
  const least = Math.min(...channels)
  const range = most - least
  const lightness = (most + least) / 2
  if (range === 0) return { hue: 0, saturation: 0, lightness }
  const saturation = range / (1 - Math.abs(2 * lightness - 1))
  const sector =
    most === red ? ((green - blue) / range) % 6 : most === green ? (blue - red) / range + 2 : (red - green) / range + 4
  return { hue: (sector * 60 + 360) % 360, saturation, lightness }
}

function hexOf(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const channel = (offset: number): number => {
    const at = (offset + hue / 30) % 12
    return 255 * (lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1)))
  }
  return hex([channel(0), channel(8), channel(4)])
}
