// Clients of revision 2025-03-26: the server that protects is the server that authorizes, at known paths on one origin, and
// nothing says which MCP server is meant.
import { auth, type OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { createResource } from '../../src/resources/change.ts'
import { notes } from '../support/app.ts'
import { ClientMemory } from '../support/client-memory.ts'
import { type Exchange, recordingFetch } from '../support/exchange.ts'
import { startWorld } from '../support/mcp-clients.ts'

test('a client that finds no metadata gets tokens at /register, /authorize and /token, and refreshes', async () => {
  const { app, resource, person } = await startWorld()
  const memory = new ClientMemory<OAuthClientInformationMixed, OAuthTokens, OAuthDiscoveryState>()
  const exchanges: Exchange[] = []
  const fetchFn = recordingFetch(exchanges, hideMetadata)

  expect(await auth(memory, { serverUrl: app.issuer, fetchFn })).toBe('REDIRECT')
  const asked = memory.asked[0]
  expect(asked?.pathname).toBe('/authorize')
  expect([...(asked?.searchParams.keys() ?? [])]).not.toContain('resource')
  const callback = await person.answer(asked ?? '')
  const authorizationCode = callback.searchParams.get('code') ?? ''
  expect(await auth(memory, { serverUrl: app.issuer, authorizationCode, fetchFn })).toBe('AUTHORIZED')

  expect(decodeJwt(memory.current.access_token)).toMatchObject({ aud: resource, scope: 'notes:read' })
  const call = await fetch(resource, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${memory.current.access_token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'old', version: '1' } },
    }),
  })
  expect(call.status).toBe(200)

  const { refresh_token: before } = memory.current
  expect(await auth(memory, { serverUrl: app.issuer, fetchFn })).toBe('AUTHORIZED')
  expect(memory.current.refresh_token).not.toBe(before)
  const used = exchanges.filter(({ status }) => status !== 404).map(({ url }) => url.href)
  expect(used).toEqual([`${app.issuer}/register`, `${app.issuer}/token`, `${app.issuer}/token`])
})

test('where there is more than one MCP server such a client is refused before any page', async () => {
  const { app, person } = await startWorld()
  await createResource(
    app.app.rooms.resources,
    { ...notes, identifier: 'http://localhost:9/mcp' },
    { actor: 'operator' },
  )
  const memory = new ClientMemory<OAuthClientInformationMixed, OAuthTokens, OAuthDiscoveryState>()
  await auth(memory, { serverUrl: app.issuer, fetchFn: recordingFetch([], hideMetadata) })

  const callback = await person.answer(memory.asked[0] ?? '')

  expect(person.consentPage).toBeUndefined()
  expect(callback.searchParams.get('error')).toBe('invalid_target')
  expect(callback.searchParams.get('iss')).toBe(app.issuer)
})

function hideMetadata({ pathname }: URL): Response | undefined {
  return pathname.startsWith('/.well-known/') ? new Response('not here', { status: 404 }) : undefined
}
