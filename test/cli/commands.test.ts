import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-'))
const cli = createCli({ SALLYPORT_DATA_DIR: folder })
const notes = 'http://localhost:9728/mcp'

async function json(...argv: string[]) {
  const { code, out, err } = await cli([...argv, '--json'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}

beforeAll(async () => {
  expect(await cli(['migrate'])).toMatchObject({ code: 0, out: expect.stringMatching(/^applied /) })
  expect(await cli(['migrate'])).toMatchObject({ code: 0, out: 'the database is up to date\n' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('people', () => {
  it('a setup link is made until there is an administrator (G20)', async () => {
    const first = await cli(['setup-link'])
    expect(first.out).toMatch(/^http:\/\/localhost:8414\/setup\/[\w-]{43}\n$/)
    expect((await cli(['setup-link'])).out).not.toBe(first.out)
    expect(
      await cli(['user', 'add', 'Ada@Example.com', '--admin', '--password-stdin'], 'correct horse battery\n'),
    ).toMatchObject({
      code: 0,
      out: 'created admin ada@example.com\n',
    })
    expect(await cli(['setup-link'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^there is an administrator already\nhint: /),
    })
  })

  it('are added, listed, disabled, enabled, given a password, removed', async () => {
    expect(
      (await cli(['user', 'add', 'bob@example.com', '--name', 'Bob', '--password-stdin'], 'correct horse battery'))
        .code,
    ).toBe(0)
    expect(await json('user', 'list')).toMatchObject([
      { email: 'ada@example.com', role: 'admin' },
      { email: 'bob@example.com', name: 'Bob', role: 'member' },
    ])
    expect((await cli(['user', 'list'])).out).toMatch(/^EMAIL +NAME +ROLE +STATE/)
    expect((await cli(['user', 'disable', 'bob@example.com'])).out).toBe('disabled bob@example.com\n')
    expect((await cli(['user', 'disable', 'bob@example.com'])).code).toBe(1)
    expect((await cli(['user', 'enable', 'bob@example.com'])).code).toBe(0)
    expect((await cli(['user', 'set-password', 'bob@example.com', '--password-stdin'], 'another long one')).code).toBe(
      0,
    )
    expect((await cli(['user', 'remove', 'bob@example.com'])).code).toBe(0)
    expect(await json('user', 'list')).toHaveLength(1)
  })

  it('are invited by a link, given a new one, narrowed in the list', async () => {
    const invited = await cli(['user', 'invite', 'Cleo@Example.com', '--name', 'Cleo'])
    expect(invited).toMatchObject({ code: 0, err: expect.stringMatching(/^invited member cleo@example.com; the link/) })
    expect(invited.out).toMatch(/^http:\/\/localhost:8414\/invitation\/[\w-]{43}\n$/)
    expect((await cli(['user', 'invite', 'cleo@example.com'])).code).toBe(1)
    expect((await cli(['user', 'invite', 'dora@example.com', '--language', 'fr'])).code).toBe(2)
    const again = await cli(['user', 'reset-link', 'cleo@example.com'])
    expect(again.out).toMatch(/^http:\/\/localhost:8414\/invitation\/[\w-]{43}\n$/)
    expect(again.out).not.toBe(invited.out)
    const reset = await cli(['user', 'reset-link', 'ada@example.com'])
    expect(reset.out).toMatch(/^http:\/\/localhost:8414\/reset\/[\w-]{43}\n$/)
    expect(await json('user', 'list', '--kind', 'invited')).toMatchObject([{ email: 'cleo@example.com' }])
    expect(await json('user', 'list', '--text', 'LEO')).toHaveLength(1)
    expect(await json('user', 'list', '--kind', 'disabled')).toEqual([])
    expect((await cli(['user', 'list', '--kind', 'nice'])).code).toBe(2)
    expect((await cli(['user', 'disable', 'cleo@example.com'])).code).toBe(0)
    expect(await cli(['user', 'reset-link', 'cleo@example.com'])).toMatchObject({ code: 1, out: '' })
    expect((await cli(['user', 'remove', 'cleo@example.com'])).code).toBe(0)
  })

  it('are given a role, and signed out', async () => {
    await cli(['user', 'add', 'dora@example.com', '--password-stdin'], 'correct horse battery')
    expect((await cli(['user', 'set-role', 'dora@example.com', 'admin'])).out).toBe('made admin dora@example.com\n')
    expect((await cli(['user', 'set-role', 'dora@example.com', 'admin'])).code).toBe(1)
    expect((await cli(['user', 'set-role', 'dora@example.com', 'owner'])).code).toBe(2)
    expect((await cli(['user', 'sign-out', 'dora@example.com'])).out).toBe(
      'signed dora@example.com out of 0 browsers\n',
    )
    expect((await cli(['user', 'reset-factors', 'dora@example.com'])).out).toBe(
      'dora@example.com has no second factor\n',
    )
    expect((await cli(['user', 'remove', 'dora@example.com'])).code).toBe(0)
    expect(await cli(['user', 'set-role', 'ada@example.com', 'member'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('last active administrator'),
    })
  })

  it('the last administrator stays', async () => {
    expect(await cli(['user', 'remove', 'ada@example.com'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/last active administrator/),
    })
    expect((await cli(['user', 'disable', 'ada@example.com'])).code).toBe(1)
  })

  it.each(['short', 'password', 'ada@example.com'])('the password %j is refused and not repeated', async (password) => {
    const { code, err } = await cli(['user', 'set-password', 'ada@example.com', '--password-stdin'], password)
    expect(code).toBe(1)
    expect(err).toMatch(/^the password is .*\nhint: /)
  })
})

describe('MCP servers', () => {
  it('are added, listed, shown, changed, removed', async () => {
    const words = [
      '--read',
      'notes:read=Read your notes',
      '--write',
      'notes:write=Change your notes',
      '--default',
      'notes:read',
      '--tools',
      'notes:read=search_notes,read_note',
    ]
    expect((await cli(['resource', 'add', `${notes}/`, '--name', 'Notes', ...words])).out).toBe(`added ${notes}\n`)
    expect(await json('resource', 'list')).toMatchObject([
      {
        identifier: notes,
        scopes: [
          { name: 'notes:read', risk: 'read', isDefault: true, tools: ['search_notes', 'read_note'] },
          { name: 'notes:write', risk: 'write', isDefault: false, tools: [] },
        ],
      },
    ])
    expect((await cli(['resource', 'set', notes, '--lifetime', '600', '--default', 'notes:write'])).code).toBe(0)
    expect(JSON.parse((await cli(['resource', 'show', notes])).out)).toMatchObject({
      name: 'Notes',
      tokenLifetimeSeconds: 600,
      scopes: [{ isDefault: false, tools: ['search_notes', 'read_note'] }, { isDefault: true }],
    })
    expect((await cli(['resource', 'set', notes, '--tools', 'notes:write=write_note drop_note'])).code).toBe(0)
    expect((await cli(['resource', 'set', notes, '--tools', 'notes:read='])).code).toBe(0)
    expect(JSON.parse((await cli(['resource', 'show', notes])).out)).toMatchObject({
      scopes: [
        { name: 'notes:read', isDefault: false, tools: [] },
        { name: 'notes:write', isDefault: true, tools: ['write_note', 'drop_note'] },
      ],
    })
    expect((await cli(['resource', 'set', notes, '--tools', 'search_notes'])).code).toBe(2)
    expect((await cli(['resource', 'set', notes, '--tools', 'notes:read=<b>'])).code).toBe(2)
    expect((await cli(['resource', 'set', notes, '--tools', 'notes:drop=drop'])).code).toBe(1)
    expect((await cli(['resource', 'set', notes])).code).toBe(2)
    expect((await cli(['resource', 'set', notes, '--lifetime', '7200'])).code).toBe(1)
    expect((await cli(['resource', 'set', notes, '--lifetime', 'long'])).code).toBe(2)
    expect((await cli(['resource', 'set', notes, '--second-factor', 'destructive'])).code).toBe(0)
    expect(await json('resource', 'list')).toMatchObject([{ secondFactor: 'destructive' }])
    expect((await cli(['resource', 'set', notes, '--second-factor', 'sometimes'])).code).toBe(1)
    expect(await cli(['resource', 'add', notes, '--name', 'Again'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^http.* already belongs to .*\nhint: /),
    })
    expect((await cli(['resource', 'add', 'https://gone.example', '--name', 'Gone', '--read', 'a=b'])).code).toBe(0)
    expect((await cli(['resource', 'remove', 'https://GONE.example/'])).code).toBe(0)
    expect(await cli(['resource', 'remove', 'https://gone.example'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no MCP server'),
    })
  })
})

describe('clients', () => {
  it('a machine client is added, its secret shown once and stored as a digest', async () => {
    const made = await json(
      'client',
      'add',
      'Nightly',
      '--id',
      'nightly',
      '--grant-type',
      'client_credentials',
      '--ceiling',
      `${notes}=notes:read`,
    )
    expect(made).toMatchObject({
      id: 'nightly',
      origin: 'operator',
      hasSecret: true,
      resourceCeiling: { [notes]: ['notes:read'] },
    })
    expect(made.client_secret).toMatch(/^[\w-]{43}$/)
    const shown = (await cli(['client', 'show', 'nightly'])).out
    expect(shown).not.toContain(made.client_secret)
    expect(shown).not.toContain('sha256:')
  })

  it('one with redirect URIs is added without a secret', async () => {
    const uris = ['--redirect-uri', 'https://a.example/cb', '--redirect-uri', 'http://127.0.0.1/cb']
    const { code, out } = await cli(['client', 'add', 'Web', '--id', 'web', '--auth-method', 'none', ...uris])
    expect({ code, out }).toEqual({ code: 0, out: 'client_id      web\n' })
  })

  it('is blocked, unblocked and removed; the id stays taken', async () => {
    expect((await cli(['client', 'block', 'web'])).out).toBe('blocked web\n')
    expect((await cli(['client', 'block', 'web'])).code).toBe(1)
    expect((await cli(['client', 'unblock', 'web'])).code).toBe(0)
    expect((await cli(['client', 'remove', 'web'])).code).toBe(0)
    expect((await json('client', 'list')).map(({ id }: { id: string }) => id)).toEqual(['nightly'])
    expect((await json('client', 'list', '--all')).map(({ id }: { id: string }) => id)).toContain('web')
    const again = await cli([
      'client',
      'add',
      'Web',
      '--id',
      'web',
      '--auth-method',
      'none',
      '--redirect-uri',
      'https://a.example/cb',
    ])
    expect(again).toMatchObject({ code: 1, err: expect.stringMatching(/is or was in use/) })
    expect((await cli(['client', 'show', 'nobody'])).code).toBe(1)
  })

  it('a dangerous redirect URI is refused', async () => {
    const { code, err } = await cli([
      'client',
      'add',
      'Bad',
      '--auth-method',
      'none',
      '--redirect-uri',
      'javascript:alert(1)',
    ])
    expect(code).toBe(1)
    expect(err).toMatch(/\nhint: /)
  })

  it('public keys come from a file', async () => {
    const file = join(folder, 'jwks.json')
    writeFileSync(file, '{')
    const { code, err } = await cli([
      'client',
      'add',
      'Keys',
      '--auth-method',
      'private_key_jwt',
      '--grant-type',
      'client_credentials',
      '--jwks-file',
      file,
    ])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('cannot be read as JSON') })
  })

  it('V43 a client of an MCP server is added, which may ask about tokens and gets none', async () => {
    const made = await json('client', 'add', 'Notes itself', '--id', 'notes-itself', '--introspects', `${notes}/`)
    expect(made).toMatchObject({ grantTypes: ['client_credentials'], introspects: [notes], resourceCeiling: {} })
    expect(JSON.parse((await cli(['client', 'show', 'notes-itself'])).out)).toMatchObject({ introspects: [notes] })
  })

  it('V43 about whose tokens it may ask is changed and taken away; an unknown server is told of', async () => {
    const set = (...more: string[]) => cli(['client', 'set', 'notes-itself', ...more])
    const far = 'https://far.example/mcp'
    expect(await set('--introspects', far, '--introspects', notes)).toMatchObject({
      code: 0,
      out: `notes-itself may ask about tokens of ${notes}, ${far}\n`,
      err: `note: there is no MCP server "${far}" here (yet)\n`,
    })
    expect(await json('client', 'set', 'notes-itself', '--introspects', 'none')).toMatchObject({ introspects: [] })
    expect(await json('audit', 'list', '--type', 'client.introspection_changed')).toMatchObject([
      { actor: 'operator', detail: { added: [], removed: [notes, far] } },
      { actor: 'operator', detail: { added: [far], removed: [] } },
    ])
    expect(await set()).toMatchObject({ code: 2, err: expect.stringContaining('--introspects none') })
    // What fails says why it failed, and nothing else.
    const refused = [
      await set('--introspects', 'nonsense'),
      await cli(['client', 'add', 'Odd', '--introspects', 'nonsense']),
      await cli(['client', 'set', 'nobody', '--introspects', far]),
    ]
    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1])
    expect(refused.map(({ err }) => err)).toEqual([
      expect.stringContaining('identifier'),
      expect.stringContaining('identifier'),
      expect.stringContaining('not registered here'),
    ])
    expect(refused.map(({ err }) => err).join()).not.toContain('note:')
  })
})

describe('consents, keys, audit', () => {
  it('no consent: an empty list, and a clear refusal', async () => {
    expect(await json('consent', 'list')).toEqual([])
    expect((await cli(['consent', 'list', '--account', 'ada@example.com'])).err).toBe('there is no consent\n')
    expect(await cli(['consent', 'revoke', '--id', 'none'])).toMatchObject({ code: 1 })
    expect((await cli(['consent', 'revoke', '--client', 'nightly'])).out).toBe('withdrew 0 consents\n')
  })

  it('keys are listed and rotated', async () => {
    expect(await json('key', 'list')).toEqual([])
    expect((await cli(['key', 'rotate'])).code).toBe(0)
  })

  it('what was done stands in the book, whole and without secrets', async () => {
    const events = await json('audit', 'list', '--limit', '1000')
    const types = new Set(events.map(({ type }: { type: string }) => type))
    for (const type of [
      'account.created',
      'account.disabled',
      'account.password_changed',
      'account.removed',
      'resource.created',
      'client.registered',
      'client.blocked',
      'client.removed',
    ]) {
      expect(types).toContain(type)
    }
    expect(JSON.stringify(events)).not.toMatch(/battery|another long one/)
    expect(await json('audit', 'list', '--type', 'client.blocked')).toMatchObject([
      { actor: 'operator', clientId: 'web' },
    ])
    const lines = (await cli(['audit', 'export'])).out.trimEnd().split('\n')
    expect(lines).toHaveLength(events.length)
    expect(await cli(['audit', 'verify'])).toMatchObject({
      code: 0,
      out: `the chain of ${events.length} events is whole\n`,
    })
  })
})

it('a name that a client gave itself cannot write escape sequences to the terminal', async () => {
  await cli(['resource', 'add', 'https://esc.example', '--name', 'a\u202eb', '--read', 's=w'])
  const { out } = await cli(['resource', 'list'])
  expect(out).not.toContain('\u202e')
})
