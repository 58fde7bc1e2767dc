// A tool that needs more than the client has: 403 with the scope, and the person is asked for the rest.
import { expect, test } from 'vitest'
import type { Exchange } from '../support/exchange.ts'
import { connectBy, generations, openSession, refreshes, said, startWorld } from '../support/mcp-clients.ts'
import { offeredScopes } from '../support/person.ts'

const bothScopes = ['notes:read', 'notes:write']

/** The challenge of the last refusal: what the operation needs, by the server. */
function neededScopes(exchanges: readonly Exchange[]): string[] {
  const refusal = exchanges.filter(({ status }) => status === 403).at(-1)
  const challenge = refusal?.headers.get('www-authenticate') ?? ''
  expect(challenge).toMatch(/^Bearer error="insufficient_scope"/)
  return /scope="([^"]*)"/.exec(challenge)?.[1]?.split(' ') ?? []
}

/** The scopes that the consent page calls new. */
function calledNew(body = ''): (string | undefined)[] {
  const rows = body.split('<div class="perm">').filter((row) => /<span class="badge \w+">new<\/span>/.test(row))
  return rows.map((row) => /name="scope" value="([^"]+)"/.exec(row)?.[1])
}

test.each(generations.slice(1))(
  'V29 %s asks for the union of old and new rights, and keeps both',
  async (generation) => {
    const { resource, person } = await startWorld()
    const session = openSession(generation, resource)
    await connectBy(person, session)

    const refused = await session.call('write_note', { title: 'Milk', text: 'two litres' })
    if (!('asks' in refused)) throw new Error('written without the right to')
    expect(neededScopes(session.exchanges)).toEqual(bothScopes)
    expect(refused.asks.searchParams.get('scope')?.split(' ')).toEqual(expect.arrayContaining(bothScopes))
    await session.finish(await person.answer(refused.asks, { scopes: bothScopes }))

    expect(offeredScopes(person.consentPage ?? { body: '' }).sort()).toEqual(bothScopes)
    expect(calledNew(person.consentPage?.body)).toEqual(['notes:write'])
    expect(person.consentPage?.body).toContain('Already allowed: Read your notes.')
    expect(said(await session.call('write_note', { title: 'Milk', text: 'two litres' }))).toBe('written as note-3')
    expect(said(await session.call('read_note', { id: 'note-3' }))).toContain('two litres')
    expect(session.memory.asked).toHaveLength(2)
  },
)

test.each(generations.slice(1))('%s that is not given more keeps what it had', async (generation) => {
  const { resource, person } = await startWorld()
  const session = openSession(generation, resource)
  await connectBy(person, session)
  const refused = await session.call('write_note', { title: 'Milk', text: 'two litres' })
  if (!('asks' in refused)) throw new Error('written without the right to')

  const callback = await person.answer(refused.asks, { decision: 'deny' })

  expect(callback.searchParams.get('error')).toBe('access_denied')
  expect(said(await session.call('search_notes', { query: 'welcome' }))).toContain('note-1')
})

// SDK 1.x refreshes where it should ask the person, which brings the same rights and the same 403.
test('SDK 1.32 with a refresh token is told 403 in vain and still calls what it may', async () => {
  const { resource, person } = await startWorld()
  const session = openSession('SDK 1.32', resource)
  await connectBy(person, session)

  await expect(session.call('write_note', { title: 'Milk', text: 'two litres' })).rejects.toThrow('upscoping')

  expect(refreshes(session).map(({ status }) => status)).toEqual([200])
  expect(said(await session.call('search_notes', { query: 'welcome' }))).toContain('note-1')
})

test('V29 SDK 1.32 without a refresh token asks for what the 403 names, and keeps what it had', async () => {
  const { resource, person } = await startWorld()
  const session = openSession('SDK 1.32', resource)
  const url = await session.connect()
  await session.finish(await person.answer(url ?? '', { stayConnected: false }))
  await session.connect()
  expect(session.memory.current.refresh_token).toBeUndefined()

  const refused = await session.call('write_note', { title: 'Milk', text: 'two litres' })
  if (!('asks' in refused)) throw new Error('written without the right to')
  expect(neededScopes(session.exchanges)).toEqual(bothScopes)
  expect(refused.asks.searchParams.get('scope')).toBe('notes:read notes:write')
  await session.finish(await person.answer(refused.asks, { scopes: bothScopes }))

  expect(calledNew(person.consentPage?.body)).toEqual(['notes:write'])
  expect(person.consentPage?.body).toContain('Already allowed: Read your notes.')
  expect(said(await session.call('write_note', { title: 'Milk', text: 'two litres' }))).toBe('written as note-3')
  expect(said(await session.call('read_note', { id: 'note-3' }))).toContain('two litres')
})

test.each(generations)('%s sees a tool that is hidden once it was given the right to it', async (generation) => {
  const { resource, person } = await startWorld()
  const open = ['search_notes', 'read_note', 'write_note']
  const session = openSession(generation, resource)
  await connectBy(person, session)
  expect(await session.tools()).toEqual(open)

  const owner = openSession(generation, resource)
  const url = await owner.connect()
  // Hidden tools are for clients that were told beforehand what to ask for.
  url?.searchParams.set('scope', 'notes:read notes:delete')
  await owner.finish(await person.answer(url ?? '', { scopes: ['notes:read', 'notes:delete'] }))
  await owner.connect()

  expect(await owner.tools()).toEqual([...open, 'delete_note'])
  expect(said(await owner.call('delete_note', { id: 'note-1' }))).toBe('deleted note-1')
})
