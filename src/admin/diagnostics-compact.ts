/** Ours: the verifier refuses longer tokens unread (V05), so reading one would say nothing useful. */
export const longestToken = 8192

/** A JSON object of a token. */
export type TokenMembers = Readonly<Record<string, unknown>>

/** A signed token taken apart, nothing of it believed yet; or why it cannot be. */
export type Compact =
  | {
      readonly ok: true
      readonly header: TokenMembers
      readonly claims: TokenMembers
      readonly duplicates: readonly string[]
    }
  | {
      readonly ok: false
      readonly problem: 'empty' | 'too_long' | 'opaque' | 'encrypted' | 'segments' | 'not_base64url' | 'not_json'
      readonly count: number
    }

/** Takes a compact JWS apart (RFC 7515 §3.1); `Bearer ` in front and spaces around are forgiven, nothing else. */
export function takeApart(pasted: string): Compact {
  const token = tokenIn(pasted)
  const parts = token.split('.')
  const fail = (problem: (Compact & { ok: false })['problem']): Compact => ({ ok: false, problem, count: parts.length })
  if (token === '') return fail('empty')
  if (token.length > longestToken) return fail('too_long')
  if (parts.length === 1) return fail('opaque')
  if (parts.length === 5) return fail('encrypted')
  if (parts.length !== 3) return fail('segments')
  const decoded = parts.map(decode)
  const [header, claims, signature] = decoded
  if (header == null || claims == null || signature == null) return fail('not_base64url')
  const headerText = readText(header)
  const claimsText = readText(claims)
  const headerMembers = readObject(headerText)
  const claimMembers = readObject(claimsText)
  if (headerMembers === null || claimMembers === null) return fail('not_json')
  const duplicates = [...duplicateNames(headerText ?? ''), ...duplicateNames(claimsText ?? '')]
  return { ok: true, header: headerMembers, claims: claimMembers, duplicates }
}

/** The token in what was pasted. */
export function tokenIn(pasted: string): string {
  return pasted.trim().replace(/^(?:authorization:\s*)?bearer\s+/i, '')
}

/** The bytes of a part; null when it is not the one spelling that base64url has for them (V06). */
function decode(part: string): Buffer | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : null
}

function readText(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

function readObject(text: string | null): TokenMembers | null {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    // Parse boundary: whatever members it has, each is looked at before it is used.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TokenMembers) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Names that stand twice in the outer object of a JSON text that parses: readers differ in which one counts (V25). */
function duplicateNames(text: string): readonly string[] {
  const seen = new Set<string>()
  const twice = new Set<string>()
  let depth = 0
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else if (depth === 1 && string !== undefined && colon !== undefined) {
      const name = String(JSON.parse(string))
      if (seen.has(name)) twice.add(name)
      seen.add(name)
    }
  }
  return [...twice]
}
