import { expect, it } from 'vitest'
import { makeClient } from '../../src/clients/client.ts'
import { type DryRunDesk, dryRun } from '../../src/clients/dry-run/dry-run.ts'
import { createKnownNames } from '../../src/clients/known-names/store.ts'
import { DocumentError } from '../../src/clients/metadata-document.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import type { EntryRule, RegistrationMode } from '../../src/clients/registration-policy.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openTestDatabase } from '../support/database.ts'

const documentId = 'https://client.example/mcp.json'
const redirect = 'https://app.example.com/cb'

function metadata(said: object, origin: 'registered' | 'document' = 'registered') {
  const outcome = normaliseClientMetadata({ redirect_uris: [redirect], ...said }, { origin })
  if (!outcome.ok) throw new Error(outcome.description)
  return outcome.metadata
}

async function open(mode: RegistrationMode, more: Partial<EntryRule['documents']> = {}) {
  const database = await openTestDatabase()
  const clients = createClientStore(database, systemClock)
  const fetched: string[] = []
  const desk: DryRunDesk = {
    rule: {
      mode,
      hosts: ['app.example.com'],
      documents: { mode: 'on', hosts: [], pinned: new Map(), issuer: 'https://auth.example', ...more },
    },
    clients,
    names: createKnownNames(database, systemClock),
    async readDocument(id) {
      fetched.push(id)
      if (id.includes('gone')) throw new DocumentError('withdrawn', 'the document is not there (404)')
      if (id.includes('bad')) throw new DocumentError('invalid', 'the client_id in the document is another one')
      const uris = id.includes('two') ? [redirect, 'https://evil.example/cb'] : [redirect]
      return metadata({ client_name: 'Fetched', redirect_uris: uris }, 'document')
    },
    clock: systemClock,
  }
  const before = JSON.stringify(await database.sql.all('SELECT * FROM client'))
  return {
    clients,
    fetched,
    run: (text: string, mayFetch = false) => dryRun(desk, text, { mayFetch }),
    isUnchanged: async () => JSON.stringify(await database.sql.all('SELECT * FROM client')) === before,
  }
}

const registration = (said: object = {}) => JSON.stringify({ client_name: 'App', redirect_uris: [redirect], ...said })

it.each<[RegistrationMode, string, string]>([
  ['open', 'in', 'open'],
  ['hosts', 'in', 'hosts_listed'],
  ['approval', 'waits', 'waits'],
  ['token', 'refused', 'not_invited'],
  ['closed', 'refused', 'registration_closed'],
])('D10 a registration in mode %s: %s, %s; nothing is written', async (mode, outcome, reason) => {
  const { run, isUnchanged } = await open(mode)
  expect(await run(registration())).toMatchObject({ subject: 'registration', outcome, reason, claimedName: 'App' })
  expect(await isUnchanged()).toBe(true)
})

it('a registration is taken as a whole: one address that is not listed refuses it, and is named', async () => {
  const { run } = await open('hosts')
  const found = await run(registration({ redirect_uris: [redirect, 'https://evil.example/cb'] }))
  expect(found).toMatchObject({ outcome: 'refused', reason: 'host_not_listed' })
  expect(found.words).toContain('evil.example')
  expect(found.redirects).toEqual([
    { uri: redirect, isIn: true },
    { uri: 'https://evil.example/cb', isIn: false },
  ])
})

it.each([
  ['{"redirect_uris":["javascript:x"]}', 'metadata_refused', /invalid_redirect_uri/],
  ['{"redirect_uris":[]}', 'metadata_refused', /at least one/],
  [
    `{"redirect_uris":["${redirect}"],"software_statement":"a.b.c"}`,
    'metadata_refused',
    /unapproved_software_statement/,
  ],
  ['{"a":1,"a":2}', 'unreadable', /twice/],
  ['{', 'unreadable', /not JSON/],
  ['[]', 'metadata_refused', /JSON object/],
])('what registration would refuse is refused: %s', async (text, reason, words) => {
  const { run } = await open('open')
  const found = await run(text)
  expect(found).toMatchObject({ outcome: 'refused', reason })
  expect(found.words).toMatch(words)
})

