import { errors } from 'oidc-provider'
import type { EntryRefusal, EntryVerdict } from '../clients/registration-policy.ts'

/** A verdict that shuts a client out. */
export type Refusal = Extract<EntryVerdict, { ok: false }>

/**
 * The library's error for a client that today's rule shuts out. It ends on a page of ours: nothing, not even an error, goes to
 * a place that is not let in (A16).
 * @see RFC 6749 §4.1.2.1 `unauthorized_client`
 */
export class EntryRefused extends errors.CustomOIDCProviderError {
  // The library reads it: no redirect to the client.
  override readonly allow_redirect = false
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super('unauthorized_client', refusal.words)
    this.refusal = refusal
  }
}

/** The refusal of a registration or its update, in the registered form. @see RFC 7591 §3.2.2 */
export function registrationRefusal({ reason, words }: Refusal): {
  readonly status: number
  readonly error: string
  readonly description: string
} {
  return { ...answers[reason], description: words }
}

const answers = {
  host_not_listed: { status: 400, error: 'invalid_redirect_uri' },
  not_invited: { status: 403, error: 'access_denied' },
  registration_closed: { status: 403, error: 'access_denied' },
  document_refused: { status: 400, error: 'invalid_client_metadata' },
} as const satisfies Record<EntryRefusal, { status: number; error: string }>
