/*
 * A notes server for the Model Context Protocol, protected by the verifier. Serves the resource's path and the two places of its
 * metadata; leaves tokens, people and consent to the authorization server.
 */
import { realpathSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createVerifier } from '@sallyport/verifier'
import { createMcpListener } from './listener.ts'
import { createNotebooks } from './notes.ts'
import { createNotesMcp, noteTools } from './tools.ts'

/** Where the server listens and whose tokens it takes. */
export interface NotesServerOptions {
  /** Default http://localhost:8414. */
  readonly issuer?: string
  /** Our identifier at the authorization server. Default http://localhost:<port>/mcp. */
  readonly resource?: string
  /** Default 9728; 0 takes a free one. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
}

/** A running server. */
export interface NotesServer {
  /** The address on this machine that MCP clients are given. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts the notes server.
 *
 * @throws Error when the port is taken; TypeError when issuer or resource cannot be right
 */
export async function startNotesServer(options: NotesServerOptions = {}): Promise<NotesServer> {
  const server = createServer()
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 9728, options.host ?? '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  try {
    const resource = options.resource ?? `http://localhost:${port}/mcp`
    const listener = listen(options.issuer ?? 'http://localhost:8414', resource)
    server.on('request', listener)
    return { url: `http://localhost:${port}${new URL(resource).pathname}`, close }
  } catch (error) {
    await close()
    throw error
  }
}

function listen(issuer: string, resource: string): RequestListener {
  const verifier = createVerifier({ issuer, resource, scopes: ['notes:read'], tools: noteTools, resourceName: 'Notes' })
  const openNotebook = createNotebooks()
  return createMcpListener(verifier, (auth) => createNotesMcp(verifier, auth, openNotebook))
}

// Run directly, not imported (import.meta.main is not in Node 22).
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  const { ISSUER, RESOURCE, PORT, HOST } = process.env
  const notes = await startNotesServer({
    issuer: ISSUER || 'http://localhost:8414',
    resource: RESOURCE || 'http://localhost:9728/mcp',
    port: Number(PORT || 9728),
    host: HOST || '127.0.0.1',
  })
  console.log(`notes are at ${notes.url}, for tokens of ${ISSUER || 'http://localhost:8414'}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void notes.close())
}
