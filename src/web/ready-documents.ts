import { hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A document that is ready to be sent: bytes, tag, headers. */
interface ReadyDocument {
  readonly body: Buffer
  readonly etag: string
  readonly cacheControl: string
  readonly headers: readonly string[]
}

/** The documents that answer before koa: the same bytes for everyone until a key changes. */
export interface ReadyDocuments {
  /** Answers when the path is one of these documents; false when it is not. */
  answer(req: IncomingMessage, res: ServerResponse, path: string): boolean
  /** Puts another document at these paths. */
  put(paths: readonly string[], content: unknown, maxAgeSeconds: number): void
}

const allowedHeaders = 'MCP-Protocol-Version, Authorization, Content-Type, Accept, If-None-Match'

/**
 * Metadata and keys, made once and kept as bytes: four times as fast as through the framework, and no request can put
 * anything into them. CORS for every origin: browser clients read them first (RFC 8414 §3, MCP).
 */
export function createReadyDocuments(): ReadyDocuments {
  const ready = new Map<string, ReadyDocument>()

  return {
    put(paths, content, maxAgeSeconds) {
      const body = Buffer.from(JSON.stringify(content))
      const etag = `"${hash('sha256', body, 'base64url').slice(0, 22)}"`
      const cacheControl = `public, max-age=${maxAgeSeconds}`
      const headers = [
        ['Content-Type', 'application/json; charset=utf-8'],
        ['Content-Length', String(body.length)],
        ['Cache-Control', cacheControl],
        ['ETag', etag],
        ['Access-Control-Allow-Origin', '*'],
        ['X-Content-Type-Options', 'nosniff'],
      ].flat()
      for (const path of paths) ready.set(path, { body, etag, cacheControl, headers })
    },

    answer(req, res, path) {
      const document = ready.get(path)
      if (document === undefined) return false
      if (req.method === 'GET' || req.method === 'HEAD') send(req, res, document)
      else if (req.method === 'OPTIONS') preflight(res)
      else res.writeHead(405, { Allow: 'GET, HEAD, OPTIONS', 'Content-Length': '0' }).end()
      return true
    },
  }
}

function send(req: IncomingMessage, res: ServerResponse, { body, etag, cacheControl, headers }: ReadyDocument): void {
  if (isKnownTag(req.headers['if-none-match'], etag)) {
    // RFC 9110 §15.4.5: what a cache goes by comes with the 304, too
    res.writeHead(304, { ETag: etag, 'Cache-Control': cacheControl, 'Access-Control-Allow-Origin': '*' }).end()
    return
  }
  res.writeHead(200, [...headers])
  res.end(req.method === 'HEAD' ? undefined : body)
}

/** RFC 9110 §13.1.2: a list or `*`, compared weakly: a gateway that compresses marks our tag as weak. */
export function isKnownTag(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false
  return condition.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

/** Answers a preflight for what anybody may read. */
export function preflight(res: ServerResponse): void {
  res
    .writeHead(204, {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': 'GET, HEAD',
      'Access-Control-Allow-Headers': allowedHeaders,
      'Access-Control-Max-Age': '3600',
    })
    .end()
}
