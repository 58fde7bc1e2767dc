/** What a hop was begun for. */
export type HopPurpose =
  /** Signing in inside an authorization. */
  | { readonly kind: 'authorization'; readonly uid: string; readonly clientId: string; readonly resource: string }
  /** Signing in for our own pages. With `accountId`: this person was asked to prove again that it is them. */
  | { readonly kind: 'own'; readonly returnTo: string | undefined; readonly accountId: string | undefined }
  /** Linking to the account that is signed in. */
  | { readonly kind: 'link'; readonly accountId: string }
  /** Back from upstream with an identity that was proved; what is left is to finish at the page of the authorization. */
  | {
      readonly kind: 'arrived'
      readonly uid: string
      readonly clientId: string
      readonly accountId: string
      readonly authTime: Date | undefined
    }

/** A hop that is under way, as it was stored. It counts once. */
export interface UpstreamState {
  readonly upstreamId: string
  /** The issuer that was asked; an upstream may be set up anew meanwhile (H06). */
  readonly issuer: string
  /** Of the cookie that the browser was given for this hop. */
  readonly browserDigest: string
  readonly purpose: HopPurpose
  readonly nonce: string
  readonly verifier: string
  /** The person was to prove there anew who they are. */
  readonly isAnew: boolean
  readonly createdAt: Date
}

// Ours: ten minutes are enough for a password and a second factor upstream, and short for a link that leaked.
export const stateLifetimeSeconds = 600
