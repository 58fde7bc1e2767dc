// Walks the pages of a server as a person could and notes every form on them: for scans and fuzzing that must miss none.
import type { Browser, Page } from './browser.ts'

/** A form as it stands on a page. */
export interface FoundForm {
  readonly method: 'GET' | 'POST'
  /** Path and query. */
  readonly action: string
  /** Every field with the values that it has or offers. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

/** What a walk came upon. */
export interface Walk {
  /** Paths with their queries, as they were opened. */
  readonly pages: readonly string[]
  /** One of each kind: same method, same address but for ids, same names of fields. */
  readonly forms: readonly FoundForm[]
}

/** Follows every link from these pages on, within the server. `skip` says what is left alone. */
export async function crawl(browser: Browser, start: readonly string[], skip: RegExp, most = 150): Promise<Walk> {
  const waiting = [...start]
  const pages: string[] = []
  const kinds = new Set<string>()
  const forms = new Map<string, FoundForm>()
  for (let path = waiting.shift(); path !== undefined && pages.length < most; path = waiting.shift()) {
    const kind = kindOf(path)
    if (kinds.has(kind) || skip.test(path)) continue
    kinds.add(kind)
    const page = await browser.open(path)
    if (page.status !== 200) continue
    pages.push(path)
    for (const form of formsOf(page)) {
      if (skip.test(form.action)) continue
      forms.set(`${form.method} ${kindOf(form.action)} ${[...form.fields.keys()].sort().join()}`, form)
    }
    waiting.push(...linksOf(page))
  }
  return { pages, forms: [...forms.values()] }
}

/** The forms of a page. */
export function formsOf(page: Page): FoundForm[] {
  return [...page.body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = '', inside = '']) => ({
    method: attributeOf(attributes, 'method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
    action: pathOf(attributeOf(attributes, 'action') ?? page.url, page.url),
    fields: fieldsOf(inside),
  }))
}

function fieldsOf(inside: string): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  const add = (name: string | undefined, value: string) => {
    if (name !== undefined) fields.set(name, [...(fields.get(name) ?? []), value])
  }
  for (const [, attributes = ''] of inside.matchAll(/<(?:input|button)\b([^>]*)>/g)) {
    add(attributeOf(attributes, 'name'), attributeOf(attributes, 'value') ?? '')
  }
  for (const [, attributes = '', text = ''] of inside.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g)) {
    add(attributeOf(attributes, 'name'), unescapeHtml(text))
  }
  for (const [, attributes = '', options = ''] of inside.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    for (const [, option = ''] of options.matchAll(/<option\b([^>]*)>/g)) {
      add(attributeOf(attributes, 'name'), attributeOf(option, 'value') ?? '')
    }
  }
  return fields
}

function linksOf(page: Page): string[] {
  const { origin } = new URL(page.url)
  return [...page.body.matchAll(/<a\b([^>]*)>/g)].flatMap(([, attributes = '']) => {
    const href = attributeOf(attributes, 'href')
    if (href === undefined || href.startsWith('#') || !URL.canParse(href, page.url)) return []
    const url = new URL(href, page.url)
    return url.origin === origin ? [`${url.pathname}${url.search}`] : []
  })
}

/** Ids become one: a list of fifty clients is one page of a client. */
function kindOf(path: string): string {
  const { pathname, searchParams } = new URL(path, 'http://localhost')
  const parts = pathname.split('/').map((part) => (part.length >= 16 || /\d/.test(part) ? ':id' : part))
  return `${parts.join('/')}?${[...searchParams.keys()].sort().join('&')}`
}

function pathOf(address: string, base: string): string {
  const url = new URL(address, base)
  return `${url.pathname}${url.search}`
}

function attributeOf(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1]
  return found === undefined ? undefined : unescapeHtml(found)
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
