import { normaliseEmail } from './accounts/account.ts'
import type { AccountStore } from './accounts/store.ts'
import type { Audit } from './audit/record.ts'
import { createProofGuard, type ProofGuard, type ProofSubject } from './credentials/throttle/guard.ts'
import type { LockoutKind } from './credentials/throttle/lockout.ts'
import { createLockoutStore } from './credentials/throttle/store.ts'
import { deriveKey } from './crypto/seal.ts'
import type { Database } from './db/database.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'

/** Opens the guard in front of passwords and codes, and joins it to the audit book and the metrics. */
export function openProofGuard(parts: {
  readonly database: Database
  readonly secret: Uint8Array
  readonly clock: Clock
  readonly accounts: Pick<AccountStore, 'findByEmail'>
  readonly audit: Pick<Audit, 'recordSoon'>
  readonly metrics: Pick<Metrics, 'limited'>
  readonly logger: Pick<Logger, 'error'>
}): ProofGuard {
  const { accounts, audit, metrics, logger } = parts

  async function note(kind: LockoutKind, { purpose, account, address }: ProofSubject): Promise<void> {
    const isOne = kind !== 'address' && kind !== 'everyone'
    const accountId = isOne ? (await accounts.findByEmail(normaliseEmail(account) ?? ''))?.id : undefined
    const detail = { purpose, reason: kind }
    audit.recordSoon({ type: 'session.sign_in_slowed', actor: 'system', accountId, address, detail })
  }

  return createProofGuard({
    store: createLockoutStore(parts.database),
    key: deriveKey(parts.secret, 'sign-in throttle', 32),
    clock: parts.clock,
    onRefusal: (_kind, { purpose }) => metrics.limited(`${purpose}_throttle`),
    // Beside the answer: whether there is such an account must not be seen in its time (G14).
    onBlock: (kind, subject) =>
      void setImmediate(() => {
        note(kind, subject).catch((error: unknown) => logger.error({ err: error }, 'a wait could not be noted'))
      }),
  })
}
