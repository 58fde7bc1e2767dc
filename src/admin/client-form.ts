import { z } from 'zod'
import type { OperatorClientDraft } from '../clients/operator-client.ts'
import { randomId } from '../crypto/random.ts'
import { authorizationCode, clientCredentials, refreshToken } from '../oauth/grant-types.ts'
import { defaultScopes, type Resource } from '../resources/resource.ts'
import { linesOf } from './console.ts'

/** The three kinds of client an administrator adds by hand. */
export const clientKinds = {
  public: {
    label: 'An app or program that people use (no secret)',
    grantTypes: [authorizationCode, refreshToken],
    tokenEndpointAuthMethod: 'none',
  },
  confidential: {
    label: 'A server that people use (with a secret)',
    grantTypes: [authorizationCode, refreshToken],
    tokenEndpointAuthMethod: 'client_secret_basic',
  },
  machine: {
    label: 'A machine that acts for itself (with a secret)',
    grantTypes: [clientCredentials],
    tokenEndpointAuthMethod: 'client_secret_basic',
  },
} as const

/** The form of an operator's client, as typed. */
export interface ClientFields {
  readonly clientName: string
  readonly clientId: string
  readonly kind: string
  readonly redirectUris: string
  /** `<resource id>` or `<resource id> <scope>` of each ticked box. */
  readonly ceiling: readonly string[]
}

export const blankClient: ClientFields = { clientName: '', clientId: '', kind: 'public', redirectUris: '', ceiling: [] }

/** Reads the fields that the form has and no others (G21). */
export function readClientFields(form: URLSearchParams): ClientFields {
  const text = (name: string) => (form.get(name) ?? '').trim()
  return {
    clientName: text('client_name'),
    clientId: text('client_id'),
    kind: text('kind'),
    redirectUris: text('redirect_uris').replaceAll('\r\n', '\n'),
    ceiling: form.getAll('ceiling'),
  }
}

/** Checks the shape of the fields; what a client may be is decided by clients/. */
export const clientFieldsSchema = z.object({
  clientName: z.string().min(1, 'Give the client a name.').max(100, 'The name is longer than 100 characters.'),
  clientId: z.string().regex(/^[A-Za-z0-9._~-]{0,128}$/, 'The client id may hold letters, digits and . _ ~ - only.'),
  kind: z.enum(['public', 'confidential', 'machine'], 'Choose what kind of client it is.'),
  redirectUris: z.string().max(20_000, 'There are too many redirect addresses.').transform(linesOf),
  ceiling: z.array(z.string()).max(2000),
})

/**
 * Makes the draft of an operator's client.
 *
 * @returns the draft, or one sentence saying what is missing
 */
export function clientDraft(
  fields: z.output<typeof clientFieldsSchema>,
  resources: readonly Resource[],
): OperatorClientDraft | string {
  const { label: _, grantTypes, tokenEndpointAuthMethod } = clientKinds[fields.kind]
  const ceiling = ceilingOf(fields.ceiling, resources)
  const machine = fields.kind === 'machine'
  if (machine && ceiling.size === 0) return 'Choose what the machine may use: nobody is there to ask.'
  if (!machine && fields.redirectUris.length === 0) return 'Type at least one redirect address.'
  return {
    clientId: fields.clientId === '' ? randomId() : fields.clientId,
    clientName: fields.clientName,
    grantTypes,
    tokenEndpointAuthMethod,
    redirectUris: machine ? undefined : fields.redirectUris,
    // Nothing ticked for a client that people use: consent alone decides.
    resources: ceiling.size === 0 ? undefined : ceiling,
  }
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
