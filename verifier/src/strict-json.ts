// Ours: claims of an access token nest two or three deep; sixteen leaves room and keeps every walk short.
const defaultMaxDepth = 16

// Keeps a byte order mark, so that JSON.parse refuses it; throws on invalid sequences.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Why a text was refused by {@link parseStrictObject}. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError'
  readonly kind: 'malformed' | 'duplicate_member'

  constructor(kind: 'malformed' | 'duplicate_member') {
    super(kind)
    this.kind = kind
  }
}

/**
 * Parses JSON text that must be an object in which no member appears twice, at any depth.
 * Where two parsers disagree about which of two `aud` counts, one of them lets the wrong token in; so none counts.
 *
 * @param bytes UTF-8; a byte order mark and invalid sequences are refused
 * @param maxDepth how deep it may nest
 * @returns the object; no member of it is named `__proto__`
 * @throws StrictJsonError
 * @see RFC 7519 §4, RFC 8725 §2.4, RFC 8259 §4
 */
export function parseStrictObject(bytes: Uint8Array, maxDepth = defaultMaxDepth): Readonly<Record<string, unknown>> {
  return parseStrictText(decodeUtf8(bytes), maxDepth)
}

/** Does the same for text that is decoded already. @throws StrictJsonError */
export function parseStrictText(text: string, maxDepth = defaultMaxDepth): Readonly<Record<string, unknown>> {
  const value = parse(text)
  if (!isRecord(value)) throw new StrictJsonError('malformed')
  const strings = countStrings(value, maxDepth)
  if (strings === undefined) throw new StrictJsonError('malformed')
  // A parser keeps one of two equal members, so what it has kept then holds fewer strings than the text: the name is missing at least.
  // Where nothing is escaped, quotes can be counted; otherwise the text is walked.
  const quotes = countQuotes(text)
  const isComplete = quotes === undefined ? !hasDuplicateMember(text) : quotes === 2 * strings
  if (!isComplete) throw new StrictJsonError('duplicate_member')
  return value
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new StrictJsonError('malformed')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new StrictJsonError('malformed')
  }
}

/** Whether a value is a JSON object (neither null nor an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns how many strings a value holds, names of members among them; undefined when it is too deep or has a member `__proto__` */
function countStrings(value: object, depthLeft: number): number | undefined {
  if (depthLeft === 0) return undefined
  const names = Array.isArray(value) ? [] : Object.keys(value)
  if (names.includes('__proto__')) return undefined
  let strings = names.length
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (const member of members) {
    if (typeof member === 'string') strings += 1
    else if (typeof member === 'object' && member !== null) {
      const inside = countStrings(member, depthLeft - 1)
      if (inside === undefined) return undefined
      strings += inside
    }
  }
  return strings
}

const quote = 0x22
const backslash = 0x5c

/** @returns undefined when something is escaped */
function countQuotes(text: string): number | undefined {
  let quotes = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) quotes += 1
    else if (code === backslash) return undefined
  }
  return quotes
}

// Walks text that JSON.parse has accepted, so that it only needs to tell strings from structure.
function hasDuplicateMember(text: string): boolean {
  const open: (Set<string> | undefined)[] = [] // a set of names for each open object, undefined for an array
  let awaitsName = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{') {
      open.push(new Set())
      awaitsName = true
    } else if (character === '[') {
      open.push(undefined)
      awaitsName = false
    } else if (character === '}' || character === ']') {
      open.pop()
      awaitsName = false
    } else if (character === ',') {
      awaitsName = open.at(-1) !== undefined
    } else if (character === '"') {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (awaitsName && names !== undefined) {
        // Unescaped before it is compared: "\u0061ud" is "aud".
        const name = String(JSON.parse(text.slice(at, end + 1)))
        if (names.has(name)) return true
        names.add(name)
        awaitsName = false
      }
      at = end
    }
  }
  return false
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
