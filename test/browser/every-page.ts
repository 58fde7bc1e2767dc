import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { axeFaults } from '../support/axe.ts'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { type InventoryPage, inventory } from '../support/page-inventory.ts'
import { openPageWorld, type PageWorld, type Visitor } from '../support/page-world.ts'
import { faultsOfPage, faultsWithForcedColours } from './checklist.ts'
import { arriveAt } from './person.ts'

const desktop = { width: 1280, height: 1024 }
const tablet = { width: 900, height: 700 }
const phone = { width: 390, height: 844 }
// 1.4.10: what is left of 1280 × 1024 at 400 %, and the width that no page may need more than.
const magnified = { width: 320, height: 256 }

/**
 * Tests of every page of the inventory in one language, on desktop, tablet and phone, and magnified; in English in light and dark, and with
 * forced colours, too. A file for each language, so that two workers share them.
 */
export function testEveryPage(language: 'en' | 'de', locale: string): void {
  let chromium: Chromium
  let world: PageWorld

  beforeAll(async () => {
    chromium = await startChromium()
    world = await openPageWorld()
  })
  const tabs = new Map<Visitor, Tab>()
  afterAll(async () => {
    for (const tab of tabs.values()) await tab.close()
    await chromium?.close()
    await world?.close()
  })

  async function tabOf(visitor: Visitor): Promise<Tab> {
    const given = tabs.get(visitor)
    if (given !== undefined) return given
    const tab = await chromium.tab({ locale, viewport: desktop, colorScheme: 'light', reducedMotion: 'reduce' })
    tabs.set(visitor, tab)
    if (visitor !== 'nobody') {
      const { issuer } = visitor === 'parked-admin' ? world.parked : world.app
      await tab.page.goto(`${issuer}/sign-in`)
      await tab.page.locator('[name=email]').fill(world.people[visitor].email)
      await tab.page.locator('[name=password]').fill(world.people[visitor].password)
      await tab.page.locator('button.primary').click()
      if (visitor === 'careful') {
        await tab.page.locator('[name=code]').fill(await world.carefulCode())
        await tab.page.locator('button.primary').click()
      }
      await tab.page.locator('body.app').waitFor()
    }
    return tab
  }

  async function reach({ as, address, prepare, handle, status = 200 }: InventoryPage): Promise<Tab> {
    const tab = await tabOf(as)
    // Some page before this one may have signed somebody in.
    if (as === 'nobody') await tab.page.context().clearCookies()
    await tab.page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
    await tab.page.setViewportSize(desktop)
    tab.takeFaults()
    const response = await tab.page.goto(await address(world))
    await prepare?.(tab.page, world)
    await arriveAt(tab.page, handle)
    expect(response?.status()).toBe(status)
    expect(await tab.page.locator('html').getAttribute('lang')).toBe(language)
    return tab
  }

  test.each(inventory)('$name', async (entry) => {
    const { page, takeFaults } = await reach(entry)
    // The console notes the status of an answer that is an error, and that is all.
    const noted = takeFaults().filter((fault) => !/the server responded with a status of 4\d\d/.test(fault))
    expect(noted).toEqual([])

    const keep = async (title: string) => {
      if (language !== 'en') return
      // What had the focus may be far down.
      await page.evaluate(() => window.scrollTo(0, 0))
      await keepPicture(page, `${entry.name}-${title}`)
    }
    const faults: string[] = []
    const found = (title: string, some: readonly string[]) => faults.push(...some.map((fault) => `${title}: ${fault}`))

    found('light', [...(await faultsOfPage(page)), ...(await axeFaults(page))])
    await keep('desktop-light')
    // Words are longer in another language, and break elsewhere; colours and movement stay what they are.
    if (language === 'en') {
      await page.emulateMedia({ colorScheme: 'dark' })
      found('dark', [...(await faultsOfPage(page)), ...(await axeFaults(page, 'colour'))])
      await keep('desktop-dark')
    }
    await page.setViewportSize(tablet)
    found('tablet', await faultsOfPage(page))
    await page.setViewportSize(phone)
    found('phone', await faultsOfPage(page))
    await keep('phone-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await keep('phone-light')
    await page.setViewportSize(magnified)
    found('400 %', [...(await faultsOfPage(page)), ...(await coverOf(page)), ...(await motionOf(page))])
    if (language === 'en') {
      await page.emulateMedia({ forcedColors: 'active' })
      found('forced colours', await faultsWithForcedColours(page))
    }

    expect(faults).toEqual([])
    // CSP violations, errors of scripts, loads from elsewhere.
    expect(takeFaults()).toEqual([])
  })
}

// 2.4.11: what stays in place while the page scrolls leaves most of a magnified screen to what is read.
function coverOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body *')].flatMap((element) => {
      const { position } = getComputedStyle(element)
      const { width, height } = element.getBoundingClientRect()
      const covers = (position === 'fixed' || position === 'sticky') && width > 160 && height > 128
      return covers ? [`covers the screen: ${element.outerHTML.slice(0, 90)}`] : []
    }),
  )
}

// Every visitor of this file has asked for less motion.
function motionOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body *')].flatMap((element) => {
      const { animationDuration, transitionDuration } = getComputedStyle(element)
      const longest = Math.max(...`${animationDuration},${transitionDuration}`.split(',').map(Number.parseFloat))
      return longest > 0.01 ? [`moves for ${longest} s: ${element.outerHTML.slice(0, 90)}`] : []
    }),
  )
}
