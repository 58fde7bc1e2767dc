import { initialize } from './look-around.ts'
import { eventsOf, type TokenSeen } from './walk.ts'
import { type Ask, asObject, type Heard, isBearerToken, json, objectOf, parse, textOf } from './wire.ts'

/**
 * Calls an MCP server with a token: the handshake, then the list of tools.
 *
 * @param given the token itself, or the answer of the token endpoint that holds it
 * @returns undefined when there is none
 */
export async function useToken(
  ask: Ask,
  address: string,
  { accessToken, answer }: { readonly accessToken: string | undefined; readonly answer: Heard | undefined },
): Promise<TokenSeen | undefined> {
  const token = accessToken ?? (answer === undefined ? undefined : textOf(objectOf(answer), 'access_token'))
  // What a server calls a token is sent only if it can be one: a line break in a header would end more than this walk.
  if (token === undefined || !isBearerToken(token)) return undefined
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream' }
  const first = await ask(address, json(initialize, headers))
  const given = 'fault' in first ? null : first.headers.get('mcp-session-id')
  // MCP, Streamable HTTP: visible ASCII.
  const session = given !== null && /^[\x21-\x7e]{1,1024}$/.test(given) ? given : null
  // A server of 2026-07-28 knows no handshake; it is asked for its tools at once.
  const isModern = !('fault' in first) && (first.status === 400 || first.status === 404)
  const isGood = !('fault' in first) && (first.status < 300 || isModern)
  const version = { 'mcp-protocol-version': isModern ? '2026-07-28' : '2025-11-25' }
  const next = { ...headers, ...version, ...(session === null ? {} : { 'mcp-session-id': session }) }
  if (isGood && !isModern) await ask(address, json({ jsonrpc: '2.0', method: 'notifications/initialized' }, next))
  const list = isGood
    ? await ask(address, json({ jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} }, next))
    : first
  if (session !== null) await ask(address, { method: 'DELETE', headers: next })
  const tools = asObject(resultOf(list))?.tools
  return {
    accessToken: token,
    answer,
    claims: claimsOf(token),
    call: isModern ? list : first,
    tools: Array.isArray(tools) ? tools.length : undefined,
  }
}

/** The claims of a JWT, believed by nobody; null when it is none. */
function claimsOf(token: string): Readonly<Record<string, unknown>> | null {
  const parts = token.split('.')
  return parts.length === 3 ? asObject(parse(Buffer.from(parts[1] ?? '', 'base64url').toString())) : null
}

/** The result of a JSON-RPC answer, plain or as an event. */
function resultOf(heard: Heard): unknown {
  if ('fault' in heard) return undefined
  for (const text of [heard.text, ...eventsOf(heard.text)]) {
    const result = asObject(parse(text))?.result
    if (result !== undefined) return result
  }
  return undefined
}
