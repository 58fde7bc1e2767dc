import type { admin as source } from '../en/admin.ts'

/** Texts of the console. */
export const admin: typeof source = {}
