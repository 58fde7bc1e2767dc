/**
 * Admin: the console. MCP servers, clients, consents and the audit book, for administrators alone.
 *
 * Serves `/admin` and below; every page stands behind the check of the role. The acts themselves belong to the rooms
 * below (resources/, clients/, consent/): this room reads forms, calls them, and shows what is stored.
 */
import type { Context } from 'koa'
import type { AccountStore } from '../accounts/store.ts'
import type { Audit } from '../audit/record.ts'
import type { HostDesk } from '../clients/blocked-hosts/block.ts'
import type { CleanUpDesk } from '../clients/clean-up/clean-up.ts'
import type { ClientDirectory } from '../clients/directory/directory.ts'
import type { IntrospectorStore } from '../clients/introspects/store.ts'
import type { ClientStore } from '../clients/store.ts'
import type { Config } from '../config/config.ts'
import type { ConsentDirectory } from '../consent/directory/store.ts'
import type { RevocationDesk } from '../consent/revoke.ts'
import type { ConsentStore } from '../consent/store.ts'
import type { Doctor } from '../doctor/doctor.ts'
import type { UpstreamDesk } from '../federation/change.ts'
import type { IdentityStore } from '../federation/identities/store.ts'
import type { UpstreamInspector } from '../federation/inspect.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { ResourceDesk } from '../resources/change.ts'
import type { ResourceInspector } from '../resources/inspector.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { signedIn } from '../web/context.ts'
import type { TokenLookups } from './diagnostics-token.ts'
import type { NameStore } from './names/store.ts'
import type { OverviewStore } from './overview/store.ts'
import type { RegistrationDeps } from './registration.ts'

/** What the console needs from the rooms below. */
export interface AdminRoutesDeps {
  readonly issuer: string
  readonly config: Config
  readonly resources: ResourceDesk
  readonly inspector: ResourceInspector
  readonly doctor: Doctor
  readonly overview: OverviewStore
  readonly keys: Pick<KeyRing, 'keys' | 'keyset' | 'policy' | 'refresh' | 'rotate'>
  readonly accounts: Pick<AccountStore, 'find' | 'findByEmail'>
  /** Asks the database the smallest question; throws when it does not answer. */
  readonly probeDatabase: () => Promise<void>
  readonly clients: Pick<ClientStore, 'find' | 'list'>
  readonly clientDirectory: ClientDirectory
  readonly introspectors: IntrospectorStore
  /** What the acts on clients share with the command line. */
  readonly clientDesk: CleanUpDesk
  readonly hostDesk: HostDesk
  /** Who may register: the dry run and the tokens. */
  readonly registration: RegistrationDeps
  readonly consents: Pick<ConsentStore, 'find' | 'list' | 'grantIdsOf'>
  readonly consentDirectory: ConsentDirectory
  readonly revocation: RevocationDesk
  readonly upstreams: UpstreamDesk
  readonly upstreamInspector: UpstreamInspector
  readonly identities: Pick<IdentityStore, 'countByUpstream'>
  readonly audit: Audit
  /** E-mail addresses and claimed names for a page of ids. */
  readonly names: NameStore
  /** What became of the connection that a token was made for. */
  readonly grantOf: TokenLookups['grantOf']
  readonly logger: Pick<Logger, 'error'>
  readonly clock: Clock
}

/** Who acts, for the audit book. */
export interface AdminAuthor {
  readonly actor: `account:${string}`
  readonly address: string
  readonly requestId: string
}

/** The administrator behind this request. */
export function authorOf(ctx: Context): AdminAuthor {
  return {
    actor: `account:${signedIn(ctx).account.id}`,
    address: ctx.state.address,
    requestId: ctx.state.requestId,
  }
}

/** The word that a person types before something goes for good. */
export const confirmWord = 'remove'

/**
 * Refuses a removal that nobody spelled out.
 *
 * @throws AppError `not_confirmed` (400)
 */
export function requireConfirmed(form: URLSearchParams, word: string = confirmWord): void {
  if ((form.get('confirm') ?? '').trim().toLowerCase() === word.trim().toLowerCase()) return
  throw new AppError('not_confirmed', 400, `Nothing was removed. Go back and type “${word}” to confirm.`, {
    values: { word },
  })
}

/** The lines of a text area, spaces at their ends and empty ones dropped. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
