// The published clients of the Model Context Protocol, both generations, behind one face; and the whole world around them:
// the server, the example MCP server, a person.
import {
  Client as ClientTwo,
  type OAuthDiscoveryState as DiscoveryTwo,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport as TransportTwo,
  UnauthorizedError as UnauthorizedTwo,
} from '@modelcontextprotocol/client'
import {
  type OAuthDiscoveryState as DiscoveryOne,
  UnauthorizedError as UnauthorizedOne,
} from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as ClientOne } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportOne } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { onTestFinished } from 'vitest'
import { startNotesServer } from '../../examples/mcp-server/server.ts'
import { createResource } from '../../src/resources/change.ts'
import { notes, startApp, type TestApp, type TestAppOptions, type TestPerson } from './app.ts'
import { ClientMemory, type ClientMemoryOptions } from './client-memory.ts'
import { type Exchange, exchangesWith, type Interception, recordingFetch } from './exchange.ts'
import { Person } from './person.ts'

/** The generations, by the name that a test title shows. */
export const generations = ['SDK 1.32', 'SDK 2.4 with the 2025 handshake', 'SDK 2.4 on 2026-07-28'] as const

export type Generation = (typeof generations)[number]

/** What a tool answered, or where the person has to go first. */
export type CallOutcome = { readonly text: string } | { readonly asks: URL }

/** A published client with its memory. */
export interface McpSession {
  readonly memory: ClientMemory<
    OAuthClientInformationMixed & StoredOAuthClientInformation,
    OAuthTokens & StoredOAuthTokens,
    DiscoveryOne & DiscoveryTwo
  >
  /** Everything that it sent and got, the newest last. */
  readonly exchanges: readonly Exchange[]
  /** @returns where the person has to go, or null when connected */
  connect(): Promise<URL | null>
  finish(callback: URL): Promise<void>
  tools(): Promise<readonly string[]>
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<CallOutcome>
}

/** Server, MCP server, person. */
export interface World {
  readonly app: TestApp
  /** The identifier of the MCP server. */
  readonly resource: string
  readonly account: TestPerson
  readonly person: Person
}

/** Starts everything; it stops when the test ends. */
export async function startWorld(options: TestAppOptions = {}): Promise<World> {
  const app = await startApp({ resources: [], ...options })
  const server = await startNotesServer({ issuer: app.issuer, port: 0 })
  onTestFinished(() => server.close())
  await createResource(app.app.rooms.resources, { ...notes, identifier: server.url }, { actor: 'operator' })
  const account = await app.person()
  return { app, resource: server.url, account, person: new Person(app.issuer, account) }
}

/** A client of that generation that has seen nothing yet. */
export function openSession(
  generation: Generation,
  resource: string,
  { intercept, ...options }: ClientMemoryOptions & { readonly intercept?: Interception } = {},
): McpSession {
  const memory: McpSession['memory'] = new ClientMemory(options)
  const exchanges: Exchange[] = []
  const fetch = recordingFetch(exchanges, intercept)
  const url = new URL(resource)
  let open = generation === 'SDK 1.32' ? openOne() : openTwo()
  onTestFinished(() => open.client.close())

  function openOne() {
    const transport = new TransportOne(url, { authProvider: memory, fetch })
    const client = new ClientOne({ name: 'test', version: '1' })
    return {
      client,
      connect: () => client.connect(transport),
      finish: ({ searchParams }: URL) => transport.finishAuth(searchParams.get('code') ?? ''),
    }
  }

  function openTwo() {
    const transport = new TransportTwo(url, { authProvider: memory, fetch })
    const mode = generation === 'SDK 2.4 on 2026-07-28' ? { pin: '2026-07-28' } : ('legacy' as const)
    const client = new ClientTwo({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
    return {
      client,
      connect: () => client.connect(transport),
      finish: ({ searchParams }: URL) => transport.finishAuth(searchParams),
    }
  }

  return {
    memory,
    exchanges,
    async connect() {
      const asked = memory.asked.length
      try {
        await open.connect()
        return null
      } catch (error) {
        return askedFor(error, memory, asked)
      }
    },
    async finish(callback) {
      if (callback.searchParams.get('state') !== memory.asked.at(-1)?.searchParams.get('state')) {
        throw new Error('the answer belongs to another request')
      }
      await open.finish(callback)
      // A transport that was refused cannot be started again.
      if (!memory.isConnected) {
        open = generation === 'SDK 1.32' ? openOne() : openTwo()
        memory.isConnected = true
      }
    },
    async tools() {
      const { tools } = await open.client.listTools()
      return tools.map(({ name }) => name)
    },
    async call(name, args) {
      const asked = memory.asked.length
      try {
        return { text: textOf(await open.client.callTool({ name, arguments: { ...args } })) }
      } catch (error) {
        return { asks: askedFor(error, memory, asked) }
      }
    },
  }
}

/** Connects, by way of the person where one is asked. */
export async function connectBy(person: Person, session: McpSession): Promise<URL | null> {
  const url = await session.connect()
  if (url === null) return null
  const callback = await person.answer(url)
  await session.finish(callback)
  if ((await session.connect()) !== null) throw new Error('asked again at once')
  return callback
}

/** Its refreshes so far. */
export function refreshes({ exchanges }: Pick<McpSession, 'exchanges'>): Exchange[] {
  return exchangesWith(exchanges, '/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')
}

/** The text of an answer. @throws Error when the person was asked instead */
export function said(outcome: CallOutcome): string {
  if ('asks' in outcome) throw new Error(`asked for ${outcome.asks.href}`)
  return outcome.text
}

function askedFor(error: unknown, memory: McpSession['memory'], before: number): URL {
  const isForThePerson = error instanceof UnauthorizedOne || error instanceof UnauthorizedTwo
  const url = memory.asked[before]
  if (!isForThePerson || url === undefined) throw error
  return url
}

function textOf(result: unknown): string {
  // Parse boundary: what the tools of the example answer.
  const { content } = result as { content: readonly { readonly text: string }[] }
  return content.map(({ text }) => text).join('\n')
}
