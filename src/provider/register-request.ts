import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Context, Middleware } from 'koa'
import type { NormalisedMetadata } from '../clients/normalise.ts'
import type { EntryVerdict } from '../clients/registration-policy.ts'
import { hasSecretMark } from '../clients/secret.ts'
import type { Statement } from '../db/database.ts'
import { jsonFaultWords, readStrictJson } from '../oauth/strict-json.ts'
import { registrationRefusal } from './entry-refusal.ts'
import { admitInvited, type InvitationDependencies } from './invitation.ts'
import { currentUnit } from './unit.ts'

/** What the middleware around /register needs. */
export interface RegisterRequestDependencies {
  /** Brings what a client says of itself into a form that the library takes, or says why not. */
  readonly normalise: (input: unknown) => NormalisedMetadata
  /** Today's rule about a client with these redirect URIs that registers, or that changes what it says. @param clientId of an update */
  readonly judge: (redirectUris: readonly string[], clientId: string | undefined) => Promise<EntryVerdict>
  /** Set where nobody registers without an initial access token. */
  readonly invitation: InvitationDependencies | undefined
  /** Whether this is the client's secret; compares digests. */
  readonly isSecretOf: (clientId: string, secret: string) => Promise<boolean>
  /** What is undone when a client says something new of itself, or goes (D13). */
  readonly voidConsents: (clientId: string) => readonly Statement[]
  /** Called after a change or removal was committed, so that no cache tells of the past. */
  readonly forget: (clientId: string) => void
}

// Ours: a real registration is about one kilobyte (D02).
const maxBodyBytes = 16 * 1024

/**
 * Around /register: one normaliser for what clients say, whichever way they come; the secret of a client is shown once and
 * never again; an update or a removal voids the consents that were given to the earlier words.
 * @see RFC 7591, RFC 7592
 */
export function registerRequest(dependencies: RegisterRequestDependencies): Middleware {
  return async function register(ctx, next) {
    const clientId = /^\/register\/([^/]+)$/.exec(ctx.path)?.[1]
    if (ctx.path !== '/register' && clientId === undefined) return next()
    const unit = currentUnit()
    const addressed = clientId === undefined ? undefined : decodeOrKeep(clientId)
    if (unit !== undefined) unit.addressedClient = addressed
    // RFC 7591 §3: before anything of the body is looked at.
    const isRegistration = ctx.method === 'POST' && addressed === undefined
    if (
      isRegistration &&
      dependencies.invitation !== undefined &&
      !(await admitInvited(ctx, dependencies.invitation))
    ) {
      if (unit !== undefined) {
        unit.failed = true
        unit.tellRefusal({ ...refusalFacts(ctx, undefined), detail: { error: 'invalid_token' } })
      }
      ctx.req.resume()
      return
    }
    if (ctx.method === 'POST' || ctx.method === 'PUT') {
      const refusal = await replaceBody(ctx, addressed, dependencies)
      if (refusal !== null) {
        if (unit !== undefined) {
          unit.failed = true
          unit.tellRefusal({
            ...refusalFacts(ctx, addressed),
            detail: { error: refusal.error, reason: refusal.reason },
          })
        }
        ctx.status = refusal.status
        ctx.set('Cache-Control', 'no-store')
        ctx.body = { error: refusal.error, error_description: refusal.description }
        return
      }
    }
    await next()
    if (addressed === undefined) return
    hideSecret(ctx)
    if ((ctx.method === 'PUT' || ctx.method === 'DELETE') && unit?.failed === false) {
      for (const [index, statement] of dependencies.voidConsents(addressed).entries()) {
        unit.collect('write', `void:${index}`, statement)
      }
      unit.afterCommit = () => dependencies.forget(addressed)
    }
  }
}

function refusalFacts(ctx: Context, clientId: string | undefined) {
  const { address, requestId } = ctx.state
  return { type: 'client.registration_refused', actor: 'system', clientId, address, requestId } as const
}

