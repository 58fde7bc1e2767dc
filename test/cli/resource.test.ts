import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type NotesServer, startNotesServer } from '../../examples/mcp-server/server.ts'
import { createCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-'))
const cli = createCli({ SALLYPORT_DATA_DIR: folder })
let notes: NotesServer

beforeAll(async () => {
  notes = await startNotesServer({ issuer: 'http://localhost:8414', port: 0 })
  expect((await cli(['migrate'])).code).toBe(0)
})
afterAll(async () => {
  await notes.close()
  rmSync(folder, { recursive: true, force: true })
})

it('a server is added by what it says of itself, tested, and told what to serve', async () => {
  const added = await cli(['resource', 'add', notes.url, '--look', '--lifetime', '60'])
  expect(added).toMatchObject({ code: 0, out: `added ${notes.url}\n` })
  expect(added.err).toContain('green: Its description sends clients to this server.')
  expect(JSON.parse((await cli(['resource', 'show', notes.url])).out)).toMatchObject({
    name: 'Notes',
    tokenLifetimeSeconds: 60,
    access: 'everyone',
    scopes: [{ name: 'notes:read', risk: 'read' }],
  })
  expect(await cli(['resource', 'test', notes.url])).toMatchObject({ code: 0, out: expect.stringMatching(/^green: /) })
  const { out } = await cli(['resource', 'serve', notes.url])
  expect(out).toContain('WWW-Authenticate: Bearer scope="notes:read", resource_metadata="')
  expect(out).toContain('"authorization_servers"')
})

it('a server nobody answers at is red, and the exit code says so', async () => {
  await cli(['resource', 'add', 'http://localhost:1/mcp', '--read', 'a=Read'])
  expect(await cli(['resource', 'test', 'http://localhost:1/mcp'])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^red: No connection to localhost:1/),
  })
})

it('an internal address is not contacted by a public server (F01, F02)', async () => {
  const away = createCli({ SALLYPORT_DATA_DIR: folder, SALLYPORT_ISSUER: 'https://auth.example' })
  await away(['resource', 'add', 'https://10.0.0.7/mcp', '--read', 'a=Read'])
  const { code, out } = await away(['resource', 'test', 'https://10.0.0.7/mcp'])
  expect(code).toBe(1)
  expect(out).toContain('not a public one')
})

it('a server is opened to administrators or listed people, and stays what it is when nothing is said', async () => {
  expect((await cli(['user', 'add', 'ada@example.com', '--password-stdin'], 'correct horse battery\n')).code).toBe(0)
  const show = async () => JSON.parse((await cli(['resource', 'show', notes.url])).out)
  expect((await cli(['resource', 'set', notes.url, '--access', 'admins'])).code).toBe(0)
  expect(await show()).toMatchObject({ access: 'admins', members: [] })
  expect((await cli(['resource', 'set', notes.url, '--person', 'Ada@example.com'])).code).toBe(0)
  expect((await cli(['resource', 'set', notes.url, '--name', 'Other'])).code).toBe(0)
  expect(await show()).toMatchObject({ name: 'Other', access: 'listed', members: [expect.any(String)] })
  expect((await cli(['resource', 'list'])).out).toContain('1 listed')
  expect((await cli(['resource', 'set', notes.url, '--person', 'bob@example.com'])).code).toBe(1)
  expect((await cli(['resource', 'set', notes.url, '--access', 'friends'])).code).toBe(1)
})

it('settings are printed with where they come from', async () => {
  const { out } = await cli(['config', 'print'])
  expect(out).toMatch(/^SETTING +VALUE +COMES FROM\n/)
  expect(out).toMatch(/SALLYPORT_DATA_DIR +\S+ +environment\n/)
  expect(out).toMatch(/SALLYPORT_HOST +127\.0\.0\.1 +default\n/)
})
