/** Texts of a person's own pages. */
export const me = {}
