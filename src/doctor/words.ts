import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import { type ClientName, clientNames, clientProfiles } from './clients.ts'
import type { Finding, FindingCode } from './finding.ts'

/** What is wrong, and what to change, in words. */
export interface FindingWords {
  readonly what: string
  readonly change: string
}

/** The words of a finding. */
export function findingWords({ doctor }: Messages, { code, values }: Finding): FindingWords {
  const words: Readonly<Record<FindingCode, FindingWords>> = doctor.findings
  const { what, change } = words[code]
  return { what: fill(what, values), change: fill(change, values) }
}

/** The names of clients; “everyone” when it is all of them. */
export function clientsWords({ doctor }: Messages, clients: readonly ClientName[]): string {
  if (clients.length === clientNames.length) return doctor.everyone
  return clientProfiles
    .filter(({ id }) => clients.includes(id))
    .map(({ name }) => name)
    .join(', ')
}
