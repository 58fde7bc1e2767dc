/** A text without its quoted parts and comments, so that what is left can be searched for words and marks. */
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"/g

/**
 * Turns `?` placeholders into `$1`, `$2`, … of PostgreSQL. Question marks inside quotes stay.
 *
 * @param first number of the first placeholder, 1 or more
 * @returns the text and the number that the next placeholder would get
 */
export function numberPlaceholders(text: string, first = 1): { text: string; next: number } {
  let next = first
  const number = (part: string): string =>
    part.replace(/\?/g, () => {
      next += 1
      return `$${next - 1}`
    })
  let result = ''
  let end = 0
  for (const match of text.matchAll(quoted)) {
    result += number(text.slice(end, match.index)) + match[0]
    end = match.index + match[0].length
  }
  return { text: result + number(text.slice(end)), next }
}

/** The words of a statement outside of quotes, lower case; double quotes around a name are taken off first. */
export function wordsOf(text: string): readonly string[] {
  return (
    text
      .replace(/'(?:[^']|'')*'/g, ' ')
      .replace(/"/g, '')
      .toLowerCase()
      .match(/[a-z_][a-z0-9_]*/g) ?? []
  )
}
