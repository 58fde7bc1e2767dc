import { getEventListeners } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createResolver } from '../../src/net/resolve-name.ts'
import { recordsOf, type Says, sayAddresses, startNameServer } from '../support/dns.ts'

async function open(says: Says, hostsFile?: string) {
  const server = await startNameServer(says)
  const resolve = createResolver({ servers: [server.address], timeoutMs: 200, ...(hostsFile && { hostsFile }) })
  return { server, ask: (name: string, isListed = false) => resolve(name, { signal: never(), isListed }) }
}
const never = () => new AbortController().signal

it('both families are asked for and answered together', async () => {
  const { ask, server } = await open(sayAddresses('93.184.216.34', '2606:2800:220:1::1'))
  expect(await ask('app.example')).toEqual(['93.184.216.34', '2606:2800:220:1::1'])
  expect(server.asked.toSorted()).toEqual(['A app.example', 'AAAA app.example'])
})

it('a family that has no records, or fails, does not hide the other', async () => {
  const { ask } = await open(({ name, type }) =>
    type === 'A' ? { answers: recordsOf(name, type, ['93.184.216.34']) } : { code: 'SERVFAIL' },
  )
  expect(await ask('app.example')).toEqual(['93.184.216.34'])
})

it('an alias is followed to the addresses behind it', async () => {
  const { ask } = await open(({ name, type }) => ({
    answers: [
      { name, type: 'CNAME', ttl: 0, class: 'IN', data: 'inside.example' },
      ...recordsOf('inside.example', type, ['10.0.0.7']),
    ],
  }))
  expect(await ask('app.example')).toEqual(['10.0.0.7'])
})

it('an answer that was cut off is asked for again by TCP, and never used as it is', async () => {
  const { ask } = await open(({ name, type }, transport) =>
    transport === 'udp'
      ? { answers: recordsOf(name, type, ['93.184.216.34']), isTruncated: true }
      : { answers: recordsOf(name, type, ['93.184.216.34', '10.0.0.7']) },
  )
  expect(await ask('app.example')).toEqual(['93.184.216.34', '10.0.0.7'])
})

it.each([
  ['NXDOMAIN', 'ENOTFOUND'],
  ['SERVFAIL', 'ESERVFAIL'],
  ['REFUSED', 'EREFUSED'],
] as const)('%s is an error, not an empty list', async (code, expected) => {
  const { ask } = await open(() => ({ code }))
  await expect(ask('app.example')).rejects.toMatchObject({ code: expected })
})

it('a name server that keeps silent is given up by itself', async () => {
  const { ask } = await open(() => undefined)
  await expect(ask('app.example')).rejects.toMatchObject({ code: 'ETIMEOUT' })
})

it('F07 the end of the fetch ends the question', async () => {
  const heard = Promise.withResolvers<void>()
  const server = await startNameServer(() => void heard.resolve())
  // By itself it would wait for half a minute.
  const resolve = createResolver({ servers: [server.address], timeoutMs: 30_000 })
  const control = new AbortController()
  const asked = resolve('app.example', { signal: control.signal, isListed: false })
  await heard.promise
  control.abort()
  await expect(asked).rejects.toMatchObject({ code: 'ECANCELLED' })
  await expect(resolve('app.example', { signal: control.signal, isListed: false })).rejects.toThrow()
})

it('names of this machine are not asked for (RFC 6761)', async () => {
  const { ask, server } = await open(sayAddresses('93.184.216.34'))
  for (const name of ['localhost', 'app.localhost', 'localhost.']) {
    expect(await ask(name)).toEqual(['127.0.0.1', '::1'])
  }
  expect(server.asked).toEqual([])
})

it('the hosts file counts for listed hosts, and for no others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hosts')
  writeFileSync(
    file,
    '# own machines\n10.0.0.7  keycloak.corp.example Keycloak # main\nfe80::1%lo0 other.example\n::1\n10.0.0.8 keycloak.corp.example\n',
  )
  const { ask, server } = await open(sayAddresses('93.184.216.34'), file)
  expect(await ask('keycloak.corp.example', true)).toEqual(['10.0.0.7', '10.0.0.8'])
  expect(await ask('keycloak', true)).toEqual(['10.0.0.7'])
  expect(server.asked).toEqual([])
  expect(await ask('keycloak.corp.example')).toEqual(['93.184.216.34'])
  expect(await ask('corp.example', true)).toEqual(['93.184.216.34'])
})

it('a hosts file as people write it: tabs, indents, comments, and lines that are none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hosts')
  writeFileSync(
    file,
    '\t10.0.0.7 \t one.example\t\ttwo.example  \r\n#10.0.0.8 one.example\n10.0.0.9 three.example # one.example two.example\nno-address one.example\n',
  )
  const { ask, server } = await open(() => ({ code: 'NXDOMAIN' }), file)
  expect(await ask('one.example', true)).toEqual(['10.0.0.7'])
  expect(await ask('two.example', true)).toEqual(['10.0.0.7'])
  expect(await ask('three.example', true)).toEqual(['10.0.0.9'])
  expect(server.asked).toEqual([])
})

it('without a hosts file listed hosts are asked for like others', async () => {
  const { ask } = await open(sayAddresses('10.0.0.7'), join(tmpdir(), 'no-such-folder', 'hosts'))
  expect(await ask('keycloak.corp.example', true)).toEqual(['10.0.0.7'])
})

it('F07 what is over before it begins is asked of nobody', async () => {
  const server = await startNameServer(sayAddresses('93.184.216.34'))
  const resolve = createResolver({ servers: [server.address], timeoutMs: 200 })
  const over = AbortSignal.abort(new Error('over'))
  await expect(resolve('app.example', { signal: over, isListed: false })).rejects.toThrow('over')
  expect(server.asked).toEqual([])
})

it('F16 an answered question leaves nothing with the signal that outlives it', async () => {
  const server = await startNameServer(sayAddresses('93.184.216.34'))
  const resolve = createResolver({ servers: [server.address], timeoutMs: 200 })
  const { signal } = new AbortController()
  await resolve('app.example', { signal, isListed: false })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('each family that is refused is told, also when the other has no records', async () => {
  const { ask } = await open(({ type }) => (type === 'A' ? {} : { code: 'SERVFAIL' }))
  await expect(ask('app.example')).rejects.toMatchObject({ code: 'ENODATA' })
})
