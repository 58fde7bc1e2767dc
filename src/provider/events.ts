import type { EventEmitter } from 'node:events'
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import type { AuditEvent, AuditFacts } from '../audit/events.ts'
import type { Logger } from '../runtime/logger.ts'
import { grantTypes } from './discovery.ts'
import { EntryRefused } from './entry-refusal.ts'
import { currentUnit, type Unit } from './unit.ts'

/** Error events after which a unit keeps only what survives a refusal. */
const refusals = [
  'grant.error',
  'authorization.error',
  'registration_create.error',
  'registration_read.error',
  'registration_update.error',
  'registration_delete.error',
  'revocation.error',
  'introspection.error',
  'pushed_authorization_request.error',
] as const

/**
 * Joins the library's events to the unit of work. They fire before the commit, so nothing is recorded from them directly:
 * each becomes an event of the unit, written with it or dropped with it.
 */
export function attachEvents(provider: Provider, logger: Pick<Logger, 'error' | 'info'>): void {
  // The type names fewer of its error events than the library has.
  const emitter: EventEmitter = provider
  for (const name of refusals) {
    emitter.on(name, (ctx: KoaContextWithOIDC, error: unknown) => {
      const unit = currentUnit()
      if (unit === undefined) return
      // No refusal: it is answered by introspection.ts.
      if (name === 'introspection.error' && error instanceof errors.UnsupportedTokenType) return
      unit.failed = true
      if (name === 'authorization.error') answerInQuery(ctx)
      noteRefusal(unit, name, ctx, error)
      const detail = error instanceof errors.OIDCProviderError ? error.error_detail : undefined
      logger.info({ event: name, code: codeOf(error), detail, requestId: ctx.state.requestId }, 'request refused')
    })
  }
  provider.on('server_error', (ctx, error) => {
    const unit = currentUnit()
    if (unit !== undefined) unit.failed = true
    answerInQuery(ctx)
    logger.error({ err: error, requestId: ctx.state.requestId }, 'the protocol library failed')
  })
  provider.on('grant.success', (ctx) => {
    const unit = currentUnit()
    unit?.tell(tokenEvent(ctx, unit))
  })
  provider.on('authorization.success', (ctx) => {
    const { Client: client, Account: account, Grant: grant } = ctx.oidc.entities
    currentUnit()?.tell({
      ...common(ctx),
      type: 'code.issued',
      actor: `account:${account?.accountId ?? ''}`,
      accountId: account?.accountId,
      clientId: client?.clientId,
      grantId: grant?.jti,
      ...resourceOf(ctx),
      detail: { remembered: ctx.oidc.result?.consent === undefined },
    })
  })
  provider.on('grant.revoked', (ctx, grantId) => {
    const unit = currentUnit()
    if (unit === undefined || unit.tolerated) return
    const clientId = ctx.oidc.entities.Client?.clientId
    const event: AuditEvent = { ...common(ctx), type: 'grant.revoked', ...clientActor(clientId), grantId }
    unit.tell(event)
    unit.tellRefusal(event)
  })
  provider.on('registration_create.success', (ctx, client) => noteClient(ctx, 'client.registered', client))
  provider.on('registration_update.success', (ctx, client) => noteClient(ctx, 'client.updated', client))
  provider.on('registration_delete.success', (ctx, client) => noteClient(ctx, 'client.removed', client))
}

/**
 * A refusal goes in the query, whatever way of answering was asked for: as a fragment or as a form that posts itself it
 * would pass by the page that stands between strangers and the browser (A16, B10). The library asks after its event.
 */
function answerInQuery(ctx: KoaContextWithOIDC): void {
  const params: Record<string, unknown> = ctx.oidc?.params ?? ctx.query
  params.response_mode = 'query'
}

function noteClient(
  ctx: KoaContextWithOIDC,
  type: 'client.registered' | 'client.updated' | 'client.removed',
  client: { readonly clientId: string; readonly clientName?: string },
): void {
  const unit = currentUnit()
  const name = client.clientName === undefined ? {} : { clientName: client.clientName }
  const invited = type === 'client.registered' && unit?.invitedBy !== undefined ? { invitedBy: unit.invitedBy } : {}
  const detail = { origin: 'registered', ...name, ...invited }
  unit?.tell({ ...common(ctx), type, ...clientActor(client.clientId), detail })
}

