import type { provider as source } from '../en/provider.ts'

/** Texts of the error pages of the protocol. */
export const provider: typeof source = {}
