// Room: federation. Signing in through a provider upstream: which providers there are, who may come in through them and as
// what, whose identity there belongs to which account here, and the hop itself. Serves /interaction/:uid/upstream/:id,
// /sign-in/upstream/:id, /account/security/upstreams/:id and /upstream/:id/callback. Sessions are made by login/, accounts
// are kept in accounts/, what leaves goes through the guarded fetcher of net/.
import type { UpstreamPreset } from '../config/config.ts'

/** What kind of provider it is: what it calls its groups and tenants, and how far its e-mail addresses are to be believed. */
export type Preset = UpstreamPreset

/** Who may sign in through an upstream, and as what. Every list that is not empty must be met, at each sign-in anew. */
export interface AccountRules {
  /** Accounts are made at the first sign-in; otherwise only who linked the upstream to an account here may use it. */
  readonly create: boolean
  /** Entra: tenant ids; Google: Workspace domains (`hd`). Lower case. */
  readonly tenants: readonly string[]
  /** Domains of verified e-mail addresses, lower case. */
  readonly domains: readonly string[]
  /** Claim that holds the groups; undefined: that of the preset. */
  readonly groupsClaim: string | undefined
  /** A person must be in one of these. */
  readonly groups: readonly string[]
  /** Who is in one of these is an administrator here, who is not is a member; empty: roles are given here. */
  readonly adminGroups: readonly string[]
  /** Its e-mail addresses count as verified although it does not say so (H09). They link nothing even so. */
  readonly trustsEmail: boolean
}

/** An identity provider that people may sign in with. */
export interface Upstream {
  /** Also in its callback path: 1 to 40 lower-case letters, digits and inner hyphens. */
  readonly id: string
  readonly preset: Preset
  /** On the button. */
  readonly name: string
  /** As it is configured; Entra with several tenants has one issuer for each, see `acceptsIssuer`. */
  readonly issuer: string
  readonly clientId: string
  /** In the clear, opened by the store only; undefined for a public client, or when no listed secret opens it any more. */
  readonly clientSecret: string | undefined
  readonly scopes: readonly string[]
  readonly rules: AccountRules
  /** Canonical resources that need its tokens; for others none are kept. */
  readonly keepTokensFor: readonly string[]
  readonly enabled: boolean
  readonly setByFile: boolean
}

/** A person as an upstream told of them, after everything about the answer was checked. */
export interface UpstreamPerson {
  readonly issuer: string
  readonly subject: string
  readonly email: string | undefined
  /** Only the boolean true of the claim counts (H09). */
  readonly emailVerified: boolean
  readonly name: string | undefined
  readonly tenant: string | undefined
  readonly groups: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
}
