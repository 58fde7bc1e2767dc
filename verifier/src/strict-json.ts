// Ours: claims of an access token nest two or three deep; sixteen leaves room and keeps every walk short.
const maxDepth = 16

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
 * @returns the object; no member of it is named `__proto__`, and it nests at most 16 deep
 * @throws StrictJsonError
 * @see RFC 7519 §4, RFC 8725 §2.4, RFC 8259 §4
 */
export function parseStrictObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    throw new StrictJsonError('malformed')
  }
  if (!isRecord(value) || !isHarmless(value, 1)) throw new StrictJsonError('malformed')
  // A parser keeps one of two equal members, so text that comes back byte for byte had none.
  // Only text with spaces, escapes or number-like names needs the scan.
  if (JSON.stringify(value) !== text && hasDuplicateMember(text)) throw new StrictJsonError('duplicate_member')
  return value
}

/** Whether a value is a JSON object (neither null nor an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isHarmless(value: object, depth: number): boolean {
  if (depth > maxDepth) return false
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') return false
    if (typeof member === 'object' && member !== null && !isHarmless(member, depth + 1)) return false
  }
  return true
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