function tokenEvent(ctx: KoaContextWithOIDC, unit: Unit): AuditEvent {
  const { AccessToken, ClientCredentials, Client: client } = ctx.oidc.entities
  const token = AccessToken ?? ClientCredentials
  const grantType = String(ctx.oidc.params?.grant_type)
  const facts = {
    ...common(ctx),
    ...clientActor(client?.clientId),
    accountId: AccessToken?.accountId,
    grantId: AccessToken?.grantId,
    resource: typeof token?.aud === 'string' ? token.aud : undefined,
  }
  const detail = { scopes: token?.scope?.split(' ') ?? [], tokenId: token?.jti }
  if (unit.grace !== undefined) return { ...facts, type: 'token.refresh_grace', detail }
  if (grantType === 'refresh_token') return { ...facts, type: 'token.refreshed', detail }
  return { ...facts, type: 'token.issued', detail: { ...detail, grantType } }
}

function noteRefusal(unit: Unit, name: string, ctx: KoaContextWithOIDC, error: unknown): void {
  const { Client: client, AuthorizationCode: code, RefreshToken: refresh } = ctx.oidc.entities
  const facts = { ...common(ctx), ...clientActor(client?.clientId) }
  const refused = { error: codeOf(error) }
  if (name === 'grant.error') {
    const revoked = !unit.tolerated
    if (refresh?.consumed) {
      unit.tellRefusal({ ...facts, ...ofGrant(refresh), type: 'refresh.reused', detail: { revoked } })
    } else if (unit.spentCode !== undefined) {
      unit.tellRefusal({ ...facts, ...unit.spentCode, type: 'code.replayed', detail: { revoked: unit.revokes } })
    } else {
      // A word of ours or none: what a caller writes there may be anything, a token in the wrong field included (K12).
      const grantType = grantTypes.find((one) => one === ctx.oidc.params?.grant_type)
      const reason = unit.grantFacts?.isPaused === true ? { reason: 'paused' } : undefined
      const detail = { ...refused, ...reason, ...(grantType === undefined ? undefined : { grantType }) }
      unit.tellRefusal({ ...facts, ...ofGrant(code ?? refresh), type: 'token.refused', detail })
    }
  } else if (name === 'authorization.error') {
    // What was asked for, as it was written: the console offers a spelling of a known server as its alias.
    const reason = error instanceof EntryRefused ? { reason: error.refusal.reason } : undefined
    unit.tellRefusal({ ...facts, ...resourceOf(ctx), type: 'authorization.refused', detail: { ...refused, ...reason } })
  } else if (name === 'registration_create.error') {
    unit.tellRefusal({ ...facts, type: 'client.registration_refused', detail: refused })
  }
}

function ofGrant(source: { readonly grantId?: string; readonly accountId?: string } | undefined) {
  return {
    ...(source?.grantId === undefined ? undefined : { grantId: source.grantId }),
    ...(source?.accountId === undefined ? undefined : { accountId: source.accountId }),
  }
}

function clientActor(clientId: string | undefined): Pick<AuditFacts, 'actor' | 'clientId'> {
  return clientId === undefined ? { actor: 'system' } : { actor: `client:${clientId}`, clientId }
}

function common(ctx: KoaContextWithOIDC): { address?: string; requestId?: string } {
  const { address, requestId } = ctx.state
  return {
    ...(typeof address === 'string' ? { address } : undefined),
    ...(typeof requestId === 'string' ? { requestId } : undefined),
  }
}

function resourceOf(ctx: KoaContextWithOIDC): { resource?: string } {
  const resource: unknown = ctx.oidc.params?.resource
  return typeof resource === 'string' ? { resource } : {}
}

function codeOf(error: unknown): string {
  return error instanceof errors.OIDCProviderError ? error.error : 'server_error'
}
