// The same acts as in the console, by the command line on the rows of a running server.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createCli } from '../cli/run-cli.ts'
import { startApp } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, connect, decide, register } from '../support/flow.ts'

async function open() {
  const app = await startApp({ settings: { REGISTRATION: 'approval' } })
  const file = app.address.kind === 'sqlite' ? app.address.file : ''
  const cli = createCli({
    SALLYPORT_DATA_DIR: app.dataDir,
    SALLYPORT_DATABASE_URL: `file:${file}`,
    SALLYPORT_REGISTRATION: 'approval',
    SALLYPORT_SECRET: Buffer.from(Array.from({ length: 32 }, (_, index) => index * 5)).toString('base64url'),
  })
  const json = async (...argv: string[]) => JSON.parse((await cli([...argv, '--json'])).out)
  return { app, cli, json }
}

it('the queue is listed, and answered for one, for everyone, and for good', async () => {
  const { app, cli, json } = await open()
  const ada = await app.person('ada')
  const bob = await app.person('bob')
  const one = await register(app, { client_name: 'One' })
  const two = await register(app, { client_name: 'Two' })
  const asks = (client: typeof one, person: typeof ada) =>
    decide(new Browser(app.issuer), authorizationRequest(app, client.client_id), person)
  await asks(one, ada)
  await asks(one, bob)
  await asks(two, bob)
  const [first] = await json('client', 'approvals')
  expect(first).toMatchObject({ clientId: one.client_id, claimedName: 'One', provenHost: null })
  expect(first.people.map(({ email }: { email: string }) => email)).toEqual([ada.email, bob.email])

  const forAda = ['client', 'approve', one.client_id, '--for', ada.email]
  expect((await cli(forAda)).out).toBe(`approved ${one.client_id} for ${ada.email}\n`)
  expect((await connect(app, ada, {}, one)).answer.status).toBe(200)
  expect(await cli(forAda)).toMatchObject({ code: 1, err: expect.stringContaining('hint: ') })
  expect((await cli(['client', 'approve', one.client_id, '--for', 'eve@example.test'])).code).toBe(1)

  expect((await cli(['client', 'reject', two.client_id])).code).toBe(0)
  expect((await cli(['client', 'approve', two.client_id])).code).toBe(1)
  expect((await cli(['client', 'approve', one.client_id])).out).toBe(`approved ${one.client_id} for everyone\n`)
  expect(await json('client', 'approvals')).toEqual([])
  expect(await json('audit', 'list', '--type', 'client.rejected')).toMatchObject([{ actor: 'operator' }])
})

it('lists are filtered and folded, and a clean-up says first what it would do', async () => {
  const { app, cli, json } = await open()
  await register(app, { client_name: 'Same' })
  await register(app, { client_name: 'Same' })
  await app.app.rooms.database.sql.run('UPDATE client SET created_at = created_at - 172800000')
  await register(app, { client_name: 'Young' })
  expect(await json('client', 'list')).toHaveLength(3)
  expect(await json('client', 'list', '--alike')).toMatchObject([
    { claimedName: 'Young', alike: 1 },
    { claimedName: 'Same', alike: 2, people: 0, lastUsedAt: null },
  ])
  expect(await json('client', 'list', '--text', 'young', '--unused')).toHaveLength(1)
  expect((await cli(['client', 'list', '--state', 'odd'])).code).toBe(2)

  expect((await cli(['client', 'clean-up', '--unused-hours', '24'])).out).toContain('add --yes to remove 2')
  expect(await json('client', 'list')).toHaveLength(3)
  expect((await cli(['client', 'clean-up', '--unused-hours', '24', '--yes'])).out).toBe('removed 2 clients\n')
  expect(await json('client', 'list')).toMatchObject([{ claimedName: 'Young' }])
  expect((await cli(['client', 'clean-up'])).code).toBe(1)
})

it('registration tokens are made, listed and revoked; the token is printed once (D14)', async () => {
  const { cli, json } = await open()
  const made = await cli(['registration-token', 'add', 'Build machines', '--uses', '3', '--days', '2'])
  expect(made.out).toMatch(/^sallyport_iat_[\w-]{43}\n$/)
  const rows = await json('registration-token', 'list')
  expect(rows).toMatchObject([{ note: 'Build machines', usesLeft: 3, used: 0, state: 'good', createdBy: 'operator' }])
  expect(JSON.stringify(rows)).not.toContain(made.out.trim())
  expect((await cli(['registration-token', 'list'])).out).toContain('Build machines')
  expect((await cli(['registration-token', 'revoke', rows[0].id])).out).toBe(`revoked ${rows[0].id}\n`)
  expect((await cli(['registration-token', 'revoke', rows[0].id])).code).toBe(1)
  expect(await json('registration-token', 'add', 'x', '--unlimited')).toMatchObject({ usesLeft: null })
  expect((await cli(['registration-token', 'add', 'x', '--days', '400'])).code).toBe(1)
})

it('a client is checked by id, address and file; exit code 1 says that it would be refused', async () => {
  const { app, cli, json } = await open()
  const client = await register(app, { client_name: 'Known' })
  expect(await cli(['client', 'check', client.client_id])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^waits: /),
  })
  expect(await json('client', 'check', 'https://other.example/c.json')).toMatchObject({ outcome: 'untold' })
  const folder = mkdtempSync(join(tmpdir(), 'check-'))
  const file = join(folder, 'client.json')
  writeFileSync(file, '{"client_name":"New","redirect_uris":["https://app.example.com/cb"]}')
  expect(await json('client', 'check', file)).toMatchObject({ subject: 'registration', outcome: 'waits' })
  writeFileSync(file, '{"redirect_uris":["javascript:x"]}')
  expect(await cli(['client', 'check', file])).toMatchObject({
    code: 1,
    out: expect.stringContaining('invalid_redirect_uri'),
  })
  expect((await cli(['client', 'check', join(folder, 'none.json')])).err).toMatch(/^cannot read/)
  expect((await cli(['client', 'check', 'nobody'])).code).toBe(1)
  expect(await app.app.rooms.database.sql.all('SELECT id FROM client')).toHaveLength(1)
})
