import { z } from 'zod'
import { isReadable, leastContrast, nearestReadable, type Theme } from './colour.ts'

/** The accent of each theme, `#rrggbb`, readable there. */
export type BrandAccent = Readonly<Record<Theme, string>>

/**
 * One colour for both themes, or one for each. One colour has to be readable on light pages; the dark theme takes the
 * nearest that is readable there. No colour is readable on both: what is dark enough for one is too dark for the other.
 */
export const accent = z
  .string()
  .regex(/^#?[0-9a-f]{6}( *, *#?[0-9a-f]{6})?$/i, 'must be a colour like 1f5f5b, or two, for light and dark pages')
  .superRefine((text, context) => {
    const { light, dark } = coloursOf(text)
    for (const [theme, colour] of [
      ['light', light],
      ['dark', dark],
    ] as const) {
      if (colour === undefined || isReadable(colour, theme)) continue
      const nearest = nearestReadable(colour, theme)
      context.addIssue({
        code: 'custom',
        message: `must have a contrast of ${leastContrast}:1 on ${theme} pages, where the nearest that passes is ${nearest}`,
      })
    }
  })
  .transform((text): BrandAccent => {
    const { light, dark } = coloursOf(text)
    return { light, dark: dark ?? nearestReadable(light, 'dark') }
  })

// Without the # as well: in a .env file it begins a comment.
function coloursOf(text: string): { light: string; dark: string | undefined } {
  const [light = '', dark] = text
    .toLowerCase()
    .split(',')
    .map((part) => `#${part.trim().replace('#', '')}`)
  return { light, dark }
}
