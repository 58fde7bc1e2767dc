import { confusablePairs } from './confusable-table.ts'

const prototypes: ReadonlyMap<string, string> = new Map(
  confusablePairs
    .trim()
    .split(/\s+/)
    .flatMap((row) => {
      const [prototype = '', alike = ''] = row.split('=')
      return [...alike].map((letter) => [letter, prototype] as const)
    }),
)

/**
 * What is left of a name for an eye that does not look closely: names that look alike have the same skeleton.
 *
 * UTS #39 §4 (letters replaced by the one they look like), and more careful in three ways of our own: compatibility forms
 * are decomposed, marks and everything but letters and digits are dropped, and case does not count. `Ｃlаuⅾe™`, `CIaude` and
 * `C l a ú d e` all become the skeleton of `Claude`.
 *
 * @returns lower-case text to be compared, never to be shown; empty for a name without letters and digits
 */
export function skeleton(name: string): string {
  // Twice: a capital looks like other letters than its small form does (I like l, i like ı).
  return lookOf(lookOf(name).toLowerCase()).toLowerCase()
}

function lookOf(text: string): string {
  return [...plain(text)].map((letter) => plain(prototypes.get(letter) ?? letter)).join('')
}

function plain(text: string): string {
  // A mark like ™ would be decomposed to letters of its own.
  return text
    .replace(/[™℠]/g, '')
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
}
