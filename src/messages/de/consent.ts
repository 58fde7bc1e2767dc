import type { consent as source } from '../en/consent.ts'

/** Texts of the consent page and what follows it. */
export const consent: typeof source = {}
