// What a table of vectors is made of. Only JSON, so that any runtime, and any other verifier, can read it.
import type { VerifierOptions } from '../../../verifier/src/index.ts'

/** What the issuer answers at an address. */
export type Document =
  | { readonly json: unknown }
  | { readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly repeat: string; readonly times: number }

/** Text that is too long to be written out. */
export type Text = string | { readonly repeat: string; readonly times: number }

/** One request and what must come of it. */
export interface Step {
  /** What this one is, where a vector has several. */
  readonly says?: string
  /** Seconds after the beginning. Default: as before. */
  readonly at?: number
  /** By address: what the issuer answers from now on. */
  readonly documents?: Readonly<Record<string, Document>>
  /** What is done to the verifier before the request. */
  readonly before?: 'forgetKeys'
  readonly method?: string
  readonly url?: string
  /** Sent as `Authorization: Bearer`. */
  readonly token?: Text
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** How many of this request are sent at once. */
  readonly times?: number
  /** Sent once for each character of the token, with that character changed. */
  readonly everyCharacter?: true
  readonly expect: Expectation
}

/** What must come of a request. */
export interface Expectation {
  /** Undefined: the handler is not to answer at all, because a callback of the caller threw. */
  readonly status?: number
  /** Of the decision: why it was refused. */
  readonly reason?: string
  /** The whole value of `WWW-Authenticate`; null: there is none. */
  readonly challenge?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Of requests sent at once, how many are answered so; all the others are refused with `otherwise`. */
  readonly times?: number
  readonly otherwise?: string
  /** How often each address was asked since the beginning. */
  readonly fetches?: Readonly<Record<string, number>>
  /** Counts of the verifier afterwards. */
  readonly counts?: Readonly<Record<string, number>>
}

/** A case: one verifier, and requests to it in order. */
export interface Vector {
  readonly id: string
  readonly title: string
  readonly options?: Partial<VerifierOptions>
  /** Scopes of every request, besides those of its tool; `throws`: a function that throws. */
  readonly scopes?: readonly string[] | 'throws'
  readonly steps: readonly Step[]
  /** Places for state that must all differ: claims and handle. */
  readonly distinct?: readonly (readonly [iss: string, sub: string, handle: string])[]
}

/** The table. */
export interface Table {
  readonly about: string
  /** Seconds since 1970 at the beginning of each vector. */
  readonly now: number
  /** For every verifier, unless a vector says otherwise. */
  readonly options: VerifierOptions
  readonly documents: Readonly<Record<string, Document>>
  readonly vectors: readonly Vector[]
}
