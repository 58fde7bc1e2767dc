import type { ClosingDesk } from './accounts/close.ts'
import { createDirectory, type Directory } from './accounts/directory/store.ts'
import { createForgottenRequests, type ForgottenDesk, type ForgottenRequests } from './accounts/links/forgotten.ts'
import { createLinkStore } from './accounts/links/store.ts'
import type { SignOutDesk } from './accounts/sign-out.ts'
import type { AccountStore } from './accounts/store.ts'
import type { Audit } from './audit/record.ts'
import type { Config } from './config/config.ts'
import type { Database } from './db/database.ts'
import { createSmtpMailer } from './mail/smtp.ts'
import type { Clock } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'

/** Everything that acts on people need, for the console, the pages of links and the command line. */
export type PeopleDesk = ClosingDesk & ForgottenDesk & SignOutDesk & { readonly directory: Directory }

/** The rooms about people. */
export interface AccountRooms {
  readonly accounts: PeopleDesk
  /** Requests for a new password; undefined without a mail server. */
  readonly forgotten: ForgottenRequests | undefined
}

/** Opens them, with the mail server of the settings if there is one. */
export function openAccountRooms(parts: {
  readonly config: Config
  readonly database: Database
  readonly store: AccountStore
  readonly audit: Audit
  readonly clock: Clock
  readonly logger: Logger
  readonly sessions: SignOutDesk['sessions']
  readonly revokeConnections: (accountId: string) => Promise<void>
  readonly afterDemotion: PeopleDesk['afterDemotion']
  readonly belongings: NonNullable<PeopleDesk['belongings']>
  /** Sign-ins that have not proved everything yet. */
  readonly pending: { dropAll(accountId: string): Promise<void> }
}): AccountRooms {
  const { audit, clock, config, database, logger, sessions } = parts
  const { smtp, mailFrom } = config
  const mailer =
    smtp === undefined || mailFrom === undefined
      ? undefined
      : createSmtpMailer({ server: smtp, from: mailFrom, logger })
  const accounts: PeopleDesk = {
    store: parts.store,
    directory: createDirectory(database),
    links: createLinkStore(database),
    mailer,
    issuer: config.issuer,
    product: config.brandName,
    accent: config.brandAccent?.light,
    auditStatement: audit.statement,
    record: audit.record,
    sessions,
    clock,
    afterDemotion: parts.afterDemotion,
    belongings: parts.belongings,
    // C14: who may not sign in any more holds nothing either.
    cleanUps: [
      parts.pending.dropAll,
      async (accountId) => void (await sessions.endAll(accountId)),
      parts.revokeConnections,
    ],
  }
  return { accounts, forgotten: mailer && createForgottenRequests(accounts, logger) }
}
