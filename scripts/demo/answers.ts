import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { type Decision, Person } from '../../test/support/person.ts'
import type { DemoServer } from './server.ts'

/** Who answers the pages: the demo itself, or the person in front of it. */
export interface Answers {
  /** Where the client gets its answers. */
  readonly redirectUri: string
  /** Sends somebody to the consent page. @returns the callback; null heading when nobody of ours saw the page */
  consent(url: URL, decision?: Decision): Promise<{ readonly callback: URL; readonly heading: string | null }>
  /** Ends the connection on the person's own page; false when only the person could. */
  revokeOnPage(): Promise<boolean>
  close(): Promise<void>
}

/** The demo answers by itself: a cookie jar that reads the real pages. */
export function createOwnAnswers({ issuer, person: account }: DemoServer): Answers {
  const person = new Person(issuer, account)
  return {
    // Nobody listens there: the redirect is read, not followed.
    redirectUri: 'http://127.0.0.1:50414/callback',
    async consent(url, decision) {
      const callback = await person.answer(url, decision)
      return { callback, heading: headingOf(person.consentPage?.body ?? '') }
    },
    async revokeOnPage() {
      await person.revokeEverything()
      return true
    },
    close: async () => {},
  }
}

/** The person answers in a browser; the demo listens for where the browser is sent afterwards. */
export async function createPersonAnswers(
  { person }: DemoServer,
  out: { write(text: string): unknown },
  mayOpen: boolean,
): Promise<Answers> {
  let arrived: ((callback: URL) => void) | undefined
  const listener = createServer((request, response) => {
    const callback = new URL(request.url ?? '/', 'http://127.0.0.1')
    const isAnswer = callback.pathname === '/callback' && callback.searchParams.has('state')
    response.writeHead(isAnswer ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(isAnswer ? 'The client has its answer. Go back to the terminal.\n' : 'not here\n')
    if (isAnswer) arrived?.(callback)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    redirectUri: `http://127.0.0.1:${port}/callback`,
    async consent(url) {
      const state = url.searchParams.get('state')
      const answered = new Promise<URL>((resolve) => {
        arrived = (callback) => callback.searchParams.get('state') === state && resolve(callback)
      })
      out.write(
        `\n   Open this page, and sign in as ${person.email} with the password ${person.password}\n   ${url.href}\n\n`,
      )
      if (mayOpen) openInBrowser(url)
      return { callback: await answered, heading: null }
    },
    revokeOnPage: async () => false,
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      listener.closeAllConnections()
      await closed
    },
  }
}

function openInBrowser({ href }: URL): void {
  const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', linux: 'xdg-open' }
  const opener = openers[process.platform]
  if (opener === undefined) return
  // No shell sees the address. That nothing opens is no fault: the address is printed.
  const child = spawn(opener, [href], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}

function headingOf(body: string): string | null {
  const heading = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(body)?.[1]
  return heading === undefined
    ? null
    : heading
        .replaceAll(/<[^>]+>/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim()
}