it('F20 a document is fetched only when that is asked for, and never when its address is refused', async () => {
  const { run, fetched, isUnchanged } = await open('open')
  expect(await run(documentId)).toMatchObject({ outcome: 'untold', reason: 'document_unread', isFetched: false })
  expect(await run('https://127.0.0.1/x', true)).toMatchObject({ outcome: 'refused', reason: 'document_refused' })
  expect(await run('https://auth.example/x', true)).toMatchObject({ outcome: 'refused', reason: 'document_refused' })
  expect(fetched).toEqual([])
  expect(await run(documentId, true)).toMatchObject({
    subject: 'document',
    outcome: 'in',
    reason: 'document_accepted',
    claimedName: 'Fetched',
    isFetched: true,
  })
  expect(await run('https://client.example/gone', true)).toMatchObject({ reason: 'document_unreachable' })
  expect(await run('https://client.example/bad', true)).toMatchObject({ reason: 'metadata_refused' })
  expect(await isUnchanged()).toBe(true)
})

it('a document goes in with the addresses that are listed; its text may be pasted instead of fetched', async () => {
  const { run, fetched } = await open('hosts')
  const found = await run('https://client.example/two', true)
  expect(found).toMatchObject({ outcome: 'in', reason: 'hosts_listed' })
  expect(found.redirects.map(({ isIn }) => isIn)).toEqual([true, false])
  fetched.length = 0
  expect(await run(registration({ client_id: documentId }))).toMatchObject({
    subject: 'document',
    clientId: documentId,
    outcome: 'in',
  })
  expect(await run(registration({ client_id: documentId, client_secret: 'x' }))).toMatchObject({
    reason: 'metadata_refused',
  })
  expect(fetched).toEqual([])
})

it('a pinned document is read without being asked: it lies here', async () => {
  const { run } = await open('approval', { mode: 'pinned', pinned: new Map([[documentId, {}]]) })
  expect(await run(documentId)).toMatchObject({ outcome: 'in', reason: 'document_pinned', isFetched: false })
  expect(await run('https://other.example/x')).toMatchObject({ outcome: 'refused', reason: 'document_refused' })
})

it('a known client is judged as at its next authorization', async () => {
  const { run, clients } = await open('closed')
  const now = new Date()
  for (const id of ['old', 'vouched', 'blocked', 'removed']) {
    await clients.save(makeClient({ id, origin: 'registered', metadata: metadata({ client_name: id }), now }))
  }
  await clients.save(makeClient({ id: 'ours', origin: 'operator', metadata: metadata({}), now }))
  await clients.allow('vouched')
  await clients.block('blocked')
  await clients.remove('removed')
  expect(await run('old')).toMatchObject({ subject: 'known', outcome: 'refused', reason: 'registration_closed' })
  expect(await run(' vouched ')).toMatchObject({ outcome: 'in', reason: 'vouched' })
  expect(await run('blocked')).toMatchObject({ outcome: 'refused', reason: 'blocked' })
  expect(await run('removed')).toMatchObject({ outcome: 'refused', reason: 'removed' })
  expect(await run('ours')).toMatchObject({ outcome: 'in', reason: 'added_by_operator' })
  expect(await run('nobody')).toMatchObject({ outcome: 'refused', reason: 'unknown' })
})

it('D10 says whom it could be taken for', async () => {
  const { run, clients } = await open('open')
  const now = new Date(Date.now() - 1000)
  await clients.save(makeClient({ id: 'ours', origin: 'operator', metadata: metadata({ client_name: 'Claude' }), now }))
  const clone = { client_name: 'CIaude', redirect_uris: ['https://evil.example/cb'] }
  expect(await run(registration(clone))).toMatchObject({ outcome: 'in', lookAlike: { id: 'ours' } })
  expect((await run(registration())).lookAlike).toBeUndefined()
})
