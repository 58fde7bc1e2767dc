// The same acts as in the console, by the command line on the rows of a running server.
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
