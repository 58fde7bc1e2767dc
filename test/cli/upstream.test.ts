import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { linkPerson } from '../../src/federation/people.ts'
import { madePerson } from '../federation/made.ts'
import { startApp, type TestApp } from '../support/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

async function cli(argv: readonly string[], stdin = '') {
  let [out, err] = ['', '']
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  const input = new PassThrough()
  input.end(stdin)
  const code = await run(argv, { env: {}, terminal: { stdin: input, stdout, stderr }, rooms: app.app.rooms })
  return { code, out, err }
}

it('an upstream is added with its secret from standard input, shown without it, changed, switched and removed', async () => {
  const google = ['upstream', 'add', 'google', 'google', '--client-id', '1.apps', '--tenant', 'ACME.example']
  const refused = await cli(['upstream', 'add', 'google', 'google', '--client-id', '1.apps'])
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no terminal to ask for the client secret\nhint: /),
  })
  const added = await cli([...google, '--secret-stdin', '--accounts', 'create'], 'canary-secret\n')
  expect(added).toEqual({
    code: 0,
    out: `added google; its callback address is ${app.issuer}/upstream/google/callback\n`,
    err: '',
  })
  expect(await app.app.rooms.federation.upstreams.store.find('google')).toMatchObject({ clientSecret: 'canary-secret' })

  for (const argv of [
    ['upstream', 'show', 'google'],
    ['upstream', 'list', '--json'],
    ['upstream', 'list'],
    ['audit', 'list', '--json'],
  ]) {
    expect((await cli(argv)).out, argv.join(' ')).not.toContain('canary')
  }
  const shown = JSON.parse((await cli(['upstream', 'show', 'google'])).out)
  expect(shown).toMatchObject({
    clientSecret: 'set',
    issuer: 'https://accounts.google.com',
    rules: { tenants: ['acme.example'] },
  })

  expect((await cli([...google, '--secret-stdin'], 'x')).err).toMatch(/^there is an upstream "google" already\nhint: /)
  const open = await cli(['upstream', 'set', 'google', '--clear', 'tenant', '--name', 'Firm'])
  expect(open).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^hint: everybody with an account there gets one here/),
  })
  expect(await app.app.rooms.federation.upstreams.store.find('google')).toMatchObject({
    name: 'Firm',
    clientSecret: 'canary-secret',
    rules: { tenants: [], create: true },
  })
  expect((await cli(['upstream', 'disable', 'google'])).out).toBe('disabled google\n')
  expect((await cli(['upstream', 'disable', 'google'])).out).toBe('google is disabled already\n')
  expect((await cli(['upstream', 'enable', 'google'])).out).toBe('enabled google\n')
  expect((await cli(['upstream', 'remove', 'google'])).out).toBe('removed google\n')
  expect(await cli(['upstream', 'remove', 'google'])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/no upstream "google"\nhint: /),
  })
})

it('what no sign-in could use is refused in a sentence (H10, H11)', async () => {
  const add = (...rest: string[]) => cli(['upstream', 'add', 'x', ...rest, '--client-id', 'c', '--public'])
  expect(await add('entra', '--issuer', 'https://login.microsoftonline.com/common/v2.0')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/everybody can make a tenant/),
  })
  expect((await add('oidc', '--issuer', 'http://login.acme.example')).err).toMatch(/is no https address/)
  expect((await add('oidc')).err).toMatch(/^the issuer is missing\nhint: /)
  expect((await add('nonsense')).err).toMatch(/must be one of oidc, google/)
  expect((await cli(['upstream', 'list'])).err).toMatch(/^there is no upstream yet/)
})

