import type { me as source } from '../en/me.ts'

/** Texts of a person's own pages. */
export const me: typeof source = {}
