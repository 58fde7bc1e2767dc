import type { Client } from '../client.ts'
import { isDocumentId } from '../document-policy.ts'
import { applicantOf, type EntryRule, type EntryVerdict, judgeEntry } from '../registration-policy.ts'

/** That somebody asked to use a client that waits, and what an administrator said for this person alone. */
export type Approval =
  | { readonly state: 'pending'; readonly askedAt: Date }
  | { readonly state: 'allowed'; readonly askedAt: Date; readonly decidedAt: Date | null }

/** Whether a client may act for a person. */
export type Admission = 'in' | 'waits' | 'out'

/**
 * Whether a client may act for a person, asked before the person is, when a remembered consent is looked up, and on the consent page.
 * Blocked and removed ones are out; about all others today's rule decides, whatever it was when they came; where they wait, those
 * whom an administrator named go on.
 *
 * @param verdict of `judgeEntry` about this client
 * @param approval this person's; null when they never asked
 */
export function admission(
  client: Pick<Client, 'state'> | null,
  verdict: EntryVerdict,
  approval: Approval | null,
): Admission {
  if (client?.state !== 'active' && client?.state !== 'pending') return 'out'
  if (!verdict.ok) return 'out'
  return verdict.state === 'active' || approval?.state === 'allowed' ? 'in' : 'waits'
}

/**
 * The same before each token. What was granted under an older rule goes on until it ends or is taken back: a narrower rule closes the
 * door, it throws nobody out; for that, clients are blocked. One that says something else of itself is `pending` and has to wait.
 */
export function admissionForTokens(
  client: Pick<Client, 'state'> | null,
  verdict: EntryVerdict,
  approval: Approval | null,
): Admission {
  return client?.state === 'active' ? 'in' : admission(client, verdict, approval)
}

/** Where the rule gets its facts. */
export interface AdmissionSources {
  readonly clients: { find(id: string): Promise<Client | null> }
  readonly approvals: { find(clientId: string, accountId: string): Promise<Approval | null> }
  readonly rule: EntryRule
}

/** The rule with its facts bound. */
export interface Admissions {
  /** May this client act for this person? Without a person: for anybody at all. */
  of(clientId: string, accountId: string | undefined): Promise<Admission>
  /** May it have a token for what it was granted? */
  forTokens(clientId: string, accountId: string | undefined): Promise<Admission>
  /** Today's rule about a client that is known or has a document; null for others. @param redirectUri the one that is asked for */
  verdictOf(clientId: string, redirectUri?: string): Promise<EntryVerdict | null>
  /** The client as this person has it: `active` where it waits for others but was let in for them. */
  clientFor(clientId: string, accountId: string): Promise<Client | null>
}

/** Binds the rule to its sources. For an active client of an open server it costs one look into the cache of clients. */
export function createAdmissions({ clients, approvals, rule }: AdmissionSources): Admissions {
  // Where answers go is judged where the request names it (`verdictOf`); here it is about the client as such.
  function judge(client: Client): EntryVerdict {
    const verdict = judgeEntry(applicantOf(client), rule)
    return !verdict.ok && verdict.reason === 'host_not_listed' && hasListed(client)
      ? { ok: true, state: 'active', reason: 'hosts_listed' }
      : verdict
  }

  function hasListed(client: Client): boolean {
    return client.redirectUris.some((uri) => judgeEntry(applicantOf(client, uri), rule).ok)
  }

  async function decide(
    decideBy: typeof admission,
    client: Client | null,
    accountId: string | undefined,
  ): Promise<Admission> {
    if (client === null) return 'out'
    const verdict = judge(client)
    const waits = decideBy(client, verdict, null) === 'waits' && accountId !== undefined
    return decideBy(client, verdict, waits ? await approvals.find(client.id, accountId) : null)
  }

  return {
    async of(clientId, accountId) {
      return decide(admission, await clients.find(clientId), accountId)
    },

    async forTokens(clientId, accountId) {
      return decide(admissionForTokens, await clients.find(clientId), accountId)
    },

    async verdictOf(clientId, redirectUri) {
      const client = await clients.find(clientId)
      if (client !== null) return judgeEntry(applicantOf(client, redirectUri), rule)
      if (!isDocumentId(clientId)) return null
      const redirectUris = redirectUri === undefined ? [] : [redirectUri]
      const stranger = {
        id: clientId,
        origin: 'document',
        redirectUris,
        isInvited: false,
        isVouchedFor: false,
      } as const
      return judgeEntry(stranger, rule)
    },

    async clientFor(clientId, accountId) {
      const client = await clients.find(clientId)
      if (client === null || client.state === 'blocked' || client.state === 'removed') return client
      // For a person's pages a client that the rule shuts out is one that waits: it goes no further.
      return { ...client, state: (await decide(admission, client, accountId)) === 'in' ? 'active' : 'pending' }
    },
  }
}
