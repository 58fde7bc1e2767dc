import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { expect, test } from 'vitest'
import { DocumentError, type DocumentSource } from '../../src/clients/metadata-document.ts'
import { noLimits } from '../../src/limits/limits.ts'
import { GuardedFetchError } from '../../src/net/guarded-fetch.ts'
import { createClientDocuments } from '../../src/provider/client-documents.ts'
import { createDocumentTrouble } from '../../src/provider/document-trouble.ts'
import { systemClock } from '../../src/runtime/clock.ts'

const good: DocumentSource = {
  allowDocument: () => ({ ok: true }),
  needsFetch: () => true,
  document: async (clientId) => new Response(`our form of ${clientId}`),
}

function open(source: Partial<DocumentSource> = {}, mayCome: (id: string, uri: string) => boolean = () => true) {
  const raw: string[] = []
  const events: unknown[] = []
  const seen: string[] = []
  const audit = { recordSoon: (event: unknown) => void events.push(event) }
  const documents = createClientDocuments({
    config: {
      clientMetadataDocuments: 'on',
      metadataDocumentHosts: [],
      egressAllowedHosts: [],
      registration: 'open',
      file: { metadataDocuments: new Map() },
    },
    fetchKeys: async (url) => {
      raw.push(url)
      return new Response('keys')
    },
    source: { ...good, ...source },
    blockedHosts: { refresh: async () => {} },
    clients: {
      find: async () => null,
      async see(client) {
        seen.push(client.id)
        return client
      },
    },
    mayCome,
    upstreamHosts: async () => [],
    limits: noLimits,
    trouble: createDocumentTrouble({ audit, logger: { info: () => {} } }),
    endEverything: async () => 0,
    clock: systemClock,
    audit,
  })
  const ask = async (ctx: KoaContextWithOIDC, clientId: string) => await documents.feature.allowFetch?.(ctx, clientId)
  return { documents, ask, raw, events, seen }
}

/** Parse boundary: of the context, the bridge looks at the address and sets a header. */
function request(): KoaContextWithOIDC & { readonly headers: Record<string, string> } {
  const headers: Record<string, string> = {}
  const set = (name: string, value: string) => void Object.assign(headers, { [name]: value })
  return { state: { address: '192.0.2.7' }, set, headers } as never
}

const id = 'https://app.example/client.json'

test('F05 a document comes in our form, however many others were read and never picked up', async () => {
  const { documents, ask, raw } = open()
  for (let one = 0; one < 1000; one += 1) {
    expect(await ask(request(), `https://many.example/${one}`)).toBe(true)
  }
  await ask(request(), id)
  await ask(request(), 'https://other.example/client.json')
  const answer = await documents.fetch(new URL(id), {})
  expect(await answer.text()).toBe(`our form of ${id}`)
  expect(raw).toEqual([])
})

test('F05 what was not asked for as a document is fetched as keys, never raw as a document', async () => {
  const { documents, raw } = open()
  expect(await (await documents.fetch(id, {})).text()).toBe('keys')
  expect(raw).toEqual([id])
})

test('F16 a request that failed once is not fetched for again by the error handler of the library', async () => {
  let asked = 0
  const { ask } = open({
    document: async () => {
      asked += 1
      throw new GuardedFetchError('timeout', 'the deadline passed')
    },
  })
  const ctx = request()
  const first = await ask(ctx, id).catch((error: unknown) => error)
  await expect(ask(ctx, id)).rejects.toBe(first)
  expect(asked).toBe(1)
  await expect(ask(request(), id)).rejects.toThrow()
  expect(asked).toBe(2)
})

test('F04 F05 F07 whatever went wrong with the host, a stranger is told one thing', async () => {
  const causes = [
    ...(
      ['address_refused', 'encoding', 'network', 'not_found', 'proxy', 'redirected', 'timeout', 'too_large'] as const
    ).map((code) => new GuardedFetchError(code, `10.0.0.7 ${code}`)),
    ...(['invalid', 'unreachable', 'withdrawn'] as const).map((code) => new DocumentError(code, `10.0.0.7 ${code}`)),
  ]
  const told = new Set<string>()
  for (const cause of causes) {
    const { ask } = open({ document: () => Promise.reject(cause) })
    const error = await ask(request(), id).catch((one: unknown) => one)
    if (!(error instanceof errors.OIDCProviderError)) throw error
    told.add(JSON.stringify([error.status, error.error, error.error_description, error.error_detail]))
  }
  expect([...told]).toEqual([
    JSON.stringify([400, 'invalid_client', 'the client metadata document cannot be used', undefined]),
  ])
})

test('F07 F16 that we are busy is said, with the time to come back', async () => {
  for (const [code, status] of [
    ['busy', 503],
    ['limited', 429],
  ] as const) {
    const { ask } = open({ document: () => Promise.reject(new GuardedFetchError(code, 'too many')) })
    const ctx = request()
    await expect(ask(ctx, id)).rejects.toMatchObject({
      status,
      error: 'temporarily_unavailable',
    })
    expect(Number(ctx.headers['Retry-After'])).toBeGreaterThan(0)
  }
})

test('F20 a refused document is written down once for each reason, cut to size', async () => {
  const { ask, events } = open({ document: () => Promise.reject(new GuardedFetchError('timeout', 'too slow')) })
  for (let turn = 0; turn < 3; turn += 1) await ask(request(), id).catch(() => undefined)
  await ask(request(), `${id}?${'x'.repeat(5000)}`).catch(() => undefined)
  expect(events).toMatchObject([
    {
      type: 'client.document_refused',
      clientId: id,
      detail: { host: 'app.example', result: 'timeout', reason: 'too slow' },
    },
    { type: 'client.document_refused' },
  ])
  expect(JSON.stringify(events).length).toBeLessThan(1500)
})

test('F20 a document whose answers may go nowhere is refused and not written down; one good address is enough', async () => {
  const client = (redirect_uris: readonly string[]) =>
    ({ clientId: id, metadata: () => ({ client_id: id, client_name: 'App', redirect_uris }) }) as never
  const listed = 'https://app.example/cb'
  const { documents, seen } = open({}, (_id, uri) => uri === listed)
  expect(await documents.feature.allowClient?.(request(), client(['https://evil.example/cb']))).toBe(false)
  expect(seen).toEqual([])
  expect(await documents.feature.allowClient?.(request(), client(['https://evil.example/cb', listed]))).toBe(true)
  expect(seen).toEqual([id])
})
