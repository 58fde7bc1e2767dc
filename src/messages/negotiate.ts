import { isLocale, type Locale } from './messages.ts'

/**
 * The first of our languages among those that somebody wants, most wanted first; a region counts as its language.
 *
 * @param wanted language tags, BCP 47, as they came
 * @returns undefined when there is none of ours
 * @see RFC 4647 §3.4 (lookup)
 */
export function firstKnown(wanted: readonly string[]): Locale | undefined {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-', 1)[0]
    if (isLocale(language)) return language
  }
  return undefined
}

/** The tags of an `Accept-Language` header, most wanted first; those with weight 0 are left out (RFC 9110 §12.5.4). */
export function acceptedLanguages(header: string): readonly string[] {
  return header
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
      const weight = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2)
      return { tag, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ tag, weight }) => tag !== '' && weight > 0 && weight <= 1)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
}

/** The tags of a `ui_locales` parameter: separated by spaces, most wanted first (OpenID Connect Core §3.1.2.1). */
export function requestedLanguages(uiLocales: unknown): readonly string[] {
  return typeof uiLocales === 'string' ? uiLocales.split(' ').filter((tag) => tag !== '') : []
}
