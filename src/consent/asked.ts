import { refreshToken } from '../oauth/grant-types.ts'
import type { AuthorizationInProgress } from '../oauth/interaction.ts'
import { redirectHost } from '../oauth/redirect-uri.ts'
import { mayUse } from '../resources/access.ts'
import type { Resource } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import { type AskingClient, identityOf, isVouchedFor, redirectKind } from './client-card.ts'
import { type Consent, type ConsentKey, hasSameKey, isAlive } from './consent.ts'
import { type Permission, permissionsAsked } from './decision.ts'
import { type Friction, frictionOf, type KnownClient } from './friction.ts'
import { type Reason, reasonToAsk } from './policy.ts'
import type { ConsentStore } from './store.ts'

/** The person who is asked. */
export interface AskedAccount {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly state: 'active' | 'disabled'
  readonly role: 'member' | 'admin'
}

/** Everything that stands behind one consent page, read from the stored interaction and the stores alone. */
export interface Asked {
  readonly authorization: AuthorizationInProgress
  readonly client: AskingClient
  readonly resource: Resource
  readonly account: AskedAccount
  readonly key: ConsentKey
  readonly reason: Reason | null
  /** The standing consent that this answer will replace; undefined when there is none or the client changed since. */
  readonly previous: Consent | undefined
  readonly permissions: readonly Permission[]
  readonly mayRefresh: boolean
  /** What stands before Allow. */
  readonly friction: Friction
  /** The person has shut this client out; nothing is shown of its request. */
  readonly isBlocked: boolean
}

/** Where the facts come from. */
export interface AskedSources {
  readonly store: Pick<ConsentStore, 'listForClient'>
  /** The client as this person has it: `active` also where it was let in for them alone. */
  readonly findClient: (clientId: string, accountId: string) => Promise<AskingClient | null>
  readonly findResource: (identifier: string) => Promise<Resource | null>
  readonly findAccount: (accountId: string) => Promise<AskedAccount | null>
  /** The known client that this one could be taken for. */
  readonly lookAlike: (client: AskingClient, redirectHost: string) => Promise<KnownClient | null>
  /** Whether a person has shut a client out for themselves. */
  readonly isBlocked: (clientId: string, accountId: string) => Promise<boolean>
}

/**
 * Reads what one consent page is about.
 *
 * @param accountId the person signed in to this interaction
 * @throws AppError `account_disabled`, `unknown_client`, `client_blocked`, `client_pending`, `unknown_resource`,
 *         `resource_not_for_you`: something
 *         went away between the request and this page
 */
export async function readAsked(
  sources: AskedSources,
  authorization: AuthorizationInProgress,
  accountId: string,
  now: Date,
): Promise<Asked> {
  const [client, resource, account, consents] = await Promise.all([
    sources.findClient(authorization.clientId, accountId),
    sources.findResource(authorization.resource),
    sources.findAccount(accountId),
    sources.store.listForClient(accountId, authorization.clientId),
  ])
  const present = requireActive(client)
  if (resource === null) throw gone()
  if (account === null || account.state !== 'active') throw new AppError('account_disabled', 403, words.disabled)
  // Asked again at every code and refresh; here the person learns of it before anything else.
  if (!mayUse(resource, account)) throw new AppError('resource_not_for_you', 403, words.notForYou)

  const { metadataDigest } = present
  const key: ConsentKey = {
    accountId,
    clientId: present.id,
    redirectHost: redirectHost(authorization.redirectUri),
    resourceId: resource.id,
  }
  const previous = consents.find(
    (consent) => hasSameKey(consent, key) && isAlive(consent, now) && consent.metadataDigest === metadataDigest,
  )
  const kind = redirectKind(authorization.redirectUri)
  const vouchedFor = isVouchedFor(present)
  const [lookAlike, isBlocked] = await Promise.all([
    vouchedFor ? null : sources.lookAlike(present, key.redirectHost),
    sources.isBlocked(present.id, accountId),
  ])
  return {
    authorization,
    client: present,
    resource,
    account,
    key,
    previous,
    reason: reasonToAsk({
      request: { ...key, scopes: authorization.scopes, metadataDigest },
      consents,
      clientOrigin: present.origin,
      startedCrossSite: authorization.startedCrossSite,
      askedByClient: authorization.reasons.includes('consent_prompt'),
      now,
    }),
    permissions: permissionsAsked(authorization.scopes, resource.scopes, previous?.scopes ?? [], present.origin),
    mayRefresh: present.grantTypes.includes(refreshToken),
    friction: frictionOf({
      identity: identityOf(present, kind),
      isVouchedFor: vouchedFor,
      kind,
      host: key.redirectHost,
      lookAlike: lookAlike ?? undefined,
    }),
    isBlocked,
  }
}

function requireActive(client: AskingClient | null): AskingClient {
  switch (client?.state) {
    case 'active':
      return client
    case 'pending':
      throw new AppError('client_pending', 403, words.pending)
    case 'blocked':
      throw new AppError('client_blocked', 403, words.blocked)
    default:
      throw new AppError('unknown_client', 400, words.unknownClient)
  }
}

function gone(): AppError {
  return new AppError('unknown_resource', 400, words.unknownResource, { words: 'asked_resource_gone' })
}

const words = {
  unknownClient:
    'This client is not registered here any more. Remove the connection in the client and add it again; it will register anew.',
  blocked: 'An administrator of this server has blocked this client. Ask them if you need it.',
  pending: 'This client waits until an administrator of this server lets it in. Try again after that.',
  unknownResource:
    'The MCP server that the client asked for is not registered here any more. Ask the administrator of this server.',
  notForYou:
    'This MCP server is open to certain people only, and you are not among them. Ask the administrator of this server.',
  disabled: 'Your account is disabled. Ask the administrator of this server.',
}
