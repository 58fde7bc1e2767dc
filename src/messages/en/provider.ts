/** Texts of the error pages of the protocol. */
export const provider = {}
