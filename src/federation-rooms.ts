import type { AccountDesk } from './accounts/register.ts'
import type { Audit } from './audit/record.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/faults.ts'
import { prefix } from './config/schema.ts'
import { createSealer } from './crypto/seal.ts'
import type { Database } from './db/database.ts'
import { letsAdministratorsIn, type UpstreamDesk } from './federation/change.ts'
import type { IdentityStore } from './federation/identities/store.ts'
import { createUpstreamInspector, type UpstreamInspector } from './federation/inspect.ts'
import type { FederationDesk } from './federation/people.ts'
import { createUpstreamStore } from './federation/upstreams/store.ts'
import type { GuardedFetch } from './net/guarded-fetch.ts'
import type { Rooms } from './rooms-interface.ts'
import type { Clock } from './runtime/clock.ts'

/** The rooms about providers upstream and the people who come through them. */
export interface FederationRooms {
  readonly upstreams: UpstreamDesk
  readonly identities: IdentityStore
  readonly inspector: UpstreamInspector
  readonly people: FederationDesk
}

/** Opens them. */
export function openFederationRooms(parts: {
  readonly config: Config
  readonly secrets: readonly Uint8Array[]
  readonly database: Database
  readonly identities: IdentityStore
  readonly accounts: AccountDesk
  readonly audit: Audit
  readonly clock: Clock
  readonly fetch: GuardedFetch
  readonly needsMore: FederationDesk['needsMore']
}): FederationRooms {
  const { accounts, audit, clock, config, database, fetch, identities, needsMore, secrets } = parts
  const passwords = config.passwordSignIn
  const store = createUpstreamStore(database, createSealer(secrets, 'upstream secrets'), clock)
  return {
    identities,
    upstreams: { store, identities, passwords, auditStatement: audit.statement },
    inspector: createUpstreamInspector({ fetch, clock }),
    people: { accounts, identities, passwords, needsMore, recordSoon: audit.recordSoon },
  }
}

/**
 * Refuses to start where nobody could administer: passwords are off, there are administrators, and none of them has another
 * way in. Without an administrator the setup link lets the first one in.
 *
 * @throws ConfigError with the cure
 */
export async function requireWayIn({ accounts, config, federation }: Rooms): Promise<void> {
  if (config.passwordSignIn || (await accounts.store.countAdmins()) === 0) return
  if (await letsAdministratorsIn(federation.upstreams)) return
  throw new ConfigError([
    {
      name: `${prefix}PASSWORD_SIGN_IN`,
      problem:
        'is off, and no administrator could sign in: none has a passkey or a linked account of an upstream that is on',
      cure: 'write on, let an administrator link an account or add a passkey, or name admin_groups at an upstream',
    },
  ])
}
