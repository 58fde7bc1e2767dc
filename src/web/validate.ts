import type { z } from 'zod'

/** What became of outside data: the typed value, or one sentence for each field at fault. */
export type Validated<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: Readonly<Record<string, string>> }

/**
 * Takes outside data through a schema. The messages of the schema are shown to people: write them as sentences.
 *
 * @param input a form (of a field posted twice the first value counts), or anything else that is not known yet
 */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown): Validated<z.output<Schema>> {
  const result = schema.safeParse(input instanceof URLSearchParams ? firstValues(input) : input)
  if (result.success) return { ok: true, value: result.data }
  const faults: Record<string, string> = {}
  for (const issue of result.error.issues) {
    const field = issue.path.map(String).join('.') || 'form'
    faults[field] ??= issue.message
  }
  return { ok: false, faults }
}

function firstValues(form: URLSearchParams): Record<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of form) if (!values.has(name)) values.set(name, value)
  return Object.fromEntries(values)
}
