// Room: messages. Every text that a person reads on a page, in every language, and how dates, numbers and spans are
// written. It knows no other room and no page: a room hands in values and gets words.
//
// How a room's texts get here:
// 1. `src/messages/en/<room>.ts` exports one object named like the room: texts, groups of texts, functions of plain values
//    (`count: (count: number) => …`). English is the source of truth; it gives the type.
// 2. `src/messages/de/<room>.ts` exports the same object as `typeof <room>` of the English file: what is missing or too
//    much does not compile. Both are listed in `en/en.ts` and `de/de.ts`.
// 3. `page.ts` takes `messages: Messages` (and `format: Format` when it shows moments) as first argument; a route hands over
//    `ctx.state.messages` and `ctx.state.format`. A table by code is typed there: `const words: Readonly<Record<Reason,
//    string>> = messages.consent.reasons` compiles only when every code has its words.
// 4. A view writes `<%= it.t.consent.allow %>`; `it.locale`, `it.dir` and `it.format` are there, too. Where a sentence has
//    marked-up parts, it is one text with places, so that each language has its own order:
//        asks: '“{client}” asks to use {server}'
//        <%~ it.rich(it.t.login.asks, { client: { tag: 'bdi', text: it.client }, server: { tag: 'b', text: it.server } }) %>
//    `it.rich` escapes the text and every value. In TypeScript, `fill(text, { client })` does the same for plain text.
// 5. An `AppError` is thrown with its code and English words, which go to the log and the command line. Its page says
//    `errors[code]` of `<language>/errors.ts`; where one code has several texts, the error names the one that is meant by
//    `{ words: 'connection_not_found' }`; places of the text are filled from `{ values: { name } }`. A code without words
//    falls back on the English message.
// 6. Words of a zod schema that end up on a page are codes, not sentences; page.ts looks them up.
import { de } from './de/de.ts'
import { en } from './en/en.ts'

/** A language that every text exists in. */
export type Locale = 'en' | 'de'

/** All texts of one language. */
export type Messages = typeof en

/** Every language, in the order of the footer. */
export const locales: readonly Locale[] = ['en', 'de']

const catalogues: Readonly<Record<Locale, Messages>> = { en, de }

// Languages whose main script is written from right to left. None of ours yet; the pages hold for them already.
const rightToLeft: ReadonlySet<string> = new Set([
  'ar',
  'arc',
  'ckb',
  'dv',
  'fa',
  'he',
  'ku',
  'ps',
  'sd',
  'ug',
  'ur',
  'yi',
])

/** The texts of a language. */
export function messagesFor(locale: Locale): Messages {
  return catalogues[locale]
}

/** The direction of a language's script, for `<html dir>`. */
export function direction(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(locale.split('-', 1)[0] ?? '') ? 'rtl' : 'ltr'
}

/** Is this text one of our languages? */
export function isLocale(text: string | undefined | null): text is Locale {
  return locales.some((locale) => locale === text)
}
