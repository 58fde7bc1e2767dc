import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/program.ts'
import { createCli } from './run-cli.ts'

const cli = createCli({})
// A folder inside a file: a command that opened the rooms before it looked at its own arguments would say so.
const unopened = { SALLYPORT_DATA_DIR: `${import.meta.filename}/data` }

describe('called wrongly: exit code 2, one line, a hint', () => {
  it.each<[string[], RegExp, RegExp]>([
    [[], /^a command is missing$/, /--help/],
    [['user'], /^a command is missing$/, /^hint: sallyport --help lists the commands$/m],
    [['usr', 'list'], /^unknown command 'usr'$/, /did you mean user\?/],
    [['user', 'lst'], /^unknown command 'lst'$/, /did you mean list\?/],
    [['user', 'add'], /^missing required argument 'email'$/, /^hint: sallyport user add --help shows how$/m],
    [['user', 'add', 'a@b.example', 'extra', '--password-stdin'], /^too many arguments/, /--help/],
    [['user', 'list', '--jsn'], /^unknown option '--jsn'$/, /did you mean --json\?/],
    [['user', 'add', 'nobody', '--password-stdin'], /^this is no e-mail address$/, /ada@example/],
    [['user', 'add', 'a@b.example'], /^there is no terminal to ask/, /--password-stdin/],
    [['consent', 'revoke'], /^say which consent$/, /--id/],
    [['connection', 'list'], /^say whose connections$/, /--person/],
    [['connection', 'pause', '--person', 'a@b.example'], /^say which connection$/, /--id/],
    [['connection', 'narrow', '--person', 'a@b.example', '--id', 'x'], /^say what stays$/, /--keep/],
    [['connection', 'revoke', '--person', 'a@b.example', '--all', '--id', 'x'], /^say which connections$/, /--all/],
    [['audit', 'list', '--type', 'nonsense'], /^"nonsense" is no type of event$/, /token\.issued/],
    [['resource', 'add', 'https://a.example', '--read', 'no-words'], /has no words for people$/, /notes:read=/],
    [['upstream', 'add', 'a', 'oidc'], /^--client-id is missing$/, /provider shows it/],
    [['upstream', 'set', 'a', '--accounts', 'all'], /^there is no choice "all"$/, /create or linked/],
    [['upstream', 'set', 'a', '--clear', 'x'], /^there is no list "x"$/, /admin-group/],
    [['upstream', 'set', 'a'], /^nothing to change was given$/, /set --help/],
    [
      ['registration-token', 'add', 'X', '--uses', '1', '--unlimited'],
      /^--uses and --unlimited exclude each other$/,
      /leave one/,
    ],
    [['client', 'add', 'X', '--ceiling', 'https://a.example'], /has no =$/, /--ceiling/],
    [['client', 'set', 'x'], /^nothing to change was given$/, /--introspects none/],
  ])('%j', async (argv, message, hint) => {
    const { code, out, err } = await createCli(unopened)(argv)
    const lines = err.trimEnd().split('\n')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(message)
    expect(lines[1]).toMatch(/^hint: /)
    expect(lines[1]).toMatch(hint)
  })
})

describe('help', () => {
  it('every command explains itself, and exits with 0', async () => {
    for (const { name, doc } of commands) {
      const { code, out } = await cli([...name.split(' '), '--help'])
      expect({ name, code }).toEqual({ name, code: 0 })
      expect(out.replaceAll(/\s+/g, ' ')).toContain(doc)
    }
  })

  it('every listing has --json', () => {
    for (const { name, options } of commands.filter((command) => command.name.endsWith(' list'))) {
      expect({ name, hasJson: options?.some(({ flags }) => flags === '--json') }).toEqual({ name, hasJson: true })
    }
  })

  it('the table has the nouns and verbs of the manual', () => {
    expect(commands.map(({ name }) => name).sort()).toEqual(
      [
        ...['doctor', 'serve', 'migrate', 'setup-link', 'health', 'config check', 'config print'],
        ...[
          ...['add', 'invite', 'reset-link', 'unlock', 'reset-factors', 'list', 'set-role', 'sign-out'],
          ...['disable', 'enable', 'set-password', 'remove'],
        ].map((verb) => `user ${verb}`),
        ...['user identities', 'user unlink'],
        ...['add', 'list', 'show', 'set', 'enable', 'disable', 'remove', 'test'].map((verb) => `upstream ${verb}`),
        ...['add', 'list', 'show', 'set', 'block', 'unblock', 'remove', 'clean-up'].map((verb) => `client ${verb}`),
        ...['approvals', 'approve', 'reject', 'check'].map((verb) => `client ${verb}`),
        ...['list', 'block', 'unblock'].map((verb) => `host ${verb}`),
        ...['add', 'list', 'revoke'].map((verb) => `registration-token ${verb}`),
        ...['add', 'list', 'show', 'test', 'serve', 'set', 'remove'].map((verb) => `resource ${verb}`),
        ...['list', 'pause', 'resume', 'narrow', 'revoke'].map((verb) => `connection ${verb}`),
        ...['consent list', 'consent revoke', 'key list', 'key rotate'],
        ...['list', 'export', 'verify'].map((verb) => `audit ${verb}`),
        ...['token', 'code', 'failures'].map((verb) => `diagnose ${verb}`),
      ].sort(),
    )
  })
})

describe('config', () => {
  it('all faults are told, exit code 1', async () => {
    const { code, err } = await createCli({ SALLYPORT_PORT: 'x', SALLYPORT_ISSUER: 'y' })(['config', 'check'])
    expect(code).toBe(1)
    expect(err).toMatch(/^the configuration has 2 faults\n/)
    expect(err.match(/^hint: /gm)).toHaveLength(2)
  })

  it('is printed without secrets', async () => {
    const env = {
      SALLYPORT_SECRET: Buffer.from(Array.from({ length: 32 }, (_, index) => index * 5)).toString('base64url'),
      SALLYPORT_DATABASE_URL: 'postgresql://me:canary-pw@db.example/x?sslpassword=canary-key',
      SALLYPORT_ADMIN_EMAIL: 'a@b.example',
      SALLYPORT_ADMIN_PASSWORD: 'canary-admin-password',
    }
    for (const argv of [
      ['config', 'print'],
      ['config', 'print', '--json'],
    ]) {
      const { code, out } = await createCli(env)(argv)
      expect(code).toBe(0)
      expect(out).toContain('db.example')
      expect(out).not.toContain('canary')
      expect(out).not.toContain(env.SALLYPORT_SECRET)
    }
  })
})

it('no server: health says so with exit code 1', async () => {
  const { code, err } = await createCli({ SALLYPORT_PORT: '1' })(['health'])
  expect(code).toBe(1)
  expect(err).toMatch(/^no server answers at 127\.0\.0\.1 port 1 .*\nhint: /)
})
