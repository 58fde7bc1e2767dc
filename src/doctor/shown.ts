import type { Finding } from './finding.ts'

/** Makes a text that somebody else wrote fit to be shown. */
export type Show = (text: string) => string

// Ours: longer than any address that people read, shorter than a page.
const longest = 500
// Control characters move the cursor of a terminal and forge lines of a log; what is unseen reverses the words of a sentence (Trojan Source).
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Shows what strangers wrote: what is not seen is spelled out (`\u{1b}`), what is long is cut.
 *
 * @param secrets are not shown again, whoever repeats them, nor are the parts of a JWT
 */
export function showing(secrets: readonly string[] = []): Show {
  // Ours: shorter ones are words of a sentence, and no parts of a token.
  const hidden = secrets.flatMap((secret) => [secret, ...secret.split('.')]).filter(({ length }) => length >= 16)
  return function show(text) {
    const without = hidden.reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
    const spelled = without.slice(0, longest + 1).replaceAll(unseen, spell)
    return (spelled.length > longest ? `${spelled.slice(0, longest - 1)}…` : spelled).toWellFormed()
  }
}

/** A finding whose values are fit to be shown. */
export function withShownValues(finding: Finding, show: Show): Finding {
  const values = Object.entries(finding.values).map(([name, value]) => [name, show(value)])
  return { ...finding, values: Object.fromEntries(values) }
}

function spell(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
