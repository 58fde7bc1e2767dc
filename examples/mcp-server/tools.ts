import { McpServer } from '@modelcontextprotocol/server'
import type { Verifier } from '@sallyport/verifier'
import { requireScopes } from '@sallyport/verifier/mcp'
import { z } from 'zod'
import type { Notebook } from './notes.ts'

/**
 * Describes the three tools over one person's notebook. The scope that a tool needs stands beside it: a token without it is
 * answered with HTTP 403 before the tool runs, which is what makes clients ask the person for more.
 */
export function createNotesMcp(verifier: Verifier, notebook: Notebook): McpServer {
  const mcp = new McpServer({ name: 'notes', version: '0.1.0' })
  mcp.registerTool(
    'search_notes',
    {
      title: 'Search notes',
      description: 'Finds the notes that contain a text. An empty text finds all.',
      inputSchema: z.object({ query: z.string().max(200) }),
      annotations: { readOnlyHint: true },
      scopeChallenge: requireScopes(verifier, 'notes:read'),
    },
    ({ query }) => {
      const found = notebook.search(query)
      return say(found.length === 0 ? 'no note found' : found.map(({ id, title }) => `${id}: ${title}`).join('\n'))
    },
  )
  mcp.registerTool(
    'read_note',
    {
      title: 'Read a note',
      description: 'Shows one note.',
      inputSchema: z.object({ id: z.string().max(200) }),
      annotations: { readOnlyHint: true },
      scopeChallenge: requireScopes(verifier, 'notes:read'),
    },
    ({ id }) => {
      const note = notebook.read(id)
      return note === undefined ? { ...say(`there is no ${id}`), isError: true } : say(`${note.title}\n\n${note.text}`)
    },
  )
  mcp.registerTool(
    'write_note',
    {
      title: 'Write a note',
      description: 'Adds a note.',
      inputSchema: z.object({ title: z.string().min(1).max(200), text: z.string().max(10_000) }),
      annotations: { readOnlyHint: false, destructiveHint: false },
      scopeChallenge: requireScopes(verifier, 'notes:write'),
    },
    ({ title, text }) => say(`written as ${notebook.write(title, text).id}`),
  )
  return mcp
}

function say(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] }
}