interface Refusal {
  readonly status: number
  readonly error: string
  readonly description: string
  /** Of the rule, for the audit book. */
  readonly reason?: string
}

/** Reads the body, normalises it, and puts it back as a stream, which is how the library likes to read it. */
async function replaceBody(
  ctx: Context,
  clientId: string | undefined,
  { normalise, isSecretOf, judge }: RegisterRequestDependencies,
): Promise<Refusal | null> {
  if (!ctx.is('application/json')) {
    return { status: 400, error: 'invalid_client_metadata', description: 'the body must be application/json' }
  }
  const bytes = await readBytes(ctx.req)
  if (bytes === null) {
    return { status: 413, error: 'invalid_client_metadata', description: 'the body is larger than 16 kB' }
  }
  // What could be read in two ways, or is nested for its own sake, is refused before anybody looks at it (D09).
  const read = readStrictJson(bytes)
  if (!read.ok) {
    return { status: 400, error: 'invalid_client_metadata', description: jsonFaultWords[read.fault] }
  }
  const said = read.value
  const outcome = normalise(said)
  if (!outcome.ok) return { status: 400, error: outcome.error, description: outcome.description }
  const verdict = await judge(outcome.metadata.redirect_uris, clientId)
  if (!verdict.ok) return { ...registrationRefusal(verdict), reason: verdict.reason }
  const unit = currentUnit()
  if (unit !== undefined) unit.clientMetadata = outcome.metadata
  const secret = memberOf(said, 'client_secret')
  const metadata: Record<string, unknown> = { ...outcome.metadata }
  if (clientId !== undefined) {
    // RFC 7592 §2.2: the update carries the client's id, and may carry its secret, which is compared by digest here.
    const saidId = memberOf(said, 'client_id')
    metadata.client_id = saidId
    const forbidden = [
      'registration_access_token',
      'registration_client_uri',
      'client_secret_expires_at',
      'client_id_issued_at',
    ]
    for (const name of forbidden) if (memberOf(said, name) !== undefined) metadata[name] = memberOf(said, name)
    const right = typeof secret === 'string' && (await isSecretOf(clientId, secret))
    // The library compares in the clear and has only a digest: a wrong secret becomes one that cannot be right.
    if (secret !== undefined && !right) metadata.client_secret = '-'
  }
  substitute(ctx, Buffer.from(JSON.stringify(metadata)))
  return null
}

async function readBytes(req: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  // Left undestroyed and drained: the answer must reach a sender of too much, and his next request is no continuation.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const part: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    size += part.length
    if (size > maxBodyBytes) break
    chunks.push(part)
  }
  if (size <= maxBodyBytes) return Buffer.concat(chunks)
  req.resume()
  return null
}

/** Puts a stream with the new body in the place of the one that was read; headers and socket stay the request's own. */
function substitute(ctx: Context, body: Buffer): void {
  const { req } = ctx
  req.headers['content-length'] = String(body.length)
  delete req.headers['transfer-encoding']
  const { headers, method, url, socket } = req
  const originalUrl: unknown = Reflect.get(req, 'originalUrl')
  const replay = Object.assign(Readable.from([body], { objectMode: false }), {
    headers,
    method,
    url,
    originalUrl,
    socket,
  })
  // Parse boundary: the library reads the body from here and nothing else that the request would have.
  ctx.req = replay as unknown as IncomingMessage
}

/**
 * The stored form of a secret is a digest; an answer that shows the client again shows neither (RFC 7592 §3). A secret
 * that this update has just made, because the client wants to have one from now on, is in the clear and is shown this once.
 */
function hideSecret(ctx: Context): void {
  const body: unknown = ctx.body
  if (typeof body !== 'object' || body === null || !hasSecretMark(memberOf(body, 'client_secret'))) return
  Reflect.deleteProperty(body, 'client_secret')
  Reflect.deleteProperty(body, 'client_secret_expires_at')
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Malformed escapes name no client.
    return text
  }
}
