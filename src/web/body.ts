import type { Context } from 'koa'
import { AppError } from '../runtime/app-error.ts'

// Ours: the largest form of ours has a dozen short fields.
const largestFormBytes = 64 * 1024

/**
 * Reads the posted form; a second call answers the same fields again.
 *
 * @returns the fields of an `application/x-www-form-urlencoded` body
 * @throws AppError `unsupported_form` (415), `form_too_large` (413), `bad_request` (400: not UTF-8, or a NUL character)
 */
export async function readForm(ctx: Context): Promise<URLSearchParams> {
  const known: URLSearchParams | undefined = ctx.state.form
  if (known !== undefined) return known
  const form = parseForm(await readBytes(ctx))
  ctx.state.form = form
  return form
}

/** The first value of a field, or an empty text. */
export function field(form: URLSearchParams, name: string): string {
  return form.get(name) ?? ''
}

async function readBytes(ctx: Context): Promise<Uint8Array> {
  if (ctx.is('application/x-www-form-urlencoded') !== 'application/x-www-form-urlencoded') {
    throw new AppError('unsupported_form', 415, 'This address takes web forms only.')
  }
  if ((ctx.request.length ?? 0) > largestFormBytes) throw tooLarge(ctx)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of ctx.req as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > largestFormBytes) throw tooLarge(ctx)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(ctx: Context): AppError {
  // What was not read would be taken for the next request.
  ctx.set('Connection', 'close')
  return new AppError('form_too_large', 413, 'This form is larger than anything this server asks for.')
}

function parseForm(bytes: Uint8Array): URLSearchParams {
  const text = decode(bytes)
  const form = new URLSearchParams(text)
  for (const [name, value] of form) {
    // K13: NUL ends up in databases and logs as an error of theirs; U+FFFD is what bytes that are not UTF-8 become.
    if (isUnreadable(name) || isUnreadable(value)) throw notText()
  }
  return form
}

function isUnreadable(text: string): boolean {
  return text.includes('\0') || text.includes('\ufffd')
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw notText(cause)
  }
}

function notText(cause?: unknown): AppError {
  return new AppError('bad_request', 400, 'The form holds characters that this server cannot read.', {
    cause,
    words: 'unreadable_form',
  })
}
