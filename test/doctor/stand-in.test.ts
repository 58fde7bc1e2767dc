import { afterEach, describe, expect, test } from 'vitest'
import { clientProfiles } from '../../src/doctor/clients.ts'
import { createDoctor, type Examination } from '../../src/doctor/doctor.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { chatGpt, chatGptRegistered } from '../fixtures/clients.ts'
import { type BrokenServer, startBrokenServer } from './broken-server.ts'

let server: BrokenServer
afterEach(() => server?.close())

const guardedFetch = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], loopback: true, asClient: true })
const doctor = createDoctor({ guardedFetch, clock: systemClock })
const kin = 'https://chatgpt.com/oauth/codex/client.json'

async function examine(
  defects: Parameters<typeof startBrokenServer>[0] = [],
  options: Parameters<typeof startBrokenServer>[1] = {},
  examination: Partial<Examination> = {},
) {
  server = await startBrokenServer(defects, options)
  const report = await doctor.examine({ address: server.address, clients: ['chatgpt'], ...examination })
  const found = report.steps.find(({ step }) => step === 'authorize')?.findings ?? []
  return { report, codes: found.map(({ code }) => code), values: found[0]?.values }
}

test('its redirect URIs are those of connectors, one of each kind', () => {
  const profile = clientProfiles.find(({ id }) => id === 'chatgpt')
  const ofFixtures = [chatGpt, chatGptRegistered].map((client) => new URL(client.redirectUri(0)))
  const ofProfile = (profile?.registration.redirect_uris ?? []).map((uri) => new URL(uri))
  const shape = ({ origin, pathname }: URL) => `${origin}${pathname.replace(/(?<=\/connector\/oauth\/)[\w-]+$/, '…')}`
  expect(ofProfile.map(shape)).toEqual(ofFixtures.map(shape))
})

describe('a document for each connection cannot be tried; in its place', () => {
  test('one of its host and a registration are, which is removed again', async () => {
    const asked: string[] = []
    const { codes, values, report } = await examine([], {
      before(request, _response, { path, body }) {
        if (path === '/authorize') {
          const { searchParams } = new URL(request.url ?? '', 'http://localhost')
          asked.push(`${searchParams.get('client_id')} ${searchParams.get('redirect_uri')}`)
        }
        if (path === '/register' && request.method === 'POST') asked.push(...JSON.parse(body).redirect_uris)
        return false
      },
    })
    expect([codes, values]).toEqual([['stand_in_passed'], { client: 'ChatGPT', document: kin }])
    expect(asked).toEqual([
      `${kin} http://127.0.0.1:53118/callback`,
      'https://chatgpt.com/connector/oauth/sallyport-doctor',
      'https://chatgpt.com/connector_platform_oauth_redirect',
      'client1 https://chatgpt.com/connector/oauth/sallyport-doctor',
    ])
    expect([report.leftBehind, server.clients.size]).toEqual([[], 0])
    expect(report.clients).toMatchObject([{ client: 'chatgpt', way: 'document' }])
  })

  test('the document is asked for once when its own client is played, too', async () => {
    await examine([], {}, { clients: ['chatgpt', 'codex'] })
    // Codex, its other port, the stand-in, and three that have to be refused.
    expect(server.requests.filter((request) => request === 'GET /authorize').length).toBe(6)
  })

  test('a server that does not take such documents is named', async () => {
    const { codes, values } = await examine(['document_refused'])
    expect([codes, values]).toEqual([['kin_refused'], { client: 'ChatGPT', document: kin, says: '400' }])
    expect(server.requests).not.toContain('POST /register')
  })

  test.each([
    ['refused', 400, { error: 'invalid_redirect_uri' }, 'invalid_redirect_uri'],
    [
      'registered without one of them',
      201,
      { client_id: 'a', redirect_uris: ['https://a.example/'] },
      'https://a.example/',
    ],
    ['answered with something else', 500, {}, '500'],
  ])('redirect URIs that are %s are named', async (_title, status, answer, says) => {
    const { codes, values } = await examine([], {
      before(request, response, { path }) {
        if (path !== '/register' || request.method !== 'POST') return false
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
        return true
      },
    })
    expect([codes, values?.says]).toEqual([['stand_in_refused'], says])
  })

  test('closed registration, or none, says nothing of documents', async () => {
    expect((await examine(['registration_closed'])).codes).toEqual(['kin_passed'])
    await server.close()
    expect((await examine([], { removable: false })).codes).toEqual(['kin_passed'])
    expect(server.requests).not.toContain('POST /register')
  })

  test('a resource that the server does not know is said of nobody here', async () => {
    expect((await examine(['resource_refused'])).codes).toEqual(['authorize_untried'])
  })

  test('where it stays, it comes after those that really register, and is named', async () => {
    const { report } = await examine(['left_behind'], {}, { clients: ['chatgpt', 'cursor'] })
    expect(report.clients.map(({ client, way }) => [client, way])).toEqual([
      ['chatgpt', 'document'],
      ['cursor', 'registration'],
    ])
    expect(report.leftBehind).toEqual(['client1'])
  })
})
