import type { SignInPlace } from '../../oauth/interaction.ts'
import type { PageContext } from '../../web/context.ts'
import type { FactorSource } from './check.ts'

/** Where an act comes from, for the audit book. */
export function sourceOf(ctx: PageContext, place?: SignInPlace): FactorSource {
  const { address, requestId } = ctx.state
  return place?.kind === 'authorization'
    ? { address, requestId, clientId: place.authorization.clientId }
    : { address, requestId }
}
