import { hash, timingSafeEqual } from 'node:crypto'
import type { Middleware } from 'koa'
import { Provider } from 'oidc-provider'
import type { Logger } from '../runtime/logger.ts'
import { type AuthorizeRequestDependencies, authorizeRequest } from './authorize-request.ts'
import { type ConfigurationParts, createConfiguration } from './configuration.ts'
import { protocolCors } from './cors.ts'
import { attachEvents } from './events.ts'
import { type IntrospectionDependencies, introspection } from './introspection.ts'
import { type RegisterRequestDependencies, registerRequest } from './register-request.ts'
import { tokenAnswer } from './token-answer.ts'
import { type UnitOfWorkDependencies, unitOfWork } from './unit-of-work.ts'

/** Everything that a provider is made from. */
export interface ProviderParts {
  readonly configuration: ConfigurationParts
  readonly unit: UnitOfWorkDependencies
  readonly authorize: AuthorizeRequestDependencies
  readonly register: RegisterRequestDependencies
  readonly introspection: IntrospectionDependencies
  /** Counts requests at their doors; what is refused there has cost next to nothing, and carries the headers of CORS. */
  readonly limit: Middleware
  /** Keeps the last answer with its browser; outside of the unit, so that only a committed one is kept. */
  readonly keepAnswer: Middleware
  /** Before everything of ours: request id, log, headers, page tools. */
  readonly front: readonly Middleware[]
  readonly logger: Logger
}

/** Mark of a stored secret: what follows is its SHA-256 digest, base64url. */
const secretMark = 'sha256:'

/**
 * Builds a provider: the library with our configuration, and around its endpoints our middleware in this order.
 * It is built anew when signing keys change (decision 0008), so it holds no state of its own.
 */
export function createProvider(parts: ProviderParts): Provider {
  const { config } = parts.configuration
  const provider = new Provider(config.issuer, createConfiguration(parts.configuration))
  // The front hands over `X-Forwarded-Proto` made from the issuer and nothing else of what a caller may forward.
  provider.proxy = true
  compareSecretsByDigest(provider)
  attachEvents(provider, parts.logger)
  const around: readonly Middleware[] = [
    ...parts.front,
    protocolCors(),
    parts.limit,
    parts.keepAnswer,
    unitOfWork(parts.unit),
    tokenAnswer(),
    introspection(parts.introspection),
    registerRequest(parts.register),
    authorizeRequest(parts.authorize),
  ]
  for (const middleware of around) provider.use(middleware)
  return provider
}

/**
 * The stored form of a client secret is a digest. 256 random bits need no salt and no slow hash.
 * The library documents this method as the place for it.
 */
function compareSecretsByDigest(provider: Provider): void {
  provider.Client.prototype.compareClientSecret = function compareClientSecret(actual: string): boolean {
    const stored = this.clientSecret
    if (stored === undefined || !stored.startsWith(secretMark)) return false
    const want = Buffer.from(stored.slice(secretMark.length), 'base64url')
    const got = hash('sha256', actual, 'buffer')
    return want.length === got.length && timingSafeEqual(want, got)
  }
}
