// What the official conformance suite for servers asks for by name: it can only call what it knows. Answers are those of its requirements;
// none of this is about tokens, it stands behind the guard in place of the notes.
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { addQuestions, questionState } from './questions.ts'
import { addResourcesAndPrompts, image } from './resources.ts'

const nothing = z.object({})
// A WAV header with one sample.
const audio = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='

const picture = { type: 'image', data: image, mimeType: 'image/png' } as const
const contents = {
  test_simple_text: [{ type: 'text', text: 'This is a simple text response for testing.' }],
  test_image_content: [picture],
  test_audio_content: [{ type: 'audio', data: audio, mimeType: 'audio/wav' }],
  test_embedded_resource: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  test_multiple_content_types: [
    { type: 'text', text: 'Multiple content types test:' },
    picture,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
  test_streaming_elicitation: [{ type: 'text', text: 'no request of ours is in this stream' }],
} as const

/** Makes the server of one request. */
export function createCatalogue(): McpServer {
  const mcp = new McpServer(
    { name: 'catalogue', version: '1' },
    {
      capabilities: { resources: { subscribe: true }, logging: {}, completions: {} },
      requestState: { verify: questionState.verify },
    },
  )
  for (const [name, content] of Object.entries(contents)) {
    mcp.registerTool(name, { description: 'answers', inputSchema: nothing }, () => ({ content: [...content] }))
  }
  addReports(mcp)
  addSchemas(mcp)
  addQuestions(mcp)
  addResourcesAndPrompts(mcp)
  mcp.server.setRequestHandler('logging/setLevel', () => ({}))
  mcp.server.setRequestHandler('completion/complete', () => ({ completion: { values: [], total: 0, hasMore: false } }))
  return mcp
}

/** Tools that say something before they answer, or fail. */
function addReports(mcp: McpServer): void {
  mcp.registerTool('test_error_handling', { description: 'fails', inputSchema: nothing }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  mcp.registerTool(
    'test_tool_with_logging',
    { description: 'logs', inputSchema: nothing },
    async (_args, { mcpReq }) => {
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
      }
      return { content: [{ type: 'text', text: 'logged' }] }
    },
  )
  mcp.registerTool(
    'test_logging_tool',
    { description: 'logs if asked to', inputSchema: nothing },
    async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'only for who asked for a level')
      return { content: [{ type: 'text', text: 'logged' }] }
    },
  )
  mcp.registerTool(
    'test_tool_with_progress',
    { description: 'reports', inputSchema: nothing },
    async (_args, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken: progressToken ?? 0, progress, total: 100 },
        })
      }
      return { content: [{ type: 'text', text: String(progressToken) }] }
    },
  )
}

/** Tools whose schema must arrive as it was written. */
function addSchemas(mcp: McpServer): void {
  const region = { type: 'string', 'x-mcp-header': 'Region' }
  mcp.registerTool(
    'test_x_mcp_header',
    {
      description: 'an argument that is also in a header',
      inputSchema: fromJsonSchema({ type: 'object', properties: { region, level: { type: 'integer' } } }),
    },
    () => ({ content: [] }),
  )
  const text = { type: 'string' }
  mcp.registerTool(
    'json_schema_2020_12_tool',
    {
      description: 'all that JSON Schema 2020-12 has',
      inputSchema: fromJsonSchema({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: text, city: text } } },
        properties: {
          name: text,
          address: { $ref: '#/$defs/address' },
          contactMethod: { type: 'string', enum: ['phone', 'email'] },
          phone: text,
          email: text,
        },
        allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
        if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
        // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
        then: { required: ['phone'] },
        else: { required: ['email'] },
        additionalProperties: false,
      }),
    },
    () => ({ content: [] }),
  )
}

function embedded(uri: string, mimeType: string, text: string) {
  return { type: 'resource', resource: { uri, mimeType, text } } as const
}
