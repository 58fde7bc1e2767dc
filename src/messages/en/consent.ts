/** Texts of the consent page and what follows it. */
export const consent = {}
