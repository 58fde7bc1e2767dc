// Usage. A view in views/<room>/<name>.eta holds what stands inside <main>; the layout writes the rest.
//
//     const render = createRenderer({ issuer, assets })                       // once, by app.ts; also in ctx.state.render
//     render(ctx, 'me/connections', { title: 'Connections', page: 'connections', area: 'account', connections })
//
// Locals of the layout: `title`; `page` (→ <main data-page>); `area` ('account' | 'admin' → navigation, account chip, wide
// page; without it a narrow sheet with the brand on top); `errorCode`, `refreshTo` for our own pages.
// Given to every view: `it.base` (prefix of every own link, '' unless the issuer has a path: `<%= it.base %>/admin/clients`),
// `it.account`, `it.issuerHost`, `it.asset('icon.svg')`, `it.csrf()` (use the partial: `<%~ include('/partials/csrf', it) %>`),
// `it.t` (all texts), `it.locale`, `it.dir`, `it.format` and `it.rich` (src/messages/messages.ts says how),
// `it.icon('check')` (names in icons.ts).
// Escaping is on; `<%~` is for includes, `it.rich` and `it.icon` only. No letter of a text stands in a view. Absent values print as nothing. No inline style, no script: the CSP drops them.
import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { Context } from 'koa'
import { direction } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import { type Brand, ownBrand } from './brand.ts'
import type { SignedIn } from './context.ts'
import { escapeHtml } from './escape-html.ts'
import { icon } from './icons.ts'
import { languageChoices } from './language.ts'
import { navigation } from './navigation.ts'
import { rich } from './rich.ts'
import type { Assets } from './static.ts'

/** What the layout needs from every page. */
export interface PageLocals {
  /** Title of the document, before the product's name. */
  readonly title: string
  /** The page's stable handle: `<main data-page>`. */
  readonly page: string
  /** With it the page has the navigation of that area; without it the page is a narrow sheet. */
  readonly area?: 'account' | 'admin'
  /** Address below the issuer to come back to after a change of language, when it needs a query; nothing of a request unseen. */
  readonly here?: string
  /** A script beside the page; its route lets it be loaded (`allowOwnScripts()`). */
  readonly script?: 'passkeys' | undefined
  /** `data-error` of an error page. */
  readonly errorCode?: string
  /** Where the page goes on by itself; only `continuePage()` uses it. */
  readonly refreshTo?: string
}

/** Renders a view into the layout and makes it the answer. */
export interface Renderer {
  <Locals extends PageLocals>(ctx: Context, view: string, locals: Locals, status?: number): void
  /** Path of the issuer, without the trailing slash: the prefix of every address of ours. */
  readonly basePath: string
}

/** Where views are and what all of them know. */
export interface RendererOptions {
  readonly issuer: string
  readonly assets: Assets
  /** Default: our own look. */
  readonly brand?: Brand
  /** Default: `views/` beside `src/` or `dist/`. */
  readonly viewsDir?: string
}

const defaultViewsDir = fileURLToPath(new URL('../../views', import.meta.url))

/** Makes the renderer; templates are compiled once, at their first use. */
export function createRenderer({
  issuer,
  assets,
  brand = ownBrand,
  viewsDir = defaultViewsDir,
}: RendererOptions): Renderer {
  const { host, pathname } = new URL(issuer)
  const basePath = pathname === '/' ? '' : pathname.replace(/\/$/, '')
  const address = (name: string): string => `${basePath}${assets.address(name)}`
  const look = {
    name: brand.name,
    logo: brand.logo && address(brand.logo),
    stylesheet: brand.stylesheet && address(brand.stylesheet),
    tagline: (text: string) => fill(text, { product: brand.name, host }),
  }
  const eta = new Eta({ views: viewsDir, cache: true, autoEscape: true, escapeFunction: escapeHtml })

  const render = (ctx: Context, view: string, locals: PageLocals, status = 200): void => {
    const session: SignedIn | undefined = ctx.state.session
    const { locale, messages, format } = ctx.state
    const known = {
      ...locals,
      base: basePath,
      issuerHost: host,
      account: session?.account,
      brand: look,
      navigation:
        locals.area === undefined
          ? []
          : navigation(locals.area, within(ctx.path, basePath), basePath, messages, ctx.state.badges),
      t: messages,
      locale,
      dir: direction(locale),
      format,
      rich,
      icon,
      languages: languageChoices(locale),
      here: `${basePath}${locals.here ?? within(ctx.path, basePath)}`,
      asset: address,
      csrf: () => ctx.state.forms.token(ctx),
    }
    const content = eta.render(view, known)
    const html = eta.render('layout', { ...known, content })
    ctx.status = status
    ctx.type = 'text/html; charset=utf-8'
    ctx.set('Content-Language', locale)
    // For caches that keep what they should not: nothing of ours is to be kept (Cache-Control: no-store).
    ctx.vary('Accept-Language, Cookie')
    ctx.body = html
  }
  return Object.assign(render, { basePath })
}

function within(address: string, basePath: string): string {
  return address.startsWith(`${basePath}/`) ? address.slice(basePath.length) : address
}
