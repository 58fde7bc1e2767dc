import { type RefusalReason, type RefusalStatus, VerifierError } from './errors.ts'
import { isRecord, parseStrictObject, StrictJsonError } from './strict-json.ts'

/** What the body of an MCP request asks for, as far as scopes depend on it. */
export interface McpMessage {
  /** The JSON-RPC method; undefined for a response of the client to a request of the server. */
  readonly method: string | undefined
  /** The tool that is to be called, with `tools/call`. */
  readonly tool: string | undefined
  /** The message as parsed, whole. */
  readonly body: Readonly<Record<string, unknown>>
}

/** A body as an adapter has it: bytes, or what a parser before us has made of them. */
export type McpBody = { readonly bytes: Uint8Array } | { readonly parsed: unknown }

// JSON-RPC 2.0 §5.1.
const parseError = -32_700
const invalidRequest = -32_600
const invalidParams = -32_602

// Ours: arguments of tools are deeper than claims; JSON Schema forms of clients stay well below.
const maxDepth = 64
const openingBracket = 0x5b

/**
 * Reads the body of an MCP request. The tool is read here and nowhere else (no header can name another), and a member that appears twice is
 * refused: where two parsers disagree about which `name` counts, one lets the call through that the other would not.
 *
 * @throws VerifierError `invalid_request` for anything that is not one JSON-RPC message
 * @see MCP, Streamable HTTP; JSON-RPC 2.0 §4
 */
export function readMcpMessage(body: McpBody): McpMessage {
  const message = 'bytes' in body ? parse(body.bytes) : body.parsed
  // MCP 2025-06-18 took batches out. In one of them each call would need scopes of its own, and one answer could not say which.
  if (Array.isArray(message))
    throw refuseMessage('message_batch', 'a batch of messages is not accepted', invalidRequest)
  if (!isRecord(message) || message.jsonrpc !== '2.0') {
    throw refuseMessage('message_malformed', 'the body is not a JSON-RPC 2.0 message', invalidRequest)
  }
  const { method, params } = message
  if (method === undefined) return { method, tool: undefined, body: message }
  if (typeof method !== 'string') throw refuseMessage('message_malformed', 'method must be a string', invalidRequest)
  if (method !== 'tools/call') return { method, tool: undefined, body: message }
  if (!isRecord(params) || typeof params.name !== 'string') {
    throw refuseMessage('message_malformed', 'tools/call must name a tool', invalidParams)
  }
  return { method, tool: params.name, body: message }
}

/**
 * Makes the refusal of a request whose credentials are good and whose message is not.
 *
 * @param rpcCode code of the JSON-RPC error in the answer
 */
export function refuseMessage(
  reason: RefusalReason,
  message: string,
  rpcCode: number,
  status: RefusalStatus = 400,
): VerifierError {
  return new VerifierError({ code: 'invalid_request', status, message, reason, rpcCode })
}

/** The `id` that an answer to a message carries; null for what has none that JSON-RPC knows. @see JSON-RPC 2.0 §5 */
export function idOf(message: McpMessage | undefined): string | number | null {
  const id = message?.body.id
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

/** The refusal of a tool that is not in the table. */
export function refuseTool(): VerifierError {
  return refuseMessage('tool_unknown', 'there is no such tool', invalidParams)
}

function parse(bytes: Uint8Array): unknown {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
  if (first === openingBracket) return []
  try {
    return parseStrictObject(bytes, maxDepth)
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    throw refuseMessage('message_malformed', 'the body is not one JSON object without repeated members', parseError)
  }
}
