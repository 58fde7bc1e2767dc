import type { IncomingMessage, RequestListener } from 'node:http'
import { hostHeaderValidation, toNodeHandler } from '@modelcontextprotocol/node'
import {
  type AuthInfo,
  createMcpHandler,
  localhostAllowedHostnames,
  type McpServer,
} from '@modelcontextprotocol/server'
import type { Verifier } from '@sallyport/verifier'
import { type ConnectRequest, guardMcp, serveResourceMetadata } from '@sallyport/verifier/express'

/**
 * Puts an MCP server behind the verifier: its metadata for everybody, its path for good tokens that may call the tool, nothing else.
 *
 * @param createMcp makes the server of one request, for the person and the scopes of its token
 * @returns for node:http; the path is compared whole, so that no other spelling of it leads past the guard
 */
export function createMcpListener(verifier: Verifier, createMcp: (auth: AuthInfo) => McpServer): RequestListener {
  const { hostname, pathname } = new URL(verifier.resource)
  // A page that has its own name point at this machine sends that name here (DNS rebinding): only ours are answered.
  const allowsHost = hostHeaderValidation([hostname, ...localhostAllowedHostnames()])
  const serveMetadata = serveResourceMetadata(verifier)
  const guard = guardMcp<IncomingMessage & ConnectRequest>(verifier)
  const serveMcp = toNodeHandler(
    createMcpHandler(({ authInfo }) => {
      // The guard sets it; a request that came past it must not become somebody.
      if (authInfo === undefined) throw new Error('the request passed no guard')
      return createMcp(authInfo)
    }),
  )

  return (request: IncomingMessage & ConnectRequest & { auth?: AuthInfo }, response) => {
    if (!allowsHost(request, response)) return
    serveMetadata(request, response, () => {
      if (request.url?.split('?')[0] !== pathname) {
        response.writeHead(404).end()
        return
      }
      void guard(request, response, (error) => {
        // The guard has read the body: the message is handed on as it was judged.
        if (error === undefined) void serveMcp(request, response, request.body)
        else response.writeHead(500).end()
      })
    })
  }
}
