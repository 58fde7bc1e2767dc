import { expect, test } from 'vitest'
import { noLimits } from '../../src/limits/limits.ts'
import { GuardedFetchError } from '../../src/net/guarded-fetch.ts'
import { createClientDocuments } from '../../src/provider/client-documents.ts'
import { systemClock } from '../../src/runtime/clock.ts'

test('F05 a document comes in our form, however many others were announced and never fetched', async () => {
  const raw: string[] = []
  const documents = await createClientDocuments({
    config: {
      clientMetadataDocuments: 'on',
      metadataDocumentHosts: [],
      registration: 'open',
      file: { metadataDocuments: new Map() },
    },
    guardedFetch: async (url) => {
      raw.push(String(url))
      return new Response()
    },
    strictFetch: async () => {
      throw new GuardedFetchError('address_refused', 'not there')
    },
    source: {
      allowDocument: () => ({ ok: true }),
      document: async (clientId) => new Response(`our form of ${clientId}`),
    },
    clients: { find: async () => null, see: async (client) => client },
    limits: noLimits,
    clock: systemClock,
    audit: { recordSoon: () => {} },
    logger: { error: () => {}, info: () => {} },
  })
  const announce = async (clientId: string) => {
    // Parse boundary: of the context the bridge looks at the address only.
    const allowed = await documents.feature.allowFetch?.({ state: { address: '192.0.2.1' } } as never, clientId)
    expect(allowed).toBe(true)
  }
  for (let one = 0; one < 1000; one += 1) await announce(`https://many.example/${one}`)
  await announce('https://app.example/client.json')
  await announce('https://other.example/client.json')
  const answer = await documents.fetch(new URL('https://app.example/client.json'), {})
  expect(await answer.text()).toBe('our form of https://app.example/client.json')
  expect(raw).toEqual([])
})
