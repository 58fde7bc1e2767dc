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
  /** @returns whether there was one */
  delete(id: string): boolean
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
  const byOwner = new Map<string, { readonly notes: Note[]; written: number }>()
  return (issuer, subject) => {
    const owner = JSON.stringify([issuer, subject])
    const book = byOwner.get(owner) ?? { notes: [...welcome], written: welcome.length }
    byOwner.set(owner, book)
    const { notes } = book
    return {
      search: (query) =>
        notes.filter(({ title, text }) => `${title} ${text}`.toLowerCase().includes(query.toLowerCase())),
      read: (id) => notes.find((note) => note.id === id),
      write: (title, text) => {
        // Counted on, so that what somebody remembers of a deleted note is not another one's name.
        book.written += 1
        const note = { id: `note-${book.written}`, title, text }
        notes.push(note)
        return note
      },
      delete: (id) => {
        const at = notes.findIndex((note) => note.id === id)
        if (at >= 0) notes.splice(at, 1)
        return at >= 0
      },
    }
  }
}
