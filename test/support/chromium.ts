// The system's Chromium without a window, for what only a real browser shows: content security policy, cookies, navigation.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** A browser process; each tab of it has cookies of its own. */
export interface Chromium {
  /** Opens a tab in a fresh profile. */
  tab(options?: BrowserContextOptions): Promise<Tab>
  close(): Promise<void>
}

/** A tab, and what went wrong in it. */
export interface Tab {
  readonly page: Page
  /** Errors of the console (violations of the content security policy among them), of scripts, and loads from elsewhere. */
  readonly faults: readonly string[]
  /** Forgets the faults so far and returns them, for a test that provokes some. */
  takeFaults(): readonly string[]
  close(): Promise<void>
}

// Nothing of the browser's own may reach for the network: a test machine has none.
const quiet = [
  '--no-sandbox',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--disable-features=OptimizationHints,MediaRouter,Translate,CertificateTransparencyComponentUpdater',
  '--metrics-recording-only',
]

/**
 * Starts Chromium; close it in `afterAll`.
 *
 * @param hosts names that lead to 127.0.0.1; every other name leads nowhere
 */
export async function startChromium(hosts: readonly string[] = []): Promise<Chromium> {
  const rules = [
    ...hosts.map((host) => `MAP ${host} 127.0.0.1`),
    'MAP * ~NOTFOUND',
    'EXCLUDE localhost',
    'EXCLUDE 127.0.0.1',
  ]
  const browser = await chromium.launch({
    executablePath: executable(),
    args: [...quiet, `--host-resolver-rules=${rules.join(', ')}`],
  })
  return { tab: (options) => openTab(browser, options), close: () => browser.close() }
}

function executable(): string {
  const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
  if (existsSync(path)) return path
  throw new Error(`no Chromium at ${path}: install it (Debian: apt-get install chromium) or name it by CHROMIUM_PATH`)
}

async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1000, height: 800 },
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`))
  page.on('request', (request) => {
    // A page of ours loads from itself and from nowhere else (G11); going somewhere is not loading.
    if (request.isNavigationRequest()) return
    if (new URL(request.url()).origin !== new URL(page.url()).origin) faults.push(`foreign load: ${request.url()}`)
  })
  return {
    page,
    faults,
    takeFaults: () => faults.splice(0),
    close: () => context.close(),
  }
}

const pictures = join(import.meta.dirname, '..', '..', 'artifacts', 'screenshots')

/** Keeps a picture of the whole page for people to look at: `artifacts/screenshots/<name>.png`. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}
