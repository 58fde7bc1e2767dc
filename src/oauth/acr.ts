// How strongly somebody proved who they are: one rule from the methods of RFC 8176 to a strength, its `acr`, and back.

/** What a sign-in proved, or what is asked for, weakest first: one factor; two; two of which one cannot be phished. */
export type Strength = 'one' | 'two' | 'phishing_resistant'

const order: readonly Strength[] = ['one', 'two', 'phishing_resistant']

/**
 * The `acr` of each strength. The first two are ours, since nobody has registered any for them; `phr` is that of OpenID.
 * @see OpenID Connect Extended Authentication Profile (EAP) ACR Values 1.0 §2
 */
export const acrOf: Readonly<Record<Strength, string>> = {
  one: 'urn:sallyport:acr:one-factor',
  two: 'urn:sallyport:acr:two-factors',
  phishing_resistant: 'phr',
}

// RFC 8176 §2: possession of a key in hardware, in software. Only a passkey says so here.
const keyMethods: readonly string[] = ['hwk', 'swk']
const secondMethods: readonly string[] = ['otp', ...keyMethods]

/** The strength of a sign-in by its methods; only what says `mfa` is more than one factor. */
export function strengthOf(amr: readonly string[]): Strength {
  if (!amr.includes('mfa')) return 'one'
  return amr.some((method) => keyMethods.includes(method)) ? 'phishing_resistant' : 'two'
}

/** Does a sign-in of this strength do where that one is asked for? */
export function covers(has: Strength, asked: Strength): boolean {
  return order.indexOf(has) >= order.indexOf(asked)
}

/** The strongest of some; `one` of none. */
export function strongest(...asked: readonly (Strength | undefined)[]): Strength {
  return order.findLast((strength) => asked.includes(strength)) ?? 'one'
}

/** The values that this server can fulfil. @param withPasskeys whether browsers keep passkeys for its address */
export function supportedAcrs(withPasskeys: boolean): readonly string[] {
  return order.filter((strength) => withPasskeys || strength !== 'phishing_resistant').map((one) => acrOf[one])
}

/**
 * The strength that `acr_values` ask for: of several the least, since any of them does (the client names them in the order
 * of its wishes). Values that nobody here knows ask for nothing, as the parameter is a wish.
 * @see OpenID Connect Core 1.0 §3.1.2.1; RFC 9470 §4
 */
export function strengthAsked(acrValues: string | undefined, supported: readonly string[]): Strength {
  const wanted = (acrValues ?? '').split(' ').filter((value) => supported.includes(value))
  return order.find((strength) => wanted.includes(acrOf[strength])) ?? 'one'
}

/** Methods of one factor alone: what another provider says of its own further factors is its own affair. */
export function oneFactor(amr: readonly string[]): readonly string[] {
  return amr.filter((method) => method !== 'mfa' && !secondMethods.includes(method))
}

/** The methods after one more factor of ours was proved. RFC 8176 §2, `mfa`. */
export function withFactor(amr: readonly string[], method: string): readonly string[] {
  return [...new Set([...amr, method, 'mfa'])]
}
