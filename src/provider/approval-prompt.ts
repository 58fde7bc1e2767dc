import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { AuditEvent } from '../audit/events.ts'
import type { Admission } from '../clients/approvals/approval.ts'
import type { Statement } from '../db/database.ts'
import { currentUnit } from './unit.ts'

const { Check, Prompt } = interactionPolicy

/** What the prompt asks of the room of clients. */
export interface ApprovalGate {
  /** Whether the client may act for this person. */
  of(clientId: string, accountId: string): Promise<Admission>
  /** What is written when this person asks for the first time; null when they have asked before. */
  ask(
    clientId: string,
    accountId: string,
  ): Promise<{ readonly statement: Statement; readonly event: AuditEvent } | null>
}

/**
 * The prompt between sign-in and consent: a client that waits for an administrator goes no further. The person's first request is
 * noted in the commit of this very request, so that it is in the queue whether or not the page is ever loaded; no code, no error
 * and no redirect goes to the client, which nobody has let in yet (a request without pages is answered `interaction_required`).
 */
export function approvalPrompt(gate: ApprovalGate) {
  return new Prompt(
    { name: 'approval', requestable: false },
    new Check(
      'client_waits',
      'an administrator of this server has not let this client in yet',
      'interaction_required',
      async (ctx) => {
        const clientId = ctx.oidc.entities.Client?.clientId
        const accountId = ctx.oidc.session?.accountId
        if (clientId === undefined || accountId === undefined) return Check.REQUEST_PROMPT
        if ((await gate.of(clientId, accountId)) === 'in') return Check.NO_NEED_TO_PROMPT
        await noteRequest(ctx, gate, clientId, accountId)
        return Check.REQUEST_PROMPT
      },
    ),
  )
}

async function noteRequest(
  ctx: KoaContextWithOIDC,
  gate: ApprovalGate,
  clientId: string,
  accountId: string,
): Promise<void> {
  const unit = currentUnit()
  const asked = await gate.ask(clientId, accountId)
  if (unit === undefined || asked === null) return
  const { address, requestId } = ctx.state
  unit.collect('write', `approval:${clientId}`, asked.statement)
  unit.tell({ ...asked.event, address, requestId })
}
