import { type AuthInfo, McpServer } from '@modelcontextprotocol/server'
import type { Verifier } from '@sallyport/verifier'
import { z } from 'zod'
import type { Notebook } from './notes.ts'

/**
 * All the scopes that a call of each tool needs. The guard answers a token without them with HTTP 403 before the tool runs, which is what
 * makes clients ask the person for more; SDK 1.x then asks for exactly these, so what came before is named again.
 */
export const noteTools = {
  search_notes: ['notes:read'],
  read_note: ['notes:read'],
  write_note: ['notes:read', 'notes:write'],
  delete_note: ['notes:read', 'notes:delete'],
} as const

/**
 * Describes the tools over the notebook of one person.
 *
 * @param auth what the guard has verified; its scopes decide what is seen
 * @param openNotebook finds the notebook of a person
 * @throws Error when the guard has named nobody
 */
export function createNotesMcp(
  verifier: Verifier,
  auth: AuthInfo,
  openNotebook: (issuer: string, subject: string) => Notebook,
): McpServer {
  const { iss, sub } = auth.extra ?? {}
  if (typeof iss !== 'string' || typeof sub !== 'string') throw new Error('the token belongs to nobody')
  const notebook = openNotebook(iss, sub)
  const mcp = new McpServer({ name: 'notes', version: '0.1.0' })
  mcp.registerTool(
    'search_notes',
    {
      title: 'Search notes',
      description: 'Finds the notes that contain a text. An empty text finds all.',
      inputSchema: z.object({ query: z.string().max(200) }),
      annotations: { readOnlyHint: true },
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
    },
    ({ title, text }) => say(`written as ${notebook.write(title, text).id}`),
  )
  // What clients cannot see they cannot ask for: writing is shown to everybody, deleting only to who was given it beforehand.
  if (verifier.mayCall(auth, 'delete_note')) {
    mcp.registerTool(
      'delete_note',
      {
        title: 'Delete a note',
        description: 'Deletes a note for good.',
        inputSchema: z.object({ id: z.string().max(200) }),
        annotations: { readOnlyHint: false, destructiveHint: true },
      },
      ({ id }) => (notebook.delete(id) ? say(`deleted ${id}`) : { ...say(`there is no ${id}`), isError: true }),
    )
  }
  return mcp
}

function say(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] }
}
