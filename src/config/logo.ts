import { readFileSync, statSync } from 'node:fs'
import type { Fault } from './faults.ts'
import { prefix, settings } from './schema.ts'

/** The operator's logo, read once. */
export interface BrandLogo {
  /** Absolute path. */
  readonly path: string
  readonly extension: '.png' | '.svg'
  readonly content: Uint8Array
}

// Ours: a logo of 28 pixels needs a tenth of it.
const largestLogoBytes = 64 * 1024

/** Reads the logo; a fault is added when it cannot be shown. */
export function loadLogo(path: string, faults: Fault[]): BrandLogo | undefined {
  const refuse = (problem: string): undefined => {
    const { name, cure } = settings.brandLogo
    faults.push({ name: `${prefix}${name}`, problem: `${problem}: ${path}`, cure })
    return undefined
  }
  try {
    if (statSync(path).size > largestLogoBytes) return refuse('is larger than 64 kB')
    const content = readFileSync(path)
    const extension = kindOf(content)
    return extension === undefined ? refuse('is neither a PNG nor an SVG file') : { path, extension, content }
  } catch {
    return refuse('cannot be read')
  }
}

// By what is inside: a name proves nothing, and the type that we answer with comes from here.
function kindOf(content: Uint8Array): BrandLogo['extension'] | undefined {
  const isPng = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, index) => content[index] === byte)
  if (isPng) return '.png'
  return /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE[^>[]*>\s*)*<svg[\s>]/.test(
    new TextDecoder().decode(content),
  )
    ? '.svg'
    : undefined
}
