// One page, a few times: how long the answer takes, and what it costs the server.
import { get } from 'node:http'
import { Browser } from '../test/support/browser.ts'
import { Connection } from './connection.ts'
import type { ListingPage } from './listings-pages.ts'
import type { Peer } from './peers.ts'

/** A signed-in browser on a connection of its own. */
export interface Visitor {
  readonly connection: Connection
  /** Value of the `Cookie` header. */
  readonly cookie: string
}

/** What a few requests in a row found. */
export interface PageSample {
  readonly milliseconds: readonly number[]
  /** The server's CPU time for one page, user and system. */
  readonly cpuMilliseconds: number
}

/** What reading a file of audit events found. */
export interface ExportSample {
  readonly bytes: number
  readonly milliseconds: number
  readonly cpuMilliseconds: number
  /** How long other requests waited meanwhile, at the most. */
  readonly othersWaited: number
}

/** Signs in through the page. */
export async function signIn(port: number, email: string, password: string): Promise<Visitor> {
  const browser = new Browser(`http://127.0.0.1:${port}`)
  const page = await browser.submit(await browser.open('/sign-in'), { email, password })
  if (page.name === 'sign-in' || page.status !== 200) throw new Error(`${email} cannot sign in: ${page.body}`)
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return { connection: new Connection(port), cookie }
}

/** Asks for a page several times, one after the other. @throws Error when it is not the page */
export async function readPages(
  { target, cpuMicroseconds }: Peer,
  { connection, cookie }: Visitor,
  { name, path }: ListingPage,
  count: number,
): Promise<PageSample> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nAccept: text/html\r\nSec-Fetch-Site: none\r\nCookie: ${cookie}\r\n\r\n`
  const milliseconds: number[] = []
  const before = await cpuMicroseconds()
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now()
    const { status, body } = await connection.request(request)
    milliseconds.push(performance.now() - startedAt)
    if (status !== 200) throw new Error(`${name}: ${path} answered ${status}: ${body.slice(0, 400)}`)
  }
  const after = await cpuMicroseconds()
  connection.close()
  return { milliseconds, cpuMilliseconds: (after - before) / 1000 / count }
}

/** Reads the first ten megabytes of the file of all events, then goes away, as a reader with little room would. */
export async function readExport(peer: Peer, { cookie, connection }: Visitor): Promise<ExportSample> {
  const { port } = peer.target
  const before = await peer.cpuMicroseconds()
  const startedAt = performance.now()
  let running = true
  const others = askMeanwhile(port, connection, () => running)
  const bytes = await readFirst(port, '/admin/audit/export?format=jsonl', cookie, 10_000_000)
  running = false
  const milliseconds = performance.now() - startedAt
  const othersWaited = await others
  return { bytes, milliseconds, othersWaited, cpuMilliseconds: ((await peer.cpuMicroseconds()) - before) / 1000 }
}

function readFirst(port: number, path: string, cookie: string, most: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, headers: { cookie } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`))
      let bytes = 0
      response.on('data', (part: Buffer) => {
        bytes += part.length
        if (bytes < most) return
        response.destroy()
        resolve(bytes)
      })
      response.on('end', () => resolve(bytes))
    })
    request.on('error', reject)
  })
}

/** The longest answer to a small request, asked again and again while something else is going on. */
async function askMeanwhile(port: number, connection: Connection, goesOn: () => boolean): Promise<number> {
  const request = `GET /livez HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
  let longest = 0
  while (goesOn()) {
    const startedAt = performance.now()
    await connection.request(request)
    longest = Math.max(longest, performance.now() - startedAt)
  }
  connection.close()
  return longest
}
