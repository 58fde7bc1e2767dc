// Who acts: names and addresses that servers and driver agree on, and the way of a person to a remembered consent.
import { Browser } from '../test/support/browser.ts'
import { Connection } from './connection.ts'
import { authorizationPath, authorizeOnce, registrationBody, type Target, type Worker } from './operations.ts'

/** The MCP server that all tokens are for. */
export const resource = 'http://localhost:9728/mcp'

/** Those who sign in. The redirect is https: behind a loopback redirect any program could stand, so we would ask again. */
export const person = {
  email: (index: number) => `person${index}@example.test`,
  password: 'correct horse battery staple',
  redirectUri: 'https://client.example/callback',
} as const

/** Registers a client, signs a person in and says yes, so that every further authorization is answered at once. */
export async function makeWorker(target: Target, index: number): Promise<Worker> {
  const issuer = `http://127.0.0.1:${target.port}`
  const registered = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(registrationBody(target)),
  })
  const { client_id: clientId } = (await registered.json()) as { client_id: string }
  const browser = new Browser(issuer)
  const address = `${issuer}${authorizationPath(target, clientId, 'x'.repeat(43))}`
  let page = await browser.open(address, { 'sec-fetch-site': 'none' })
  for (let step = 0; page.url.startsWith(issuer); step += 1) {
    if (step > 6) throw new Error(`no way to consent: ${page.url} ${page.name} ${page.error}`)
    if (page.continueTo !== undefined) page = await browser.goOn(page)
    else if (page.name === 'sign-in') {
      page = await browser.submit(page, { email: person.email(index), password: person.password })
    } else page = await browser.submit(page, { decision: 'allow', scope: 'notes:read', stay_connected: 'yes' })
  }
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const connection = new Connection(target.port)
  const refreshToken = await authorizeOnce(target, { connection, clientId, cookie })
  connection.close()
  return { connection, clientId, cookie, refreshToken }
}

/** A worker for a server that has nothing but documents. */
export function makeReader(target: Target): Worker {
  return { connection: new Connection(target.port), clientId: '', cookie: '', refreshToken: '' }
}
