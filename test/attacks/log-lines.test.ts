import { expect, test } from 'vitest'
import { createLogger } from '../../src/runtime/logger.ts'
import { notes, startApp } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, loopbackRedirect } from '../support/flow.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { registerRaw } from './stage.ts'

// What strangers write may stand in a line of the log or in a row, and never makes a line of its own.

const forged =
  '\r\n{"level":"fatal","msg":"forged"}\r\n\u001b[2J\u001b[31mred\u001b]0;title\u0007\u009b31m\u2028\u2029\u0085\u202e'

/** Raw control characters, line ends that are none in JSON among them. */
const raw = /(?!\n)[\p{Cc}\u2028\u2029]/u

test('K11 line breaks and terminal codes of strangers make one escaped JSON line for each event', async () => {
  const app = await startApp()
  const host = new URL(app.issuer).host
  const registered = await registerRaw(app, {
    client_name: `App${forged}`,
    software_id: `s${forged}`,
    client_uri: 'https://app.example.com',
    redirect_uris: [loopbackRedirect],
  })
  const clientId = String(JSON.parse(registered.body).client_id ?? 'none')
  const person = await app.person('ada', 'admin')
  const browser = new Browser(app.issuer)
  const page = await browser.open(authorizationRequest(app, clientId, { login_hint: forged, state: forged }).url)
  await browser.submit(page, { email: `x${forged}@example.test`, password: forged })
  await browser.submit(page, { email: person.email, password: person.password })
  await browser.open('/account/security')
  await fetch(`${app.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: forged, client_id: forged, resource: `${notes.identifier}${forged}` }),
  })
  await fetch(
    `${app.issuer}/authorize?${new URLSearchParams({ client_id: forged, redirect_uri: forged, scope: forged })}`,
  )
  await fetch(`${app.issuer}/${encodeURIComponent(forged)}?${encodeURIComponent(forged)}`)
  // A header may hold tabs and bytes above ASCII; line ends in one are no request at all.
  const odd = new RawSocket(app.issuer)
  odd.send(
    `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: a\t{"level":"fatal"} \x80\x9b\xff\r\nX-Request-Id: forged\r\n` +
      'X-Forwarded-For: forged\r\nConnection: close\r\n\r\n',
  )
  await odd.closed
  expect(odd.statuses).toEqual([200])
  await app.app.rooms.audit.flush()

  const lines = app.log().trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(8)
  for (const line of lines) {
    expect(line).not.toMatch(raw)
    const event: unknown = JSON.parse(line)
    expect(event).toMatchObject({ level: expect.stringMatching(/^(debug|info|warn)$/), msg: expect.any(String) })
    expect(event).not.toMatchObject({ msg: 'forged' })
  }
  for await (const line of app.app.rooms.audit.exportRows({})) expect(JSON.stringify(line)).not.toMatch(raw)
})

test('K11 the log for people at a terminal shows no control character either', () => {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const logger = createLogger({ level: 'info', pretty: true, destination })
  logger.info({ clientId: `x${forged}`, err: new Error(`y${forged}`), deep: { name: [forged] } }, 'told')
  expect(lines.join('')).toContain('told')
  expect(lines.join('').replaceAll('\n', '')).not.toMatch(raw)
  expect(lines.join('')).not.toMatch(/^\{/m)
})
