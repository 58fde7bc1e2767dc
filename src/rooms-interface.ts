import type { PeopleDesk } from './account-rooms.ts'
import type { ForgottenRequests } from './accounts/links/forgotten.ts'
import type { Audit } from './audit/record.ts'
import type { Admissions } from './clients/approvals/approval.ts'
import type { ApprovalStore } from './clients/approvals/store.ts'
import type { HostDesk } from './clients/blocked-hosts/block.ts'
import type { BlockedHosts } from './clients/blocked-hosts/blocked-host.ts'
import type { CleanUpDesk } from './clients/clean-up/clean-up.ts'
import type { ClientDirectory } from './clients/directory/directory.ts'
import type { InitialAccessTokenStore } from './clients/initial-access-tokens/store.ts'
import type { EntryRule } from './clients/registration-policy.ts'
import type { ClientStore } from './clients/store.ts'
import type { Config } from './config/config.ts'
import type { RevocationDesk } from './consent/revoke.ts'
import type { ConsentStore } from './consent/store.ts'
import type { Factors } from './credentials/factors/factors.ts'
import type { Passwords } from './credentials/password.ts'
import type { ProofGuard } from './credentials/throttle/guard.ts'
import type { KnownBrowsers } from './credentials/throttle/known-browser.ts'
import type { Database } from './db/database.ts'
import type { FederationRooms } from './federation-rooms.ts'
import type { KeyRing } from './keys/ring.ts'
import type { PendingStore } from './login/pending/store.ts'
import type { Logos } from './logos/logo.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Egress, EgressStage } from './net/egress.ts'
import type { ResourceDesk } from './resources/change.ts'
import type { ResourceInspector } from './resources/inspector.ts'
import type { ResourceRegistry } from './resources/registry.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'

/** What a process is opened with. */
export interface RoomsOptions {
  readonly config: Config
  /** First seals and signs, all open. */
  readonly secrets: readonly Uint8Array[]
  readonly logger: Logger
  readonly clock: Clock
  /** Counts nothing when absent. */
  readonly metrics?: Metrics
  /** For tests: names and addresses of their own, to fetch from. */
  readonly egressStage?: EgressStage | undefined
}

/** Every room with rows, opened on one database: what the server, the console and the command line act through alike. */
export interface Rooms {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: readonly Uint8Array[]
  readonly metrics: Metrics
  readonly database: Database
  readonly audit: Audit
  readonly accounts: PeopleDesk
  /** Undefined without a mail server. */
  readonly forgotten: ForgottenRequests | undefined
  readonly passwords: Passwords
  readonly factors: Factors
  readonly pending: PendingStore
  /** Counts what can be guessed. */
  readonly guard: ProofGuard
  readonly knownBrowsers: KnownBrowsers
  readonly clients: ClientStore
  readonly logos: Logos
  readonly approvals: ApprovalStore
  readonly admissions: Admissions
  /** Who may come in: one rule for registration, authorization and the dry run. */
  readonly entryRule: EntryRule
  readonly initialAccessTokens: InitialAccessTokenStore
  /** What the acts on clients share. */
  readonly clientDesk: CleanUpDesk
  /** Hosts whose clients are refused, as remembered in this process. */
  readonly blockedHosts: BlockedHosts
  readonly hostDesk: HostDesk
  readonly clientDirectory: ClientDirectory
  readonly resources: ResourceDesk
  readonly registry: ResourceRegistry
  readonly inspector: ResourceInspector
  /** The only ways out: everything that is fetched is fetched by one of them. */
  readonly egress: Egress
  readonly keys: KeyRing
  readonly consents: RevocationDesk & { readonly store: ConsentStore }
  /** Providers upstream, and who is linked to them. */
  readonly federation: FederationRooms
  readonly sessions: { endAll(accountId: string, exceptUid?: string): Promise<number> }
  /** Ends the refresh families and grants of an account. */
  readonly revokeConnections: (accountId: string) => Promise<void>
  /** Ends everything a client holds, when it is blocked or removed. */
  readonly endClient: (clientId: string) => Promise<void>
  close(): Promise<void>
}
