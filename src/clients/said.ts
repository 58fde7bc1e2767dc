import { invalidClientMetadata } from '../oauth/errors.ts'
import { cleanText } from './claimed-text.ts'

/** Parsed JSON of a stranger: own members only, so that no prototype speaks; what is empty was not said (O10). */
export class Said {
  readonly #members: ReadonlyMap<string, unknown>

  constructor(input: unknown) {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      throw invalidClientMetadata('client metadata must be a JSON object')
    }
    this.#members = new Map(Object.entries(input))
  }

  /** Whether the member is there at all, empty or not. */
  mentions(member: string): boolean {
    return this.#members.has(member)
  }

  value(member: string): unknown {
    const value = this.#members.get(member)
    const isEmpty =
      value === null ||
      (typeof value === 'string' && value.trim() === '') ||
      (Array.isArray(value) && value.length === 0)
    return isEmpty ? undefined : value
  }

  has(member: string): boolean {
    return this.value(member) !== undefined
  }

  text(member: string): string | undefined {
    const value = this.value(member)
    if (value !== undefined && typeof value !== 'string') throw invalidClientMetadata(`${member} must be a string`)
    return value
  }

  clean(member: string): string | undefined {
    const text = this.text(member)
    return text === undefined ? undefined : cleanText(text, member)
  }

  texts(member: string, maximum: number): readonly string[] {
    const value = this.value(member)
    if (value === undefined) return []
    if (!Array.isArray(value)) throw invalidClientMetadata(`${member} must be an array of strings`)
    if (value.length > maximum) throw invalidClientMetadata(`${member} must not hold more than ${maximum} entries`)
    const texts = value.filter((text: unknown) => text !== null && text !== '')
    if (!texts.every((text: unknown) => typeof text === 'string'))
      throw invalidClientMetadata(`${member} must be an array of strings`)
    return [...new Set(texts)]
  }
}
