import { describe, expect, it } from 'vitest'
import { type Client, makeClient } from '../../src/clients/client.ts'
import type { ClientMetadata } from '../../src/clients/metadata.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { endsConnections, noteDocument } from '../../src/provider/document-change.ts'

const id = 'https://app.example/client.json'
const redirect = 'https://a.example/cb'
const earlier = new Date(1000)
const now = new Date(2000)

function metadata(over: Readonly<Record<string, unknown>> = {}): ClientMetadata {
  const outcome = normaliseClientMetadata(
    { client_name: 'App', redirect_uris: [redirect], ...over },
    { origin: 'document' },
  )
  if (!outcome.ok) throw new Error(outcome.description)
  return outcome.metadata
}
const key = (x: string) => ({ keys: [{ kty: 'EC', crv: 'P-256', x, y: 'y' }] })
const signed = (jwks: unknown) => ({ token_endpoint_auth_method: 'private_key_jwt', jwks })

describe('F14 what ends connections', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, boolean]>([
    ['nothing', {}, {}, false],
    ['another name', {}, { client_name: 'Bank' }, false],
    ['another logo', {}, { logo_uri: 'https://a.example/l.png' }, false],
    ['another version', {}, { software_version: '2' }, false],
    [
      'redirects in another order',
      { redirect_uris: [redirect, 'https://b.example/cb'] },
      { redirect_uris: ['https://b.example/cb', redirect] },
      false,
    ],
    ['one redirect more', {}, { redirect_uris: [redirect, 'https://b.example/cb'] }, true],
    ['one redirect less', { redirect_uris: [redirect, 'https://b.example/cb'] }, {}, true],
    ['another key', signed(key('x')), signed(key('z')), true],
    [
      'keys by address',
      signed(key('x')),
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://a.example/k' },
      true,
    ],
    ['no proof any more', signed(key('x')), {}, true],
  ])('%s', (_title, before, after, ends) => {
    expect(endsConnections(metadata(before), metadata(after))).toBe(ends)
  })
})

describe('F14 of several processes that see a change', () => {
  const seen = makeClient({
    id,
    origin: 'document',
    metadata: metadata({ redirect_uris: ['https://b.example/cb'] }),
    now,
  })
  async function note(stored: Partial<Client>, isNew = false) {
    const ended: string[] = []
    const events: { type: string; detail?: unknown }[] = []
    await noteDocument(
      {
        clients: { see: async () => ({ ...seen, ...stored }) },
        audit: { recordSoon: (event) => void events.push(event) },
        endEverything: async (clientId) => {
          ended.push(clientId)
          return 1
        },
      },
      seen,
      isNew,
    )
    return { ended, events }
  }

  it('the one that wrote it ends what must not go on, and says so', async () => {
    const { ended, events } = await note({ changedAt: now, previousMetadata: metadata() })
    expect(ended).toEqual([id])
    expect(events).toMatchObject([
      { type: 'client.updated', detail: { changed: ['redirect_uris'], reason: 'connections_ended' } },
    ])
  })

  it('one that comes later ends nothing: people may have allowed the new one since', async () => {
    expect(await note({ changedAt: earlier, previousMetadata: metadata() })).toEqual({ ended: [], events: [] })
  })

  it('a first sight is a registration, and ends nothing', async () => {
    const { ended, events } = await note({}, true)
    expect([ended, events.map(({ type }) => type)]).toEqual([[], ['client.registered']])
  })
})
