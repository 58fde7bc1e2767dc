import type { OAuthDiscoveryState, StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client'
import { auth, Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import { decodeJwt } from 'jose'
import { ClientMemory } from '../../test/support/client-memory.ts'
import { type Exchange, exchangesWith, recordingFetch } from '../../test/support/exchange.ts'
import type { Answers } from './answers.ts'
import type { DemoServer } from './server.ts'
import type { Voice } from './voice.ts'

/** Everything on the way. */
export interface Walk {
  readonly server: DemoServer
  readonly notesUrl: string
  readonly answers: Answers
  readonly voice: Voice
}

/** Walks a real MCP client from a closed door to a revoked connection. @throws Error at the first step that goes wrong */
export async function walk({ server, notesUrl, answers, voice }: Walk): Promise<void> {
  const memory = new ClientMemory<StoredOAuthClientInformation, StoredOAuthTokens, OAuthDiscoveryState>({
    redirectUrl: answers.redirectUri,
    metadata: { client_name: 'Demo client' },
  })
  const exchanges: Exchange[] = []
  const fetch = recordingFetch(exchanges)
  const open = () => new StreamableHTTPClientTransport(new URL(notesUrl), { authProvider: memory, fetch })
  const newClient = () =>
    new Client({ name: 'demo', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })

  voice.step('Two servers start')
  voice.fact('Sallyport', `${server.issuer}  (database, keys and secret in a temporary folder)`)
  voice.fact('MCP server', `${notesUrl}  (notes, protected by the verifier)`)
  voice.because('the MCP server knows one thing about Sallyport, its address; it holds no secret of it.')

  voice.step('A client that nobody knows knocks at the MCP server')
  let transport = open()
  const first = await askedBy(memory, () => newClient().connect(transport))
  const challenge = exchanges.find(({ status }) => status === 401)?.headers.get('www-authenticate') ?? ''
  voice.say('It is turned away with 401 and told where to read on:')
  voice.fact('challenge', challenge)
  voice.because('that is how Claude, ChatGPT, VS Code and all others find the way, without anything being typed.')

  voice.step('The client finds Sallyport and introduces itself')
  for (const { method, status, url } of exchanges) voice.fact(`${method} ${status}`, url.href)
  voice.fact('client id', memory.client?.client_id ?? 'none')
  voice.because(
    'what a client says about itself is a claim. Registered means known, not trusted: a person decides next.',
  )

  voice.step('A person is asked')
  const asked = await answers.consent(first)
  if (asked.heading !== null) voice.say(`The page says: ${asked.heading}. We sign in and allow it.`)
  voice.fact('answer goes to', `${asked.callback.origin}${asked.callback.pathname}`)
  voice.fact('issuer in it', asked.callback.searchParams.get('iss') ?? 'none')
  voice.because(
    'consent is kept for this person, client, callback host, MCP server and scope; if one changes, it is asked again.',
  )

  voice.step('The client gets its tokens')
  await finish(transport, asked.callback)
  const claims = decodeJwt(memory.current.access_token)
  voice.fact('good for', String(claims.aud))
  voice.fact('speaks for', String(claims.sub))
  voice.fact('may', memory.current.scope ?? '')
  voice.fact('lives', `${(claims.exp ?? 0) - (claims.iat ?? 0)} seconds`)
  voice.because('a token that leaks is good at one MCP server only, and for minutes.')

  voice.step('The client works')
  transport = open()
  const client = newClient()
  await client.connect(transport)
  const { tools } = await client.listTools()
  voice.fact('tools', tools.map(({ name }) => name).join(', '))
  voice.fact('search_notes', textOf(await client.callTool({ name: 'search_notes', arguments: { query: 'door' } })))

  voice.step('The token is renewed, without the person')
  const { refresh_token: before = '' } = memory.current
  expectSame(await auth(memory, { serverUrl: notesUrl, fetchFn: fetch }), 'AUTHORIZED')
  const [one, two] = await Promise.all([refresh(server, memory, before), refresh(server, memory, before)])
  expectSame(one.refresh_token, two.refresh_token)
  expectSame(one.refresh_token, memory.current.refresh_token)
  voice.say('The old refresh token was replaced. Two late requests with the old one got the same successor.')
  voice.because(
    'parallel requests and lost answers happen; they must not throw anybody out, and a thief must not get a second line.',
  )

  voice.step('The client wants to write and may not yet')
  const wider = await askedBy(memory, () => client.callTool({ name: 'write_note', arguments: milk }))
  const scopes = (wider.searchParams.get('scope') ?? '').split(' ')
  voice.say('The MCP server answers 403 and names what is missing; the client asks for it on top of what it has:')
  voice.fact('asks for', scopes.join(' '))
  const widened = await answers.consent(wider, { scopes: scopes.filter((scope) => scope.startsWith('notes:')) })
  await finish(transport, widened.callback)
  voice.fact('may now', memory.current.scope ?? '')
  if (memory.current.scope?.split(' ').includes('notes:write')) {
    voice.fact('write_note', textOf(await client.callTool({ name: 'write_note', arguments: milk })))
  } else voice.say('You did not allow it, so it stays forbidden.')
  voice.because('a client gets little at first, and more when a person sees what for.')

  voice.step('The connection is ended')
  const { refresh_token: last = '' } = memory.current
  if (await answers.revokeOnPage()) voice.say(`On ${server.issuer}/account/connections the person revokes it.`)
  else {
    await revoke(server, memory, last)
    voice.say(`The client gives its token back. You could have ended it on ${server.issuer}/account/connections.`)
  }
  const refused = await refresh(server, memory, last)
  expectSame(refused.error, 'invalid_grant')
  voice.fact('next refresh', `refused: ${refused.error}`)
  voice.because('nothing new is given out from now on; what was handed out dies by itself within five minutes.')
  await client.close()

  const requests = exchangesWith(exchanges, new URL(notesUrl).pathname).length
  voice.step(
    `Done: ${requests} requests to the MCP server, ${memory.asked.length} questions to the person, no step mocked`,
  )
  voice.say('Next: npm start, then add your own MCP server. README.md shows how to connect a client.')
}

const milk = { title: 'Milk', text: 'two litres' }

type Memory = ClientMemory<StoredOAuthClientInformation, StoredOAuthTokens, OAuthDiscoveryState>

/** Runs what must end with the person being asked. @returns where they are sent */
async function askedBy(memory: Memory, run: () => Promise<unknown>): Promise<URL> {
  const before = memory.asked.length
  try {
    await run()
  } catch (error) {
    const url = memory.asked[before]
    if (error instanceof UnauthorizedError && url !== undefined) return url
    throw error
  }
  throw new Error('the client got through without asking the person')
}

async function finish(transport: StreamableHTTPClientTransport, { searchParams }: URL): Promise<void> {
  if (searchParams.get('error') === 'access_denied') {
    throw new Error(
      'you said no: the client was told so and got nothing\nhint: run it again and allow it to see the rest',
    )
  }
  await transport.finishAuth(searchParams)
}

interface TokenAnswer {
  readonly refresh_token?: string
  readonly error?: string
}

async function refresh({ issuer }: DemoServer, memory: Memory, refreshToken: string): Promise<TokenAnswer> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...credentials(memory) }
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(form) })
  // Parse boundary: the answer of our own server.
  return (await answer.json()) as TokenAnswer
}

async function revoke({ issuer }: DemoServer, memory: Memory, token: string): Promise<void> {
  const form = new URLSearchParams({ token, ...credentials(memory) })
  const answer = await fetch(`${issuer}/revoke`, { method: 'POST', body: form })
  if (!answer.ok) throw new Error(`revocation was refused with ${answer.status}`)
}

function credentials({ client }: Memory): Record<string, string> {
  const secret = client?.client_secret
  return { client_id: client?.client_id ?? '', ...(secret === undefined ? {} : { client_secret: secret }) }
}

function expectSame(got: string | undefined, wanted: string | undefined): void {
  if (got !== wanted || got === undefined) throw new Error(`expected ${wanted}, got ${got}`)
}

function textOf(result: unknown): string {
  // Parse boundary: what the tools of the example answer.
  const { content } = result as { content: readonly { readonly text: string }[] }
  return content.map(({ text }) => text).join(', ')
}
