// Usage. A view in views/<room>/<name>.eta holds what stands inside <main>; the layout writes the rest.
//
//     const render = createRenderer({ issuer, assets })                       // once, by app.ts; also in ctx.state.render
//     render(ctx, 'me/connections', { title: 'Connections', page: 'connections', area: 'account', connections })
//
// Locals of the layout: `title`; `page` (→ <main data-page>); `area` ('account' | 'admin' → navigation, account chip, wide
// page; without it a narrow sheet with the brand on top); `errorCode`, `refreshTo` for our own pages.
// Given to every view: `it.base` (prefix of every own link, '' unless the issuer has a path: `<%= it.base %>/admin/clients`),
// `it.account`, `it.issuerHost`, `it.asset('icon.svg')`, `it.csrf()` (use the partial: `<%~ include('/partials/csrf', it) %>`).
// Escaping is on; `<%~` is for includes only. Absent values print as nothing. No inline style, no script: the CSP drops them.
import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { Context } from 'koa'
import type { SignedIn } from './context.ts'
import { navigation } from './navigation.ts'
import type { Assets } from './static.ts'

/** What the layout needs from every page. */
export interface PageLocals {
  /** Title of the document, before the product's name. */
  readonly title: string
  /** The page's stable handle: `<main data-page>`. */
  readonly page: string
  /** With it the page has the navigation of that area; without it the page is a narrow sheet. */
  readonly area?: 'account' | 'admin'
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
  /** Default: `views/` beside `src/` or `dist/`. */
  readonly viewsDir?: string
}

const defaultViewsDir = fileURLToPath(new URL('../../views', import.meta.url))
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes the renderer; templates are compiled once, at their first use. */
export function createRenderer({ issuer, assets, viewsDir = defaultViewsDir }: RendererOptions): Renderer {
  const { host, pathname } = new URL(issuer)
  const basePath = pathname === '/' ? '' : pathname.replace(/\/$/, '')
  const eta = new Eta({ views: viewsDir, cache: true, autoEscape: true, escapeFunction: escapeHtml })

  const render = (ctx: Context, view: string, locals: PageLocals, status = 200): void => {
    const session: SignedIn | undefined = ctx.state.session
    const known = {
      ...locals,
      base: basePath,
      issuerHost: host,
      account: session?.account,
      navigation: locals.area === undefined ? [] : navigation(locals.area, pathWithin(ctx, basePath), basePath),
      asset: (name: string) => `${basePath}${assets.address(name)}`,
      csrf: () => ctx.state.forms.token(ctx),
    }
    const content = eta.render(view, known)
    const html = eta.render('layout', { ...known, content })
    ctx.status = status
    ctx.type = 'text/html; charset=utf-8'
    ctx.body = html
  }
  return Object.assign(render, { basePath })
}

/** Escapes a value for HTML text and quoted attributes; null and undefined become nothing. */
export function escapeHtml(value: unknown): string {
  if (value === null || value === undefined) return ''
  return String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? '')
}

function pathWithin(ctx: Context, basePath: string): string {
  return ctx.path.startsWith(`${basePath}/`) ? ctx.path.slice(basePath.length) : ctx.path
}
