import { redirectHost } from '../oauth/redirect-uri.ts'
import type { ClientOrigin } from './client.ts'

/** What is known of a client, as far as it tells programs apart. */
export interface ProgramFacts {
  readonly origin: ClientOrigin
  readonly claimedName: string
  readonly softwareId?: string | null
  readonly redirectUris?: readonly string[]
}

/**
 * What registrations of one program have in common: the same software (its id, or the name it gives itself) and the same places where
 * answers go: alike in all that we know, as the directory folds them. Who only calls itself the same and answers elsewhere is
 * another (D10); a document and an operator's client are each one of their own.
 *
 * @returns text to be compared, never to be shown
 */
export function programKey(clientId: string, client: ProgramFacts | undefined): string {
  if (client?.origin !== 'registered') return `client ${clientId}`
  const places = [...new Set((client.redirectUris ?? []).map(redirectHost))].sort()
  const software = client.softwareId ?? null
  return JSON.stringify([software, software === null ? client.claimedName : null, places])
}
