/**
 * Names and flags of the library's cookies. On https the session cookie is `__Host-`; the two that belong to one path
 * cannot be, and are `__Secure-`. On loopback http the plain names: browsers refuse the prefixes there (G09).
 */
export function cookieSettings(issuer: string, keys: readonly string[]) {
  const secure = issuer.startsWith('https:')
  const flags = { httpOnly: true, sameSite: 'lax', signed: true, secure, overwrite: true } as const
  return {
    keys: [...keys],
    names: {
      session: secure ? '__Host-sallyport_session' : 'sallyport_session',
      interaction: secure ? '__Secure-sallyport_interaction' : 'sallyport_interaction',
      resume: secure ? '__Secure-sallyport_resume' : 'sallyport_resume',
    },
    long: { ...flags, path: '/' },
    short: flags,
  }
}
