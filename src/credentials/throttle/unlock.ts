import type { AuditEvent, AuditFacts } from '../../audit/events.ts'
import type { Statement } from '../../db/database.ts'
import type { ProofGuard } from './guard.ts'

/**
 * Forgets the failed attempts of an account, so that nobody has to wait any more; whoever guesses begins anew, too.
 *
 * @returns false when there was nothing to forget
 */
export function unlockAccount(
  { guard, auditStatement }: { readonly guard: ProofGuard; readonly auditStatement: (event: AuditEvent) => Statement },
  { id, email }: { readonly id: string; readonly email: string },
  by: Pick<AuditFacts, 'actor' | 'address' | 'requestId'>,
  method: 'console' | 'command_line',
): Promise<boolean> {
  return guard.clear(email, [auditStatement({ ...by, type: 'account.unlocked', accountId: id, detail: { method } })])
}
