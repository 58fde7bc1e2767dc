/** One note. */
export interface Note {
  readonly id: string
  readonly title: string
  readonly text: string
}

/** The notes of one person. */
export interface Notebook {
  search(query: string): readonly Note[]
  read(id: string): Note | undefined
  write(title: string, text: string): Note
}

const welcome: readonly Note[] = [
  { id: 'note-1', title: 'Welcome', text: 'These notes live in memory and are gone when the server stops.' },
  { id: 'note-2', title: 'Two doors', text: 'A sally port has two doors of which only one opens at a time.' },
]

/**
 * Keeps a notebook for each person, in memory.
 *
 * @returns finds, or begins, the notebook of a person. A person is the issuer and the subject together:
 * two issuers may use the same subject for different people (RFC 9068 §5).
 */
export function createNotebooks(): (issuer: string, subject: string) => Notebook {
  const byOwner = new Map<string, Note[]>()
  return (issuer, subject) => {
    const owner = JSON.stringify([issuer, subject])
    const notes = byOwner.get(owner) ?? [...welcome]
    byOwner.set(owner, notes)
    return {
      search: (query) =>
        notes.filter(({ title, text }) => `${title} ${text}`.toLowerCase().includes(query.toLowerCase())),
      read: (id) => notes.find((note) => note.id === id),
      write: (title, text) => {
        const note = { id: `note-${notes.length + 1}`, title, text }
        notes.push(note)
        return note
      },
    }
  }
}
