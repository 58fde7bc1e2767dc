import { accessDenied, type OAuthError } from '../oauth/errors.ts'

/** Who may register a client. */
export type RegistrationMode = 'open' | 'hosts' | 'approval' | 'token' | 'closed'

/** Whether a registration is taken, and in which state the client begins. */
export type RegistrationVerdict =
  | { readonly ok: true; readonly state: 'active' | 'pending' }
  | { readonly ok: false; readonly error: OAuthError }

/** Modes that this version carries out; the others register nobody. */
export const availableRegistrationModes: readonly RegistrationMode[] = ['open', 'closed']

/**
 * Decides whether a client may register itself. A mode that is not there yet counts as closed: an operator who asked for a narrower
 * door than `open` must not get the open one.
 */
export function decideRegistration(mode: RegistrationMode): RegistrationVerdict {
  switch (mode) {
    case 'open':
      return { ok: true, state: 'active' }
    case 'closed':
      return {
        ok: false,
        error: accessDenied('registration is closed here; ask the operator of this server for a client_id'),
      }
    case 'hosts':
    case 'approval':
    case 'token':
      return {
        ok: false,
        error: accessDenied(`registration mode ${mode} is not available in this version, so registration is closed`),
      }
  }
}
