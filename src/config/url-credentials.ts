/** Whether name and password of a URL are in the spelling of URLs, so that they can be read (RFC 3986 §2.1). */
export function hasReadableCredentials({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username)
    decodeURIComponent(password)
    return true
  } catch (error) {
    if (error instanceof URIError) return false
    throw error
  }
}