it('H11: the test says in one sentence what is wrong', async () => {
  let answer: (path: string) => unknown = () => ({})
  const provider = createServer((request, response) => {
    const body = answer(request.url ?? '')
    response.statusCode = body === undefined ? 404 : 200
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void provider.close())
  const address = provider.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  await cli(['upstream', 'add', 'local', 'oidc', '--issuer', issuer, '--client-id', 'c', '--public'])
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
  }
  const told = async (change: (path: string) => unknown) => {
    answer = change
    const { code, out } = await cli(['upstream', 'test', 'local'])
    return `${code} ${out}`
  }
  const whole =
    (given: object, keys: unknown = { keys: [{}] }) =>
    (path: string) =>
      path === '/jwks' ? keys : { ...metadata, ...given }
  expect(await told(whole({}))).toMatch(/^0 green: Its metadata and keys are as they should be/)
  expect(await told(whole({ code_challenge_methods_supported: ['plain'] }))).toMatch(/^0 amber: .*PKCE/)
  expect(await told(whole({ issuer: 'https://evil.example' }))).toMatch(
    /^1 red: .*issuer https:\/\/evil.example, not of/,
  )
  expect(await told(whole({ issuer: `${issuer}/` }))).toMatch(/^1 red: .*exactly/)
  expect(await told(whole({ token_endpoint: undefined }))).toMatch(/^1 red: .*no token_endpoint/)
  expect(await told(whole({ jwks_uri: 'http://10.0.0.1/jwks' }))).toMatch(/^1 red: /)
  expect(await told(whole({ response_types_supported: ['id_token'] }))).toMatch(/^1 red: .*authorization code flow/)
  expect(await told(whole({}, { keys: [] }))).toMatch(/^1 red: There are no keys/)
  expect(await told(() => undefined)).toMatch(/^1 red: .* answers 404/)
  expect(await told(() => '<html>')).toMatch(/^1 red: .*no metadata/)
  await cli(['upstream', 'remove', 'local'])
})

it('identities of a person are listed and unlinked, the last way in only by force', async () => {
  const { rooms } = app.app
  await cli([
    'upstream',
    'add',
    'acme',
    'oidc',
    '--issuer',
    'https://login.acme.example',
    '--client-id',
    'c',
    '--public',
  ])
  const upstream = await rooms.federation.upstreams.store.find('acme')
  if (upstream === null) throw new Error('not there')
  const person = await app.person()
  await linkPerson(rooms.federation.people, person.id, upstream, madePerson(upstream))
  const [listed] = JSON.parse((await cli(['user', 'identities', person.email, '--json'])).out)
  expect(listed).toMatchObject({ upstreamId: 'acme', issuer: 'https://login.acme.example', label: 'ada@acme.example' })
  const other = await app.person()
  expect((await cli(['user', 'unlink', other.email, listed.id])).err).toMatch(/has no such identity\nhint: /)
  await rooms.database.sql.run('UPDATE account SET password_hash = NULL WHERE id = ?', [person.id])
  expect(await cli(['user', 'unlink', person.email, listed.id])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/could not sign in any more\nhint: .*--force/),
  })
  expect((await cli(['user', 'unlink', person.email, listed.id, '--force'])).out).toMatch(/^unlinked /)
  expect((await cli(['user', 'identities', person.email])).err).toBe('no identity of another provider is linked\n')
})

it('where passwords are off, no link to choose one is made', async () => {
  const off = await startApp({ settings: { PASSWORD_SIGN_IN: 'off' } })
  const ada = await off.person('ada')
  for (const argv of [
    ['user', 'invite', 'bob@example.test'],
    ['user', 'reset-link', ada.email],
  ]) {
    let err = ''
    const stderr = { write: (text: string) => (err += text) }
    const terminal = { stdin: new PassThrough(), stdout: { write: () => true }, stderr }
    expect(await run(argv, { env: {}, terminal, rooms: off.app.rooms })).toBe(1)
    expect(err).toMatch(/^passwords are switched off, so such a link would open nothing\nhint: /)
  }
  expect(await off.app.rooms.accounts.store.findByEmail('bob@example.test')).toBeNull()
})
