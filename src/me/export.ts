import type { Account } from '../accounts/account.ts'
import type { Audit } from '../audit/record.ts'
import type { ConsentStore } from '../consent/store.ts'
import type { Factors } from '../credentials/factors/factors.ts'
import type { Identity } from '../federation/identities/store.ts'
import { coarseAddress } from '../net/coarse-address.ts'
import type { SessionSummary } from '../web/context.ts'
import type { ConnectionStore } from './store.ts'

/** Where a person's data is read from. */
export interface ExportSources {
  readonly issuer: string
  readonly account: Account
  readonly sessions: readonly SessionSummary[]
  readonly identities: readonly Identity[]
  readonly consents: Pick<ConsentStore, 'list'>
  readonly connections: Pick<ConnectionStore, 'list'>
  readonly audit: Pick<Audit, 'list'>
  readonly factors: Pick<Factors, 'passkeys' | 'recovery' | 'totp'>
  readonly now: Date
}

const pageSize = 200

/**
 * Everything that is known of one person, as the text of one JSON document, piece by piece, so that a long history does
 * not fill the memory. Nothing in it lets anybody in: no password, no token, no digest, no handle of a session.
 */
export async function* exportText(sources: ExportSources): AsyncGenerator<string> {
  const { account, audit, connections, consents, factors, identities, issuer, now, sessions } = sources
  const { id, email, name, role, state, createdAt, passwordChangedAt, lastSignInAt } = account
  const head = {
    server: issuer,
    exportedAt: now,
    account: { id, email, name, role, state, createdAt, passwordChangedAt, lastSignInAt },
    sessions: sessions.map(({ createdAt: since, usedAt, expiresAt, address, device }) => ({
      createdAt: since,
      usedAt,
      expiresAt,
      address,
      device,
    })),
    identities: identities.map(({ issuer: at, subject, upstreamId, label, linkedAt, lastUsedAt }) => ({
      ...{ issuer: at, subject, upstream: upstreamId, label, linkedAt, lastUsedAt },
    })),
    secondFactors: await factorsOf(factors, id),
    connections: (await connections.list(id, now)).map(({ accountId: _mine, ...connection }) => connection),
  }
  yield JSON.stringify(head, null, 2).replace(/\n\}$/, ',\n  "consents": [')
  yield* lines(pagesOfConsents(consents, id))
  yield '],\n  "history": ['
  yield* lines(pagesOfEvents(audit, id))
  yield ']\n}\n'
}

async function factorsOf({ passkeys, recovery, totp }: ExportSources['factors'], accountId: string) {
  const [keys, app, codes] = await Promise.all([
    passkeys.list(accountId),
    totp.find(accountId),
    recovery.summary(accountId),
  ])
  return {
    passkeys: keys.map(({ name, createdAt, lastUsedAt, backedUp }) => ({ name, createdAt, lastUsedAt, backedUp })),
    authenticatorApp: app ?? undefined,
    recoveryCodes: codes ?? undefined,
  }
}

async function* lines(items: AsyncIterable<object>): AsyncGenerator<string> {
  let separator = '\n    '
  for await (const item of items) {
    yield `${separator}${JSON.stringify(item)}`
    separator = ',\n    '
  }
}

async function* pagesOfConsents(consents: Pick<ConsentStore, 'list'>, accountId: string): AsyncGenerator<object> {
  for (let offset = 0; ; offset += pageSize) {
    const page = await consents.list({ accountId, withRevoked: true, limit: pageSize, offset })
    for (const consent of page) {
      const { id, clientId, claimedName, redirectHost, resourceIdentifier, resourceName, scopes } = consent
      const { stayConnected, grantedAt, expiresAt, revokedAt } = consent
      yield {
        ...{ id, clientId, clientName: claimedName, redirectHost, resource: resourceIdentifier, resourceName, scopes },
        ...{ stayConnected, grantedAt, expiresAt, revokedAt },
      }
    }
    if (page.length < pageSize) return
  }
}

async function* pagesOfEvents(audit: Pick<Audit, 'list'>, accountId: string): AsyncGenerator<object> {
  let before: string | undefined
  for (;;) {
    const page = await audit.list({ accountId, before, limit: pageSize })
    for (const { id, at, type, actor, clientId, resource, grantId, address, detail } of page) {
      yield {
        id,
        at,
        type,
        actor: actorOf(actor, accountId),
        clientId,
        resource,
        grantId,
        address: coarseAddress(address),
        detail,
      }
    }
    before = page.at(-1)?.id
    if (page.length < pageSize || before === undefined) return
  }
}

// Who else did something is not this person's data.
function actorOf(actor: string, accountId: string): string {
  if (!actor.startsWith('account:')) return actor
  return actor === `account:${accountId}` ? 'you' : 'administrator'
}
