import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { connect, refresh } from '../support/flow.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

async function cli(...argv: readonly string[]) {
  let [out, err] = ['', '']
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  const terminal = { stdin: new PassThrough(), stdout, stderr }
  const code = await run(['connection', ...argv], { env: {}, terminal, rooms: app.app.rooms })
  return { code, out, err }
}

it('a connection is listed, narrowed, paused, resumed and ended as on the person’s own page (G25)', async () => {
  const person = await app.person()
  const { client, refreshToken } = await connect(app, person, { scope: 'notes:read notes:write' })
  const who = ['--person', person.email]
  const [listed] = JSON.parse((await cli('list', ...who, '--json')).out)
  const one = [...who, '--id', listed.grantId]
  expect(listed).toMatchObject({
    clientId: client.client_id,
    scopes: ['notes:read', 'notes:write'],
    address: 'loopback',
  })

  expect((await cli('narrow', ...one, '--keep', 'notes:read')).out).toMatch(/^narrowed .+ can work until 20\S+Z\n$/)
  expect((await cli('pause', ...one)).out).toMatch(/^paused /)
  expect((await cli('list', ...who)).out).toMatch(/^ID +CLIENT +MCP SERVER .* PAUSED/)
  expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
  expect((await cli('resume', ...one)).out).toBe(`resumed ${listed.grantId}\n`)
  const again = await refresh(app, client, refreshToken)
  expect(again.body.scope).toBe('notes:read')

  expect((await cli('revoke', ...one)).out).toMatch(/^ended; a token that is out can work until /)
  expect((await refresh(app, client, again.body.refresh_token ?? '')).body.error).toBe('invalid_grant')
  expect((await cli('list', ...who)).err).toBe('nothing acts as this person\n')
})

it('nothing of another person is reached (G21)', async () => {
  const [person, other] = [await app.person(), await app.person()]
  const { client, refreshToken } = await connect(app, person)
  const [listed] = JSON.parse((await cli('list', '--person', person.email, '--json')).out)
  for (const verb of ['pause', 'resume', 'revoke']) {
    const { code, err } = await cli(verb, '--person', other.email, '--id', listed.grantId)
    expect({ verb, code, err }).toEqual({ verb, code: 1, err: expect.stringMatching(/no such connection\nhint: /) })
  }
  expect((await refresh(app, client, refreshToken)).status).toBe(200)
})
