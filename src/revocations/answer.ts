import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../runtime/logger.ts'
import { isKnownTag, preflight } from '../web/ready-documents.ts'
import type { RevocationDocument, RevocationDocuments } from './document.ts'

/** The path of the list, below the issuer. */
export const revocationsPath = '/revocations'

/** The list as the front of the server answers it: before koa, like metadata and keys. */
export interface RevocationAnswers {
  /** Answers when this is the address of the list; false when it is not. @param url as it was asked for, with its query */
  answer(req: IncomingMessage, res: ServerResponse, url: string): boolean
}

/** What answering needs. */
export interface RevocationAnswerParts {
  readonly documents: RevocationDocuments
  /** Path of the issuer, empty at the root. */
  readonly basePath: string
  readonly logger: Pick<Logger, 'error'>
  /** Counts a reading. @returns what to answer with 429 when there were too many */
  readonly limit: (req: IncomingMessage) => Promise<TooMany | null>
}

/** A reading too many. */
export interface TooMany {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Answers GET and HEAD with the signed list, to anybody and for pages of any origin: it names nobody. When the rows cannot be read it is
 * 503: verifiers go on by the list they have, and know that it grows old.
 */
export function createRevocationAnswers({
  documents,
  basePath,
  logger,
  limit,
}: RevocationAnswerParts): RevocationAnswers {
  const address = `${basePath}${revocationsPath}`

  async function answerWith(req: IncomingMessage, res: ServerResponse, since: string | undefined): Promise<void> {
    try {
      // D01: cursors can be made up, and each of them is another document to sign.
      const tooMany = await limit(req)
      if (tooMany === null) send(req, res, await documents.of(since))
      else turnAway(req, res, tooMany)
    } catch (error) {
      logger.error({ err: error }, 'the list of revocations could not be made')
      if (res.headersSent) res.destroy()
      else refuse(res, 503, { 'Retry-After': '5', 'Cache-Control': 'no-store' })
    }
  }

  return {
    answer(req, res, url) {
      const [path, query] = url.split('?', 2)
      if (path !== address) return false
      if (req.method === 'GET' || req.method === 'HEAD') void answerWith(req, res, sinceIn(query))
      else if (req.method === 'OPTIONS') preflight(res)
      else refuse(res, 405, { Allow: 'GET, HEAD, OPTIONS' })
      return true
    },
  }
}

/** Two cursors are none: whoever asks so is told everything. */
function sinceIn(query: string | undefined): string | undefined {
  const [since, another] = new URLSearchParams(query ?? '').getAll('since')
  return another === undefined ? since : undefined
}

function send(req: IncomingMessage, res: ServerResponse, { body, etag }: RevocationDocument): void {
  // Ours: a cache in between may hold it for as long as we hold it ourselves; a revoked token is waiting.
  const common = { ETag: etag, 'Cache-Control': 'public, max-age=1', 'Access-Control-Allow-Origin': '*' }
  if (isKnownTag(req.headers['if-none-match'], etag)) {
    res.writeHead(304, common).end()
    return
  }
  res.writeHead(200, {
    ...common,
    'Content-Type': 'application/jwt',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : body)
}

function turnAway(req: IncomingMessage, res: ServerResponse, { headers, body }: TooMany): void {
  res.writeHead(429, {
    ...headers,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': Object.keys(headers).join(', '),
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : body)
}

function refuse(res: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  res.writeHead(status, { ...headers, 'Access-Control-Allow-Origin': '*', 'Content-Length': '0' }).end()
}
