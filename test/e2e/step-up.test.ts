// A tool that needs more than the client has: 403 with the scope, and the person is asked for the rest.
import { expect, test } from 'vitest'
import { connectBy, generations, openSession, refreshes, said, startWorld } from '../support/mcp-clients.ts'
import { offeredScopes } from '../support/person.ts'

test.each(generations.slice(1))('%s asks for the union of old and new rights, and keeps both', async (generation) => {
  const { resource, person } = await startWorld()
  const session = openSession(generation, resource)
  await connectBy(person, session)

  const refused = await session.call('write_note', { title: 'Milk', text: 'two litres' })
  if (!('asks' in refused)) throw new Error('written without the right to')
  expect(refused.asks.searchParams.get('scope')?.split(' ')).toEqual(
    expect.arrayContaining(['notes:read', 'notes:write']),
  )
  await session.finish(await person.answer(refused.asks, { scopes: ['notes:read', 'notes:write'] }))

  expect(offeredScopes(person.consentPage ?? { body: '' })).toContain('notes:write')
  expect(person.consentPage?.body).toContain('data-diff')
  expect(said(await session.call('write_note', { title: 'Milk', text: 'two litres' }))).toBe('written as note-3')
  expect(said(await session.call('read_note', { id: 'note-3' }))).toContain('two litres')
  expect(session.memory.asked).toHaveLength(2)
})

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

test('SDK 1.32 without a refresh token asks for the new right', async () => {
  const { resource, person } = await startWorld()
  const session = openSession('SDK 1.32', resource)
  const url = await session.connect()
  await session.finish(await person.answer(url ?? '', { stayConnected: false }))
  await session.connect()
  expect(session.memory.current.refresh_token).toBeUndefined()

  const refused = await session.call('write_note', { title: 'Milk', text: 'two litres' })
  if (!('asks' in refused)) throw new Error('written without the right to')
  await session.finish(await person.answer(refused.asks, { scopes: ['notes:write'] }))

  expect(refused.asks.searchParams.get('scope')).toBe('notes:write')
  expect(said(await session.call('write_note', { title: 'Milk', text: 'two litres' }))).toBe('written as note-3')
})
