import type { AdapterPayload } from 'oidc-provider'

/** What the library hands over and takes back; our rows keep it without the secret identifier. */
export type Payload = AdapterPayload

/** The payload as stored text: without `jti`, which is the bearer secret and is kept as a digest only. */
export function payloadText({ jti: _jti, ...rest }: Payload): string {
  return JSON.stringify(rest)
}

/** The payload as the library made it: the identifier it was looked up by is put back. */
export function revive(text: string, jti: string): Payload {
  // Parse boundary: rows of this column are written by `payloadText` alone.
  return { ...(JSON.parse(text) as Payload), jti }
}

/** Fails loudly when the library leaves out a member that a column is made of. */
export function member(value: string | undefined, name: string): string {
  if (value === undefined) throw new TypeError(`the library saved a row without ${name}`)
  return value
}

/** End of life in milliseconds, from the library's seconds. */
export function expiryMs({ exp }: Payload): number {
  if (exp === undefined) throw new TypeError('the library saved a row without an end')
  return exp * 1000
}
