import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { JWK } from 'jose'
import { sha256Base64url } from '../crypto/digest.ts'
import type { Clock } from '../runtime/clock.ts'
import type { RevocationList } from './list.ts'
import { pageOf, type RevocationPage } from './page.ts'
import { publishedMark, type Revocation } from './revocation.ts'

/** A document that is ready to be sent. */
export interface RevocationDocument {
  /** A compact JWS. */
  readonly body: string
  /** Strong: another signature is another document. */
  readonly etag: string
}

/** The signed list. */
export interface RevocationDocuments {
  /** @param since the cursor of the question. @throws the database's error */
  of(since: string | undefined): Promise<RevocationDocument>
}

/** What signing needs. */
export interface RevocationDocumentParts {
  readonly issuer: string
  readonly list: RevocationList
  readonly clock: Clock
  /** The private key that signs at this moment, with `alg` ES256 and its `kid`. The same object while it is the same. */
  readonly signingKey: () => JWK
}

// Ours: for so long a document speaks for the present. A verifier that refuses by an old list (`whenStale`) has at least half of it
// to bridge an outage of ours.
const lifetimeSeconds = 60
const remadeAfterSeconds = 30
// Ours: questions that differ; verifiers that follow ask one or two of them.
const mostKept = 64

interface Kept {
  readonly document: RevocationDocument
  readonly list: readonly Revocation[]
  readonly key: JWK
  readonly madeAt: number
}

/** Makes documents and keeps them while they say what there is to say. */
export function createRevocationDocuments(parts: RevocationDocumentParts): RevocationDocuments {
  const { issuer, list, clock } = parts
  const documents = new Map<string, Kept>()
  const marks = new WeakMap<Revocation, string>()
  let opened: { readonly jwk: JWK; readonly key: KeyObject } | undefined

  function markOf(line: Revocation): string {
    let mark = marks.get(line)
    if (mark === undefined) {
      mark = publishedMark(issuer, line.lines)
      marks.set(line, mark)
    }
    return mark
  }

  function signed(jwk: JWK, payload: object): string {
    if (jwk.alg !== 'ES256') throw new TypeError('revocations are signed with ES256')
    if (opened?.jwk !== jwk) opened = { jwk, key: createPrivateKey({ key: { ...jwk }, format: 'jwk' }) }
    // The type keeps a list from being taken for a token, and a token for a list (RFC 8725 §3.11).
    const header = { alg: jwk.alg, typ: 'revocations+jwt', kid: jwk.kid }
    const input = `${encoded(header)}.${encoded(payload)}`
    // RFC 7518 §3.4: the two numbers side by side
    return `${input}.${sign('sha256', Buffer.from(input), { key: opened.key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }

  function make(page: RevocationPage, since: string | undefined, jwk: JWK, nowSeconds: number): RevocationDocument {
    const revoked: Record<string, number> = {}
    for (const line of page.lines) {
      const mark = markOf(line)
      revoked[mark] = Math.max(line.moment, revoked[mark] ?? 0)
    }
    const body = signed(jwk, {
      iss: issuer,
      iat: nowSeconds,
      exp: nowSeconds + lifetimeSeconds,
      cursor: page.cursor,
      ...(page.isComplete ? { complete: true } : { since }),
      revoked,
      ...(page.hasMore ? { more: true } : {}),
    })
    return { body, etag: `"${sha256Base64url(body).slice(0, 22)}"` }
  }

  return {
    async of(since) {
      const current = await list.current()
      const now = clock.now()
      const nowSeconds = Math.floor(now.getTime() / 1000)
      const key = parts.signingKey()
      const page = pageOf(current, since, now)
      // Whatever leads to everything leads to the same document.
      const question = page.isComplete ? '' : (since ?? '')
      const kept = documents.get(question)
      const age = nowSeconds - (kept?.madeAt ?? Number.NEGATIVE_INFINITY)
      if (kept !== undefined && kept.list === current && kept.key === key && age >= 0 && age < remadeAfterSeconds) {
        return kept.document
      }
      const document = make(page, since, key, nowSeconds)
      documents.delete(question)
      if (documents.size >= mostKept) documents.delete(documents.keys().next().value ?? '')
      documents.set(question, { document, list: current, key, madeAt: nowSeconds })
      return document
    },
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
