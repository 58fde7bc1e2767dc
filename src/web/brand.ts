/** What the operator may set of the look. */
export interface BrandSettings {
  readonly name: string
  readonly logo?: { readonly extension: '.png' | '.svg'; readonly content: Uint8Array }
  /** `#rrggbb` for each theme; whether they can be read has been checked with the settings. */
  readonly accent?: { readonly light: string; readonly dark: string }
}

/** The look as the layout needs it. */
export interface Brand {
  readonly name: string
  /** Names of assets; undefined: our own. */
  readonly logo: string | undefined
  readonly stylesheet: string | undefined
  /** The files behind these names, for `createAssets()`. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Our own look. */
export const ownBrand: Brand = { name: 'Sallyport', logo: undefined, stylesheet: undefined, files: new Map() }

/** Makes the operator's look: a logo and a stylesheet that sets the accent, served like every other asset. */
export function createBrand({ name, logo, accent }: BrandSettings): Brand {
  const files = new Map<string, Uint8Array>()
  if (logo !== undefined) files.set(`brand-logo${logo.extension}`, logo.content)
  if (accent !== undefined) files.set('brand.css', new TextEncoder().encode(stylesheetOf(accent)))
  return {
    name,
    logo: logo && `brand-logo${logo.extension}`,
    stylesheet: accent && 'brand.css',
    files,
  }
}

// A theme's accent has 4.5:1 to every ground; white on the light one and near-black on the dark one have more still, and
// stepping away from the ground on hover adds to it.
function stylesheetOf({ light, dark }: NonNullable<BrandSettings['accent']>): string {
  return [
    ':root {',
    `  --accent: light-dark(${light}, ${dark});`,
    `  --accent-strong: light-dark(color-mix(in srgb, ${light}, black 25%), color-mix(in srgb, ${dark}, white 25%));`,
    '  --on-accent: light-dark(#ffffff, #08201d);',
    '}',
    '',
  ].join('\n')
}
