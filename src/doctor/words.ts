import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import { type ClientName, clientNames, clientProfiles } from './clients.ts'
import type { Finding, FindingCode, ReportedFinding } from './finding.ts'
import type { WireFault } from './wire.ts'

/** What is wrong, and what to change, in words. */
export interface FindingWords {
  readonly what: string
  readonly change: string
}

/** The words of a finding. */
export function findingWords({ doctor }: Messages, { code, values: given }: Finding): FindingWords {
  const faults: Readonly<Record<WireFault, string>> = doctor.faults
  const fault = Object.entries(faults).find(([name]) => name === given.fault)?.[1]
  const values = fault === undefined ? given : { ...given, fault }
  const words: Readonly<Record<FindingCode, FindingWords>> = doctor.findings
  const { what, change } = words[code]
  return { what: fill(what, values), change: fill(change, values) }
}

/**
 * Whom a finding concerns, when that has to be said.
 *
 * @param played how many clients were
 * @returns undefined when it is everybody, or when the sentence names them
 */
export function concernedClients(messages: Messages, finding: ReportedFinding, played: number): string | undefined {
  const isSaid = finding.clients.length === played || finding.values.client !== undefined
  return isSaid ? undefined : clientsWords(messages, finding.clients)
}

function clientsWords({ doctor }: Messages, clients: readonly ClientName[]): string {
  if (clients.length === clientNames.length) return doctor.everyone
  return clientProfiles
    .filter(({ id }) => clients.includes(id))
    .map(({ name }) => name)
    .join(', ')
}
