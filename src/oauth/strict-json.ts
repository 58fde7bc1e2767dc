/** What became of a text that should be JSON. */
export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault }

/** Why a text is not taken as JSON. */
export type JsonFault = 'not_utf8' | 'not_json' | 'too_deep' | 'repeated_member' | 'special_member'

/** Bounds of a document. */
export interface JsonBounds {
  /** Objects and lists within one another. Ours: a client document has three, a key set four. */
  readonly deepest?: number
}

/** Names that mean something to JavaScript objects and nothing to any protocol of ours. */
const specialNames = new Set(['__proto__', 'constructor', 'prototype'])

/** Words for whoever wrote the text. */
export const jsonFaultWords: Readonly<Record<JsonFault, string>> = {
  not_utf8: 'the body is not UTF-8',
  not_json: 'the body is not JSON',
  too_deep: 'the body is nested too deeply',
  repeated_member: 'the body has a member twice',
  special_member: 'the body has a member with a reserved name',
}

/**
 * Reads JSON of a stranger as every other reader would, or not at all: of a member that is there twice one reader takes the
 * first and another the last, and who checks what the other does not use checks nothing (threats D09, F08). Nesting is bounded
 * before anything walks it; names that reach into JavaScript's prototypes are refused.
 *
 * @param bytes at most what the caller's size cap lets through; a byte order mark is refused (RFC 8259 §8.1)
 * @throws nothing
 * @see RFC 8259 §4, §9
 */
export function readStrictJson(bytes: Uint8Array, { deepest = 16 }: JsonBounds = {}): StrictJson {
  const text = decode(bytes)
  if (text === null) return { ok: false, fault: 'not_utf8' }
  let value: unknown
  try {
    // The engine's parser knows the grammar; it does not recurse, so depth costs it nothing.
    value = JSON.parse(text)
  } catch {
    return { ok: false, fault: 'not_json' }
  }
  const fault = structureFault(text, deepest)
  return fault === null ? { ok: true, value } : { ok: false, fault }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Walks a text that is known to be JSON: only its strings, brackets, and colons are looked at. */
function structureFault(text: string, deepest: number): JsonFault | null {
  // One entry for each open bracket: the names seen in an object, null in a list.
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '{' || character === '[') {
      if (open.length >= deepest) return 'too_deep'
      open.push(character === '{' ? new Set() : null)
    } else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      // An escape may write any character of a name, so it is compared as the parser reads it.
      const fault = isName(text, end) ? nameFault(String(JSON.parse(text.slice(at, end + 1))), open.at(-1)) : null
      if (fault !== null) return fault
      at = end
    }
  }
  return null
}

function nameFault(name: string, seen: Set<string> | null | undefined): JsonFault | null {
  if (specialNames.has(name)) return 'special_member'
  if (seen?.has(name)) return 'repeated_member'
  seen?.add(name)
  return null
}

/** The place of the quote that closes the string that opens here. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

/** In JSON a string is a name when a colon follows it. */
function isName(text: string, end: number): boolean {
  let at = end + 1
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return text[at] === ':'
}
