import { pieces } from '../messages/places.ts'
import { escapeHtml } from './escape-html.ts'

/** What goes to a place of a text: plain, or inside one element. */
export type RichValue =
  | string
  | number
  | {
      readonly tag: 'a' | 'b' | 'bdi' | 'code' | 'em' | 'small' | 'span' | 'time'
      readonly text: string | number
      readonly class?: string
      /** Of `a`; written by us. */
      readonly href?: string
      /** Of `time`. */
      readonly datetime?: string
    }

/**
 * Puts marked-up values into the places of a text, so that each language orders the sentence in its own way.
 *
 * @returns HTML; the words and every value are escaped
 * @throws RangeError when a place has no value
 */
export function rich(text: string, values: Readonly<Record<string, RichValue>>): string {
  return pieces(text)
    .map((piece) => {
      if ('words' in piece) return escapeHtml(piece.words)
      const value = values[piece.place]
      if (value === undefined) throw new RangeError(`nothing to put at {${piece.place}} of: ${text}`)
      return element(value)
    })
    .join('')
}

function element(value: RichValue): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(value)
  const { tag, text } = value
  const attributes = [
    ['class', value.class],
    ['href', value.href],
    ['datetime', value.datetime],
  ].flatMap(([name, given]) => (given === undefined ? [] : [` ${name}="${escapeHtml(given)}"`]))
  return `<${tag}${attributes.join('')}>${escapeHtml(text)}</${tag}>`
}
