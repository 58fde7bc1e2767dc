import { invalidClientMetadata } from '../oauth/errors.ts'

const maximumLength = 2048
const maximumGraphemes = 100
const plainText = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Cleans a text that a client says of itself and that people will read: NFC, one line, no control characters, no direction
 * overrides, nothing invisible, no towers of combining marks. What is left can be ugly but not deceive by what cannot be seen.
 *
 * @param member name of the metadata member, for the error
 * @returns the text, or undefined when nothing visible is left
 * @throws OAuthError invalid_client_metadata when it is over 100 graphemes
 * @see UTR #36; D11
 */
export function cleanText(text: string, member: string): string | undefined {
  if (text.length > maximumLength) throw tooLong(member)
  // Printable ASCII with single spaces has nothing to clean, and the look at Unicode's tables is dear.
  if (text.length <= maximumGraphemes && plainText.test(text)) return text
  const clean = text
    .replace(/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\u2800]+/gu, ' ')
    // Cf: bidi and tags; Default_Ignorable: zero-width, fillers, variation selectors; Co, Cn, Cs: nothing a reader would know
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Co}\p{Cn}\p{Cs}]/gu, '')
    .normalize('NFC')
    // Ours: four marks on a letter are enough for every living script, more are drawn over the lines around.
    .replace(/(\p{M}{4})\p{M}+/gu, '$1')
    .replace(/ {2,}/g, ' ')
    .trim()
  if ([...graphemes.segment(clean)].length > maximumGraphemes) throw tooLong(member)
  return clean === '' ? undefined : clean
}

function tooLong(member: string) {
  return invalidClientMetadata(`${member} must not be longer than ${maximumGraphemes} characters`)
}
