import type { AuditEvent, AuditFacts } from '../../audit/events.ts'
import type { Database, Statement } from '../../db/database.ts'
import type { Factors } from './factors.ts'

/** What resetting needs. */
export interface ResetDesk {
  readonly factors: Pick<Factors, 'passkeys' | 'recovery' | 'removal' | 'totp'>
  readonly commit: Database['commit']
  readonly auditStatement: (event: AuditEvent) => Statement
  readonly sessions: { endAll(accountId: string): Promise<number> }
  readonly pending: { dropAll(accountId: string): Promise<void> }
}

/** What an account holds, for administrators: how much, and nothing to recognise it by. */
export interface FactorCount {
  readonly app: boolean
  readonly passkeys: number
  readonly recoveryCodes: number
}

/** Counts them. */
export async function countFactors({ factors }: Pick<ResetDesk, 'factors'>, accountId: string): Promise<FactorCount> {
  const [app, passkeys, recovery] = await Promise.all([
    factors.totp.find(accountId),
    factors.passkeys.list(accountId),
    factors.recovery.summary(accountId),
  ])
  return { app: app !== null, passkeys: passkeys.length, recoveryCodes: recovery?.left ?? 0 }
}

/**
 * Takes all second factors of an account away, for somebody who has lost theirs. Their sessions end with it: whoever has the
 * lost phone has perhaps more than the phone.
 *
 * @returns false when there was nothing to take away
 */
export async function resetFactors(
  desk: ResetDesk,
  accountId: string,
  by: Pick<AuditFacts, 'actor' | 'address' | 'requestId'>,
  method: 'console' | 'command_line',
): Promise<boolean> {
  const { app, passkeys } = await countFactors(desk, accountId)
  if (!app && passkeys === 0) return false
  const event = { ...by, type: 'account.second_factors_reset', accountId, detail: { method } } as const
  await desk.commit({ conditions: [], effects: [...desk.factors.removal(accountId), desk.auditStatement(event)] })
  await desk.pending.dropAll(accountId)
  await desk.sessions.endAll(accountId)
  return true
}
