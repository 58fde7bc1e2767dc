import { accessDenied, type OAuthError } from '../oauth/errors.ts'
import type { Client, ClientOrigin } from './client.ts'

/** Who may register a client. */
export type RegistrationMode = 'open' | 'hosts' | 'approval' | 'token' | 'closed'

/** The state in which a client begins, and to which a blocked one returns. */
export type FirstState = 'active' | 'pending'

/** Whether a registration is taken, and in which state the client begins. */
export type RegistrationVerdict =
  | { readonly ok: true; readonly state: FirstState }
  | { readonly ok: false; readonly error: OAuthError }

/** Modes that this version carries out; the others register nobody. */
export const availableRegistrationModes: readonly RegistrationMode[] = ['open', 'approval', 'closed']

/**
 * Decides whether a client may register itself. A mode that is not there yet counts as closed: an operator who asked for a narrower
 * door than `open` must not get the open one.
 */
export function decideRegistration(mode: RegistrationMode): RegistrationVerdict {
  switch (mode) {
    case 'open':
      return { ok: true, state: 'active' }
    case 'approval':
      return { ok: true, state: 'pending' }
    case 'closed':
      return {
        ok: false,
        error: accessDenied('registration is closed here; ask the operator of this server for a client_id'),
      }
    case 'hosts':
    case 'token':
      return {
        ok: false,
        error: accessDenied(`registration mode ${mode} is not available in this version, so registration is closed`),
      }
  }
}

/**
 * The state in which a client begins. Who came by registering itself and who came by a document are treated alike: a list at one
 * door and none at the other would be no list. What the operator gave, client or pinned document, is let in already.
 */
export function firstState(mode: RegistrationMode, client: { origin: ClientOrigin; isPinned?: boolean }): FirstState {
  if (client.origin === 'operator' || client.isPinned === true) return 'active'
  return mode === 'approval' ? 'pending' : 'active'
}

/** The state to which a client returns when it is unblocked: it is let in only where somebody had let it in. */
export function stateAfterBlock(
  mode: RegistrationMode,
  client: Pick<Client, 'origin' | 'allowedAt'> & { readonly isPinned?: boolean },
): FirstState {
  return client.allowedAt !== null ? 'active' : firstState(mode, client)
}
