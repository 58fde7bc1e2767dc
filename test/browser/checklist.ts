// What every page must hold, read from the page as Chromium has laid it out. WCAG 2.2 AA, as far as a machine can tell.
import type { Page } from 'playwright-core'

/** Goes through the list on the page that is open. @returns what is wrong, empty when nothing is */
export function faultsOfPage(page: Page): Promise<readonly string[]> {
  return page.evaluate(checkDocument)
}

/**
 * Goes through what a person needs who has chosen colours of their own, which replace all of ours: edges of buttons and
 * fields, ticks and pictures that are still there. The page must be shown that way already.
 */
export function faultsWithForcedColours(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    const name = (element: Element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 90)
    if (!matchMedia('(forced-colors: active)').matches) faults.push('colours are not forced')
    const fields = 'input:not([type=hidden], [type=checkbox], [type=radio], .visually-hidden), select, textarea'
    for (const element of document.querySelectorAll(`button:not(.link), .button, ${fields}`)) {
      if (!element.checkVisibility()) continue
      const { borderTopWidth, borderTopStyle, outlineStyle } = getComputedStyle(element)
      const hasEdge = borderTopStyle !== 'none' && Number.parseFloat(borderTopWidth) > 0
      if (!hasEdge && outlineStyle === 'none') faults.push(`no edge: ${name(element)}`)
    }
    for (const picture of document.querySelectorAll('svg')) {
      const { stroke, fill } = getComputedStyle(picture)
      if (stroke === 'none' && fill === 'none') faults.push(`no picture: ${name(picture)}`)
    }
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) faults.push(`scrolls sideways: ${scrollWidth} > ${clientWidth}`)
    return faults
  })
}

// Runs inside the page: everything it needs is inside it.
function checkDocument(): readonly string[] {
  const faults: string[] = []
  const all = <E extends Element>(selector: string) => [...document.querySelectorAll<E>(selector)]
  const name = (element: Element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 90)
  const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true })

  // 2.4.2, 3.1.1, 1.3.1: title, language, one main, one h1, no level left out
  if (document.title.trim() === '') faults.push('no title')
  if (document.documentElement.lang === '') faults.push('no language')
  if (all('main[data-page]').length !== 1) faults.push('not one <main data-page>')
  if (all('h1').length !== 1) faults.push(`${all('h1').length} headings of level 1`)
  let level = 1
  for (const heading of all('h1, h2, h3, h4')) {
    const own = Number(heading.tagName.slice(1))
    if (own > level + 1) faults.push(`heading level left out: ${name(heading)}`)
    level = own
  }
  if (![...document.styleSheets].some((sheet) => sheet.cssRules.length > 50))
    faults.push('the stylesheet is not in force')

  // 4.1.2, 1.3.1: names and references
  const ids = all('[id]').map(({ id }) => id)
  for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) faults.push(`id twice: ${id}`)
  for (const attribute of ['for', 'aria-describedby', 'aria-labelledby', 'form']) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of (element.getAttribute(attribute) ?? '').split(' ')) {
        if (!ids.includes(id)) faults.push(`${attribute} leads nowhere: ${name(element)}`)
      }
    }
  }
  for (const field of all<HTMLInputElement>('input:not([type=hidden]), select, textarea')) {
    const label = field.getAttribute('aria-label') ?? [...(field.labels ?? [])].map((one) => one.textContent).join('')
    if (label.trim() === '' && field.getAttribute('aria-hidden') !== 'true') faults.push(`no label: ${name(field)}`)
  }
  for (const element of all('a[href], button, summary, th, legend')) {
    if ((element.getAttribute('aria-label') ?? element.textContent ?? '').trim() === '')
      faults.push(`no name: ${name(element)}`)
  }
  for (const image of all('img:not([alt]), svg:not([aria-hidden="true"])')) faults.push(`no text: ${name(image)}`)
  for (const element of all('[tabindex]')) {
    if (Number(element.getAttribute('tabindex')) > 0) faults.push(`tabindex: ${name(element)}`)
  }

  // 2.5.8: targets of at least 24 by 24, links in a sentence excepted
  for (const target of all('button, summary, .button, nav a, input:not([type=hidden], .visually-hidden), select')) {
    const { width, height } = target.getBoundingClientRect()
    if (isShown(target) && (width < 20 || height < 20)) faults.push(`small target ${width}×${height}: ${name(target)}`)
  }

  // Ours: cards that stand one below the other end at one edge
  const edges = all('main > .card, main > form > .card').map((card) => Math.round(card.getBoundingClientRect().right))
  if (new Set(edges).size > 1) faults.push(`cards end at ${edges.join(', ')}`)

  // 1.4.10: nothing to scroll sideways, nothing that sticks out
  const room = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth > room)
    faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} > ${room}`)

  // 1.4.3: contrast of text
  const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = ([r = 0, g = 0, b = 0]: readonly number[]) => {
    const linear = [r, g, b].map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0)
  }
  const groundOf = (element: Element): readonly number[] => {
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      const color = channels(getComputedStyle(one).backgroundColor)
      if (color.length === 3 || (color[3] ?? 0) === 1) return color
    }
    return [255, 255, 255]
  }
  for (const element of all('body *')) {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== '',
    )
    if (!hasText || !isShown(element) || element.matches(':disabled, .visually-hidden *')) continue
    const style = getComputedStyle(element)
    const [one, other] = [luminance(channels(style.color)), luminance(groundOf(element))]
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    const size = Number.parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (isLarge ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${name(element)}`)
  }
  return faults
}
