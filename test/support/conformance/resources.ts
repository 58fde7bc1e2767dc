import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** One red pixel. */
export const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

/** Adds the resources and prompts that the suite knows by name. */
export function addResourcesAndPrompts(mcp: McpServer): void {
  addResources(mcp)
  addPrompts(mcp)
}

function addResources(mcp: McpServer): void {
  const plain = { description: 'a text', mimeType: 'text/plain' }
  for (const name of ['static-text', 'watched-resource']) {
    const uri = `test://${name}`
    mcp.registerResource(name, uri, plain, () => ({ contents: [{ uri, mimeType: 'text/plain', text: 'static' }] }))
  }
  const binary = { uri: 'test://static-binary', mimeType: 'image/png', blob: image }
  mcp.registerResource('static-binary', binary.uri, { description: 'a picture', mimeType: 'image/png' }, () => ({
    contents: [binary],
  }))
  mcp.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'a text of its own for each id', mimeType: 'application/json' },
    ({ href }, { id }) => ({
      contents: [{ uri: href, mimeType: 'application/json', text: JSON.stringify({ id, data: `Data for ID: ${id}` }) }],
    }),
  )
  mcp.server.setRequestHandler('resources/subscribe', () => ({}))
  mcp.server.setRequestHandler('resources/unsubscribe', () => ({}))
}

function addPrompts(mcp: McpServer): void {
  const say = (text: string) => ({ role: 'user', content: { type: 'text', text } }) as const
  mcp.registerPrompt('test_simple_prompt', { description: 'a text' }, () => ({
    messages: [say('This is a simple prompt for testing.')],
  }))
  mcp.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'its arguments', argsSchema: z.object({ arg1: z.string(), arg2: z.string() }) },
    ({ arg1, arg2 }) => ({ messages: [say(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  )
  mcp.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'a resource', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri: uri }) => ({
      messages: [
        { role: 'user', content: { type: 'resource', resource: { uri, mimeType: 'text/plain', text: 'embedded' } } },
        say('Please process the embedded resource above.'),
      ],
    }),
  )
  mcp.registerPrompt('test_prompt_with_image', { description: 'a picture' }, () => ({
    messages: [
      { role: 'user', content: { type: 'image', data: image, mimeType: 'image/png' } },
      say('Please analyze the image above.'),
    ],
  }))
}
