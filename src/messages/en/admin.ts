/** Texts of the console. */
export const admin = {}
