import Router from '@koa/router'
import type { Context } from 'koa'
import { formatFor } from '../messages/format.ts'
import { isLocale, type Locale, locales, messagesFor } from '../messages/messages.ts'
import { acceptedLanguages, firstKnown, requestedLanguages } from '../messages/negotiate.ts'
import { field, readForm } from './body.ts'
import type { CookieJar } from './cookies.ts'

/** Finds and remembers the language of a browser. */
export interface Languages {
  /** Sets `ctx.state.locale`, `messages` and `format` from the cookie, the request's `ui_locales`, or what the browser accepts. */
  choose(ctx: Context): void
  /** Keeps the person's own choice in this browser. */
  remember(ctx: Context, locale: Locale): void
}

const cookieName = 'locale'
const aYear = 365 * 86_400

/** Makes the choice of language for an issuer's pages. */
export function createLanguages(cookies: CookieJar): Languages {
  return {
    choose(ctx) {
      const own = cookies.get(ctx, cookieName)
      ctx.state.ownLocale = isLocale(own) ? own : undefined
      const wished = [...requestedLanguages(ctx.query.ui_locales), ...acceptedLanguages(ctx.get('Accept-Language'))]
      speak(ctx, ctx.state.ownLocale ?? firstKnown(wished) ?? 'en')
    },
    remember: (ctx, locale) => cookies.set(ctx, cookieName, locale, aYear),
  }
}

/**
 * Follows the `ui_locales` of an authorization on its pages. What the person chose in the footer counts more: a link that
 * changes nothing would be a broken one.
 *
 * @see OpenID Connect Core §3.1.2.1
 */
export function preferLocales(ctx: Context, uiLocales: readonly string[] | undefined): void {
  const locale = firstKnown(uiLocales ?? [])
  if (locale !== undefined && ctx.state.ownLocale === undefined) speak(ctx, locale)
}

/** `POST /language`: the footer's choice; goes back to the page that it was made on. */
export function languageRoutes(languages: Languages): Router {
  const router = new Router({ sensitive: true })
  router.post('/language', async (ctx) => {
    const form = await readForm(ctx)
    const locale = field(form, 'locale')
    if (isLocale(locale)) languages.remember(ctx, locale)
    const { basePath } = ctx.state.render
    ctx.status = 303
    ctx.set('Location', ownAddress(field(form, 'page'), basePath) ?? `${basePath}/`)
    ctx.body = null
    ctx.status = 303
  })
  return router
}

/** One of the footer's languages. */
export interface LanguageChoice {
  readonly locale: Locale
  /** In itself. */
  readonly name: string
  readonly current: boolean
}

/** Every language, for the footer. */
export function languageChoices(current: Locale): readonly LanguageChoice[] {
  return locales.map((locale) => ({
    locale,
    name: messagesFor(locale).common.languageName,
    current: locale === current,
  }))
}

/**
 * The address of a page of ours, below the issuer's path, or null. The form token says already that we wrote the form;
 * this holds even if it did not (threat G26).
 */
export function ownAddress(address: string, basePath: string): string | null {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(address) || address.includes('\\')) return null
  const base = 'https://sallyport.invalid'
  if (!URL.canParse(address, base)) return null
  const url = new URL(address, base)
  // Resolved once more, so that dot segments cannot leave the issuer's path or become `//host`.
  if (url.origin !== base || url.pathname.startsWith('//') || !`${url.pathname}/`.startsWith(`${basePath}/`))
    return null
  return `${url.pathname}${url.search}`
}

function speak(ctx: Context, locale: Locale): void {
  ctx.state.locale = locale
  ctx.state.messages = messagesFor(locale)
  ctx.state.format = formatFor(locale)
}
