import { type AuditEvent, type DetailValue, detailNames } from './events.ts'

/** What stands where a value was that looked like a secret. */
export const redacted = '[redacted]'

// Our secrets are 43 characters of base64url, client secrets longer, JWT parts longer still; ids are 22 (key ids are
// thumbprints of public keys and listed below). Forty and more in a row is treated as a secret, whatever it is.
const longRun = /[A-Za-z0-9_+/=-]{40,}/g
const longRunInUrl = /[A-Za-z0-9_-]{40,}/g
const longestText = 500
const publicNames: ReadonlySet<string> = new Set(['kid', 'tokenId', 'consentId', 'migrations'])

/**
 * Makes the detail that may be stored: listed names only, no text that looks like a secret, nothing long.
 *
 * @returns members in alphabetical order, so that the stored text is the same for the same facts
 */
export function redactDetail(event: AuditEvent): Record<string, DetailValue> {
  const allowed: readonly string[] = detailNames[event.type]
  const kept: Record<string, DetailValue> = {}
  for (const [name, value] of Object.entries(event.detail ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!allowed.includes(name)) continue
    const safe = redactValue(name, value)
    if (safe !== undefined) kept[name] = safe
  }
  return kept
}

/** A text of ours or of somebody else without anything that looks like a secret. */
export function redactText(text: string): string {
  return text.replace(longRun, redacted).slice(0, longestText)
}

/**
 * An identifier that may be a URL chosen by somebody else. Words joined by hyphens may be long in an honest URL, so
 * only a long run of mixed case counts as a secret here. A query or fragment is never part of what we keep.
 */
export function redactIdentifier(identifier: string): string {
  return identifier
    .replace(/[?#].*$/s, '')
    .replace(longRunInUrl, (run) => (/[a-z]/.test(run) && /[A-Z]/.test(run) ? redacted : run))
    .slice(0, 2048)
}

function redactValue(name: string, value: unknown): DetailValue | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string') return publicNames.has(name) ? value.slice(0, longestText) : redactText(value)
  if (Array.isArray(value)) {
    return value
      .slice(0, 100)
      .filter((item) => typeof item === 'string')
      .map((item) => (publicNames.has(name) ? item.slice(0, longestText) : redactText(item)))
  }
  return undefined
}
