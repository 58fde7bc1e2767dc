// Order counts: Edge and Opera also call themselves Chrome, and everything calls itself Safari.
const browsers: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdgA?(?:iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Chrome'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
]

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

/** A browser and its system, as far as they are known. */
export interface Device {
  readonly browser: string | undefined
  readonly system: string | undefined
}

/**
 * What is kept of a `User-Agent`, for a person to recognise a sign-in by: `Firefox/Windows`. Names from our two lists and
 * nothing of the header itself, so that no text of a stranger is stored or shown (G21), and no version that ages.
 *
 * @returns undefined when neither is known
 */
export function deviceOf(userAgent: string): string | undefined {
  // Ours: a header that long is no browser's.
  const text = userAgent.slice(0, 512)
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1] ?? ''
  const system = systems.find(([pattern]) => pattern.test(text))?.[1] ?? ''
  return browser === '' && system === '' ? undefined : `${browser}/${system}`
}

/** The two names of a stored device. */
export function readDevice(stored: string | undefined): Device {
  const [browser = '', system = ''] = (stored ?? '').split('/', 2)
  return { browser: browser === '' ? undefined : browser, system: system === '' ? undefined : system }
}
