import type { Client } from '../clients/client.ts'
import { AppError } from '../runtime/app-error.ts'

/** What is typed to remove a client: its name, or its id where nobody could type the name. */
export function typedWord({ claimedName, id }: Pick<Client, 'claimedName' | 'id'>): {
  readonly word: string
  readonly is: 'name' | 'id'
} {
  // Ours: what keyboards of most people have; a name of emoji or of a script nobody here writes is not asked for.
  return /^[\p{Script=Latin}\p{N}\p{P}\p{Zs}]{1,60}$/u.test(claimedName)
    ? { word: claimedName, is: 'name' }
    : { word: id, is: 'id' }
}

/**
 * Refuses a removal that nobody spelled out.
 *
 * @throws AppError `not_confirmed` (400)
 */
export function requireTyped(client: Client, typed: string): void {
  const plain = (text: string) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim().toLowerCase()
  const { word } = typedWord(client)
  if (plain(typed) === plain(word)) return
  throw new AppError('not_confirmed', 400, `Nothing was removed. Go back and type “${word}” to confirm.`, {
    words: 'client_name_not_typed',
    values: { name: word },
  })
}
