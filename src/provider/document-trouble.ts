import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Audit } from '../audit/record.ts'
import { DocumentError } from '../clients/metadata-document.ts'
import { announce } from '../limits/door.ts'
import type { LimitRefusal } from '../limits/limits.ts'
import { GuardedFetchError } from '../net/guarded-fetch.ts'

type Context = KoaContextWithOIDC

// Ours: when to come back. A slot is free again within the deadline of a fetch, a host may be asked again within the minute.
const busySeconds = 5
const limitedSeconds = 60
const remembered = 1000

/** What became of a document, as the protocol tells it. */
export interface DocumentTrouble {
  /**
   * The error for whoever sent the request. Whatever went wrong with the host, refused, closed, silent, redirecting, not JSON: one answer,
   * so that nobody can feel their way round inside through us. Only that *we* are busy is said, for that says nothing about the host (F07).
   *
   * @param isKnown the client has been let in before: its host is having a bad moment, and the client must not take itself for unknown
   */
  errorFor(ctx: Context, clientId: string, cause: unknown, isKnown: boolean): Error
  /** Writes down what nobody outside is told, once for each reason and document, not at each of a flood of requests (F20). */
  note(clientId: string, result: string, reason: string): void
}

/** What it stands on. */
export interface DocumentTroubleDependencies {
  readonly audit: Pick<Audit, 'recordSoon'>
  readonly logger: { info(details: object, message: string): void }
}

/** Makes what answers for documents that cannot be had. */
export function createDocumentTrouble({ audit, logger }: DocumentTroubleDependencies): DocumentTrouble {
  const noted = new Set<string>()

  function note(clientId: string, result: string, reason: string): void {
    // What a stranger wrote is cut: the book is no place to store things.
    const id = clientId.slice(0, 300)
    logger.info({ clientId: id, result, reason }, 'client metadata document refused')
    const key = `${result} ${id}`
    if (noted.has(key)) return
    noted.add(key)
    const [oldest] = noted
    if (noted.size > remembered && oldest !== undefined) noted.delete(oldest)
    const host = URL.parse(id)?.host
    const detail = { result, reason: reason.slice(0, 200), ...(host === undefined ? {} : { host }) }
    audit.recordSoon({ type: 'client.document_refused', actor: 'system', clientId: id, detail })
  }

  return {
    note,
    errorFor(ctx, clientId, cause, isKnown) {
      if (!(cause instanceof GuardedFetchError) && !(cause instanceof DocumentError)) {
        return cause instanceof Error ? cause : new Error('the document could not be read', { cause })
      }
      note(clientId, cause.code, cause.message)
      if (cause.code === 'busy')
        return later(ctx, 503, busySeconds, 'too many client metadata documents are being read')
      if (cause.code === 'limited')
        return later(ctx, 429, limitedSeconds, 'the host of this client was asked too often')
      const isGone = cause instanceof DocumentError && cause.code !== 'unreachable'
      // RFC 6749 §5.2: on `invalid_client` clients throw away what they have; a host that is down for a moment is no reason to.
      if (isKnown && !isGone)
        return later(ctx, 503, limitedSeconds, 'the client metadata document cannot be read just now')
      return new errors.InvalidClient('the client metadata document cannot be used')
    },
  }
}

/** Not `invalid_client`: clients register anew when they read that, and this one is right, only too early. */
export function tooManyFetches(ctx: Context, refusal: LimitRefusal): Error {
  announce(ctx, refusal)
  return unavailable(429, `too many new clients, try again in ${refusal.retryAfterSeconds} seconds`)
}

/** RFC 9110 §10.2.3, RFC 6585 §4: not now, and when. */
function later(ctx: Context, status: 429 | 503, seconds: number, description: string): Error {
  ctx.set('Retry-After', String(seconds))
  return unavailable(status, description)
}

function unavailable(status: 429 | 503, description: string): Error {
  const error = new errors.CustomOIDCProviderError('temporarily_unavailable', description)
  return Object.assign(error, { status, statusCode: status, expose: true })
}
