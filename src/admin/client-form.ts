import { z } from 'zod'
import type { OperatorClientDraft } from '../clients/operator-client.ts'
import { randomId } from '../crypto/random.ts'
import type { Messages } from '../messages/messages.ts'
import { authorizationCode, clientCredentials, refreshToken } from '../oauth/grant-types.ts'
import { defaultScopes, type Resource } from '../resources/resource.ts'
import { linesOf } from './console.ts'

const kinds = ['public', 'confidential', 'machine'] as const
const methods = ['usual', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const

/** What may be wrong with the form, by name: the catalogue has the words. */
export type ClientFault = keyof Messages['adminClients']['form']['faults']

/** The form of an operator's client, as typed. */
export interface ClientFields {
  readonly clientName: string
  readonly clientId: string
  readonly kind: string
  readonly method: string
  readonly jwksUri: string
  readonly redirectUris: string
  /** `<resource id>` or `<resource id> <scope>` of each ticked box. */
  readonly ceiling: readonly string[]
  /** Identifiers of the MCP servers about whose tokens it may ask. */
  readonly introspects: readonly string[]
}

export const blankClient: ClientFields = {
  clientName: '',
  clientId: '',
  kind: 'public',
  method: 'usual',
  jwksUri: '',
  redirectUris: '',
  ceiling: [],
  introspects: [],
}

/** The choices of the form in their order. */
export const clientChoices = { kinds, methods }

/** Reads the fields that the form has and no others (G21). */
export function readClientFields(form: URLSearchParams): ClientFields {
  const text = (name: string) => (form.get(name) ?? '').trim()
  return {
    clientName: text('client_name'),
    clientId: text('client_id'),
    kind: text('kind'),
    method: text('auth_method') || 'usual',
    jwksUri: text('jwks_uri'),
    redirectUris: text('redirect_uris').replaceAll('\r\n', '\n'),
    ceiling: form.getAll('ceiling'),
    introspects: form.getAll('introspects'),
  }
}

const fault = (name: ClientFault) => name

/** Checks the shape of the fields; what a client may be is decided by clients/. Its words are names of faults. */
export const clientFieldsSchema = z.object({
  clientName: z.string().min(1, fault('name')).max(100, fault('name_long')),
  clientId: z.string().regex(/^[A-Za-z0-9._~-]{0,128}$/, fault('id')),
  kind: z.enum(kinds, fault('kind')),
  method: z.enum(methods, fault('method')),
  jwksUri: z.string().max(2048, fault('jwks_uri')),
  redirectUris: z.string().max(20_000, fault('redirects_many')).transform(linesOf),
  ceiling: z.array(z.string()).max(2000),
  introspects: z.array(z.string()).max(2000),
})

/**
 * Makes the draft of an operator's client.
 *
 * @returns the draft, or what is missing
 */
export function clientDraft(
  fields: z.output<typeof clientFieldsSchema>,
  resources: readonly Resource[],
): OperatorClientDraft | ClientFault {
  const ceiling = ceilingOf(fields.ceiling, resources)
  const machine = fields.kind === 'machine'
  const introspects = identifiersOf(fields.introspects, resources)
  if (fields.kind === 'public' && introspects.length > 0) return 'public_introspects'
  if (machine && ceiling.size + introspects.length === 0) return 'machine_ceiling'
  if (!machine && fields.redirectUris.length === 0) return 'redirects'
  if (fields.kind === 'public' && fields.method !== 'usual') return 'public_method'
  const bySignature = fields.method === 'private_key_jwt'
  if (bySignature && fields.jwksUri === '') return 'jwks_uri'
  return {
    clientId: fields.clientId === '' ? randomId() : fields.clientId,
    clientName: fields.clientName,
    // Whether it stays connected is asked of the person (consent/).
    grantTypes: machine ? [clientCredentials] : [authorizationCode, refreshToken],
    tokenEndpointAuthMethod: methodOf(fields.kind, fields.method),
    jwksUri: bySignature ? fields.jwksUri : undefined,
    redirectUris: machine ? undefined : fields.redirectUris,
    // Nothing ticked for a client that people use: consent alone decides.
    resources: ceiling.size === 0 ? undefined : ceiling,
    introspects,
  }
}

function methodOf(kind: (typeof kinds)[number], method: (typeof methods)[number]): string {
  if (kind === 'public') return 'none'
  return method === 'usual' ? 'client_secret_basic' : method
}

/** The ticked servers, of those that a form has shown: registered ones, and what the client has already. */
export function identifiersOf(
  ticked: readonly string[],
  shown: readonly Pick<Resource, 'identifier'>[],
): readonly string[] {
  return shown.map(({ identifier }) => identifier).filter((identifier) => ticked.includes(identifier))
}

// Boxes of servers and scopes that are not there (any more) count for nothing.
function ceilingOf(ticked: readonly string[], resources: readonly Resource[]): ReadonlyMap<string, readonly string[]> {
  const ceiling = new Map<string, readonly string[]>()
  for (const resource of resources) {
    const scopes = resource.scopes.map(({ name }) => name).filter((name) => ticked.includes(`${resource.id} ${name}`))
    if (scopes.length > 0) ceiling.set(resource.identifier, scopes)
    else if (ticked.includes(resource.id)) ceiling.set(resource.identifier, defaultScopes(resource))
  }
  return ceiling
}
