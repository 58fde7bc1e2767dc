// JSON lets these through as they are; terminals obey some of them, and readers of lines break at others.
const invisible = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu

// One escape of JSON, taken one by one, so that an escaped backslash before `u001b` stays a backslash and a text.
const escapes = /\\(?:u[0-9a-f]{4}|[^u])/gi

/**
 * Escapes what a line of JSON may hold and must not show: C1 controls (0x9b begins a terminal code), line separators, and
 * characters that turn the direction of a line (threat K11).
 *
 * @param line JSON
 * @returns the same value in other spelling
 */
export function escapeInvisible(line: string): string {
  // A character beyond the first plane is two units, and JSON wants each of them.
  return line.replace(invisible, (character) => character.split('').map(escaped).join(''))
}

/**
 * Makes the escapes of control characters a visible text, for whoever shows the values of a line to people: what a stranger
 * wrote must not move the cursor. Line ends and tabs stay, or no stack could be read.
 *
 * @param line JSON in which every control character is escaped
 */
export function keepEscaped(line: string): string {
  return line.replace(escapes, (one) => (/^\\[urbf]/i.test(one) ? `\\${one}` : one))
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
