import { readFileSync } from 'node:fs'
import { z } from 'zod'

// The same two steps up from `src/config` and from `dist/config`.
const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** The version of this copy, from the package's manifest. */
export const version = z.object({ version: z.string() }).parse(manifest).version
