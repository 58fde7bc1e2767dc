/** A piece of a text: words as they are, or a place that a value goes to. */
export type Piece = { readonly words: string } | { readonly place: string }

/** Takes a text with places apart: `'{client} asks'` → a place `client`, the words ` asks`. */
export function pieces(text: string): readonly Piece[] {
  return text
    .split(/(\{[a-z]\w*\})/i)
    .filter((piece) => piece !== '')
    .map((piece) => (/^\{[a-z]\w*\}$/i.test(piece) ? { place: piece.slice(1, -1) } : { words: piece }))
}

/** The names of a text's places, in its order. */
export function placesOf(text: string): readonly string[] {
  return pieces(text).flatMap((piece) => ('place' in piece ? [piece.place] : []))
}

/**
 * Puts values into the places of a text. The result is plain text: it is escaped where it is shown.
 *
 * @throws RangeError when a place has no value: a sentence with a hole must not reach a person
 */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return pieces(text)
    .map((piece) => {
      if ('words' in piece) return piece.words
      const value = values[piece.place]
      if (value === undefined) throw new RangeError(`nothing to put at {${piece.place}} of: ${text}`)
      return String(value)
    })
    .join('')
}
