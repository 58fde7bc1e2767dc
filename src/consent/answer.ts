import type { AuditEvent } from '../audit/events.ts'
import { connectionEndSeconds } from '../clients/connection-end.ts'
import { sha256Base64url } from '../crypto/digest.ts'
import type { Statement } from '../db/database.ts'
import type { GrantPort, InteractionPort } from '../oauth/interaction.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Asked } from './asked.ts'
import type { Consent } from './consent.ts'
import { rememberedScopes } from './decision.ts'
import { type Duration, endOf } from './duration.ts'
import type { RevokeGrants } from './revoke.ts'
import type { ConsentStore } from './store.ts'

/** What carrying out an answer needs; `Ctx` is the web framework's context, passed through untouched. */
export interface AnswerDesk<Ctx> {
  readonly interactions: Pick<InteractionPort<Ctx>, 'finishConsent' | 'deny'>
  readonly grants: GrantPort
  readonly store: Pick<ConsentStore, 'grant' | 'revoke' | 'grantIdsOf'>
  readonly revokeGrants: RevokeGrants
  /** The audit row as a statement, so that it is written in the commit of the consent. */
  readonly auditStatement: (event: AuditEvent) => Statement
  readonly record: (event: AuditEvent) => Promise<void>
  /** The longest that a consent may be given for; undefined: until it is withdrawn. */
  readonly consentLifetimeSeconds: number | undefined
}

/** Where an answer came from, for the audit book. */
export interface Caller {
  readonly address: string
  readonly requestId: string
}

/** What the person chose. */
export interface Allowed {
  readonly granted: readonly string[]
  readonly stayConnected: boolean
  readonly duration: Duration
  /** The browser cannot reach the client: the person takes the answer there. */
  readonly byHand?: boolean
}

/**
 * The id of the consent that an interaction may lead to. One interaction, one id: of two answers sent at once only one is
 * written, on any number of instances (G12). A digest, because the uid is the interaction cookie's value.
 */
export function consentIdOf(uid: string): string {
  return sha256Base64url(`consent ${uid}`).slice(0, 22)
}

/**
 * Carries out Allow: one consent row (replacing the one of the same key), the library's grant, the interaction's result.
 * A second click finds the row there and gets the first click's grant.
 *
 * @returns the address at which the authorization goes on
 * @throws AppError `already_answered` (409) when the other click is still under way or was withdrawn meanwhile
 */
export async function allow<Ctx>(
  desk: AnswerDesk<Ctx>,
  ctx: Ctx,
  asked: Asked,
  { granted, stayConnected, duration, byHand }: Allowed,
  caller: Caller,
  now: Date,
): Promise<string> {
  const { authorization, key, resource } = asked
  const consent: Consent = {
    ...key,
    id: consentIdOf(authorization.uid),
    scopes: rememberedScopes(granted, asked.permissions, asked.previous),
    metadataDigest: asked.client.metadataDigest,
    stayConnected,
    grantedAt: now,
    expiresAt: endOf(duration, now, connectionEndSeconds(asked.client.id, desk.consentLifetimeSeconds)),
    revokedAt: undefined,
  }
  const written = await desk.store.grant(consent, [
    desk.auditStatement({
      ...common(asked, caller),
      type: 'consent.granted',
      detail: {
        consentId: consent.id,
        scopes: granted,
        redirectHost: key.redirectHost,
        stayConnected,
        reason: asked.reason ?? undefined,
        expiresAt: consent.expiresAt?.toISOString(),
      },
    }),
  ])
  const grantId = written
    ? await desk.grants.create({
        accountId: key.accountId,
        clientId: key.clientId,
        resource: resource.identifier,
        scopes: granted,
        identityScopes: authorization.identityScopes.filter((scope) => stayConnected || scope !== 'offline_access'),
        consentId: consent.id,
        stayConnected,
        endsAt: consent.expiresAt,
      })
    : await firstGrant(desk, consent.id)
  return desk.interactions.finishConsent(ctx, authorization.uid, { grantId, byHand })
}

async function firstGrant(desk: Pick<AnswerDesk<unknown>, 'store'>, consentId: string): Promise<string> {
  const [grantId] = await desk.store.grantIdsOf(consentId)
  if (grantId !== undefined) return grantId
  throw new AppError(
    'already_answered',
    409,
    'This question has been answered already. If the client does not go on, start the connection there once more.',
  )
}

/**
 * Carries out Deny; what an earlier Allow of the same page gave is taken back.
 *
 * @returns the address from which the client gets `access_denied` (OAuth 2.1 §4.1.2.1)
 */
export async function deny<Ctx>(
  desk: AnswerDesk<Ctx>,
  ctx: Ctx,
  asked: Asked,
  caller: Caller,
  now: Date,
): Promise<string> {
  const consentId = consentIdOf(asked.authorization.uid)
  if (await desk.store.revoke(consentId, now)) await desk.revokeGrants(await desk.store.grantIdsOf(consentId))
  await desk.record({
    ...common(asked, caller),
    type: 'consent.denied',
    detail: { scopes: asked.authorization.scopes, redirectHost: asked.key.redirectHost },
  })
  return desk.interactions.deny(ctx, asked.authorization.uid)
}

function common({ key, resource }: Asked, caller: Caller) {
  return {
    actor: `account:${key.accountId}`,
    accountId: key.accountId,
    clientId: key.clientId,
    resource: resource.identifier,
    address: caller.address,
    requestId: caller.requestId,
  } as const
}
