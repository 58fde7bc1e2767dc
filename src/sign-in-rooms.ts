import type { ResetDesk } from './credentials/factors/reset.ts'
import { createSealer } from './crypto/seal.ts'
import { type Completion, createCompletion } from './login/complete.ts'
import type { BrowserMemory } from './login/known-browser.ts'
import { createPendingCookies } from './login/pending/cookie.ts'
import type { LoginRoutesDeps } from './login/routes.ts'
import type { Protocol } from './provider/protocol.ts'
import type { Rooms } from './rooms.ts'
import { createCookieJar } from './web/cookies.ts'

/** What taking somebody's second factors away needs; console and command line share it. */
export function resetDesk({ audit, database, factors, pending, sessions }: Rooms): ResetDesk {
  return { factors, pending, sessions, commit: database.commit, auditStatement: audit.statement }
}

/** What follows a proved identity, with the second factors that it may take; every way to sign in shares it. */
export function openSignIn(
  rooms: Rooms,
  { interactions, sessions }: Pick<Protocol, 'interactions' | 'sessions'>,
  browsers: BrowserMemory,
): { readonly completion: Completion; readonly secondFactors: LoginRoutesDeps['secondFactors'] } {
  const { audit, clock, config, database, factors, pending, secrets } = rooms
  const cookies = createPendingCookies(createCookieJar(config.issuer))
  return {
    completion: createCompletion({
      ...{ interactions, sessions, browsers, factors, pending, cookies, audit, clock },
      accounts: rooms.accounts.store,
      secondFactor: config.secondFactor,
    }),
    secondFactors: {
      ...{ factors, pending, cookies },
      commit: database.commit,
      forms: createSealer(secrets, 'totp enrolment'),
    },
  }
}
