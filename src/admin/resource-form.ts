import { z } from 'zod'
import { tokenLifetimeSeconds } from '../resources/check.ts'
import { type Resource, type ResourceDraft, risks, signingAlgs } from '../resources/resource.ts'
import { linesOf } from './console.ts'

/** One scope as typed. */
export interface ScopeFields {
  readonly name: string
  readonly description: string
  readonly risk: string
  readonly isDefault: boolean
}

/** The form of an MCP server, as typed; shown again when something is wrong. */
export interface ResourceFields {
  readonly identifier: string
  readonly name: string
  readonly aliases: string
  readonly tokenLifetimeSeconds: string
  readonly signingAlg: string
  readonly scopes: readonly ScopeFields[]
}

/** Choices of the form. */
export const resourceChoices = { risks, signingAlgs, lifetime: tokenLifetimeSeconds }

const blankScope: ScopeFields = { name: '', description: '', risk: 'read', isDefault: false }
// Without script rows cannot be added on the page: some are always empty at the end.
const spareRows = 4
const mostRows = 120

/** What a new form holds. */
export const blankResource: ResourceFields = withSpareRows({
  identifier: '',
  name: '',
  aliases: '',
  tokenLifetimeSeconds: String(tokenLifetimeSeconds.usual),
  signingAlg: 'ES256',
  scopes: [],
})

/** The form of a stored resource. */
export function fieldsOf(resource: Resource): ResourceFields {
  return withSpareRows({
    identifier: resource.identifier,
    name: resource.name,
    aliases: resource.aliases.join('\n'),
    tokenLifetimeSeconds: String(resource.tokenLifetimeSeconds),
    signingAlg: resource.signingAlg,
    scopes: resource.scopes,
  })
}

/** Reads the fields that the form has and no others: what else was posted does not exist (G21). */
export function readResourceFields(form: URLSearchParams): ResourceFields {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const scopes: ScopeFields[] = []
  for (let row = 0; row < mostRows && form.has(`scope_${row}_name`); row += 1) {
    const scope = {
      name: text(`scope_${row}_name`),
      description: text(`scope_${row}_description`),
      risk: text(`scope_${row}_risk`),
      isDefault: form.has(`scope_${row}_default`),
    }
    if (scope.name !== '' || scope.description !== '') scopes.push(scope)
  }
  return withSpareRows({
    identifier: text('identifier'),
    name: text('name'),
    aliases: text('aliases').replaceAll('\r\n', '\n'),
    tokenLifetimeSeconds: text('token_lifetime_seconds'),
    signingAlg: text('signing_alg'),
    scopes,
  })
}

const draftSchema = z.object({
  identifier: z.string().min(1, 'Type the address of the MCP server.').max(2048, 'The address is too long.'),
  name: z.string().max(400, 'The name is too long.'),
  aliases: z.string().max(50_000, 'There are too many aliases.').transform(linesOf),
  tokenLifetimeSeconds: z
    .string()
    .regex(/^\d{1,6}$/, 'The token lifetime is a whole number of seconds.')
    .transform(Number),
  signingAlg: z.string().max(10),
  scopes: z.array(
    z.object({ name: z.string(), description: z.string().max(2000), risk: z.enum(risks), isDefault: z.boolean() }),
  ),
})

/** Turns typed fields into a draft; what a resource may be is decided by resources/. */
export const resourceDraftSchema: z.ZodType<ResourceDraft> = z.preprocess(
  (fields) => (isFields(fields) ? { ...fields, scopes: fields.scopes.filter(isFilled) } : fields),
  draftSchema,
)

function isFields(value: unknown): value is ResourceFields {
  return typeof value === 'object' && value !== null && 'scopes' in value
}

function isFilled(scope: ScopeFields): boolean {
  return scope.name !== '' || scope.description !== ''
}

function withSpareRows(fields: ResourceFields): ResourceFields {
  const filled = fields.scopes.filter(isFilled)
  return { ...fields, scopes: [...filled, ...Array.from({ length: spareRows }, () => blankScope)] }
}
