import type { Client } from '../client.ts'

/** That somebody asked to use a client that waits, and what an administrator said for this person alone. */
export type Approval =
  | { readonly state: 'pending'; readonly askedAt: Date }
  | { readonly state: 'allowed'; readonly askedAt: Date; readonly decidedAt: Date | null }

/** Whether a client may act for a person. */
export type Admission = 'in' | 'waits' | 'out'

/**
 * The one rule of who is let in, asked before a person is, when a remembered consent is looked up, on the consent page, and again
 * before each token: `active` for everyone, `pending` for those whom an administrator named, everything else for nobody.
 *
 * @param approval this person's; null when they never asked
 */
export function admission(client: Pick<Client, 'state'> | null, approval: Approval | null): Admission {
  switch (client?.state) {
    case 'active':
      return 'in'
    case 'pending':
      return approval?.state === 'allowed' ? 'in' : 'waits'
    default:
      return 'out'
  }
}

/** Where the rule gets its facts. */
export interface AdmissionSources {
  readonly clients: { find(id: string): Promise<Client | null> }
  readonly approvals: { find(clientId: string, accountId: string): Promise<Approval | null> }
}

/** The rule with its facts bound. */
export interface Admissions {
  /** May this client act for this person? Without a person: for anybody at all. */
  of(clientId: string, accountId: string | undefined): Promise<Admission>
  /** The client as this person has it: `active` where it waits for others but was let in for them. */
  clientFor(clientId: string, accountId: string): Promise<Client | null>
}

/** Binds the rule to its sources. For an active client it costs one look into the cache of clients. */
export function createAdmissions({ clients, approvals }: AdmissionSources): Admissions {
  async function approvalOf(client: Client | null, accountId: string | undefined): Promise<Approval | null> {
    if (client?.state !== 'pending' || accountId === undefined) return null
    return approvals.find(client.id, accountId)
  }
  return {
    async of(clientId, accountId) {
      const client = await clients.find(clientId)
      return admission(client, await approvalOf(client, accountId))
    },

    async clientFor(clientId, accountId) {
      const client = await clients.find(clientId)
      if (client === null || client.state === 'active') return client
      return admission(client, await approvalOf(client, accountId)) === 'in' ? { ...client, state: 'active' } : client
    },
  }
}
