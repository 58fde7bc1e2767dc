import type { Messages } from '../messages/messages.ts'
import { tokenLifetimeSeconds } from '../resources/check.ts'
import {
  accesses,
  type ResourceDraft,
  risks,
  type ScopeDraft,
  secondFactorDemands,
  signingAlgs,
} from '../resources/resource.ts'
import { linesOf } from './console.ts'

/** One scope as typed. */
export interface ScopeFields {
  readonly name: string
  readonly description: string
  readonly risk: string
  readonly isDefault: boolean
  /** Names, separated by spaces. */
  readonly tools: string
}

/** The form of an MCP server, as typed; shown again when something is wrong. */
export interface ResourceFields {
  readonly identifier: string
  readonly name: string
  readonly aliases: string
  readonly tokenLifetimeSeconds: string
  readonly signingAlg: string
  readonly access: string
  /** E-mail addresses, one a line. */
  readonly people: string
  readonly secondFactor: string
  readonly scopes: readonly ScopeFields[]
}

/** Choices of the form. */
export const resourceChoices = { risks, signingAlgs, accesses, secondFactorDemands, lifetime: tokenLifetimeSeconds }

const blankScope: ScopeFields = { name: '', description: '', risk: 'read', isDefault: false, tools: '' }
// Without script rows cannot be added on the page: some are always empty at the end, and a button brings more.
const spareRows = 3
const mostRows = 120
const mostCharacters = 50_000

/** The form of a draft: a proposal, a stored resource, nothing. */
export function fieldsOf(draft: Partial<ResourceDraft>, people: readonly string[] = []): ResourceFields {
  return withSpareRows({
    identifier: draft.identifier ?? '',
    name: draft.name ?? '',
    aliases: (draft.aliases ?? []).join('\n'),
    tokenLifetimeSeconds: String(draft.tokenLifetimeSeconds ?? tokenLifetimeSeconds.usual),
    signingAlg: draft.signingAlg ?? 'ES256',
    access: draft.access ?? 'everyone',
    people: people.join('\n'),
    secondFactor: draft.secondFactor ?? 'never',
    scopes: (draft.scopes ?? []).map(toFields),
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
      tools: text(`scope_${row}_tools`),
    }
    if (isFilled(scope)) scopes.push(scope)
  }
  return withSpareRows({
    identifier: text('identifier'),
    name: text('name'),
    aliases: text('aliases').replaceAll('\r\n', '\n'),
    tokenLifetimeSeconds: text('token_lifetime_seconds'),
    signingAlg: text('signing_alg'),
    access: text('access'),
    people: text('people').replaceAll('\r\n', '\n'),
    secondFactor: text('second_factor'),
    scopes,
  })
}

/** The same form with more empty rows. */
export function withMoreRows(fields: ResourceFields): ResourceFields {
  return withSpareRows(fields, spareRows + 5)
}

/**
 * Turns typed fields into a draft; what a resource may be is decided by resources/.
 *
 * @returns the draft and the e-mail addresses of its list, or every fault of form in the reader's words
 */
export function draftOf(
  fields: ResourceFields,
  words: Messages['adminResources']['form']['faults'],
):
  | { readonly ok: true; readonly draft: ResourceDraft; readonly people: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] } {
  const faults: string[] = []
  const scopes = fields.scopes.filter(isFilled)
  if (fields.identifier === '') faults.push(words.no_address)
  if (Object.values(fields).some((value) => value.length > mostCharacters)) faults.push(words.too_long)
  if (!/^\d{1,6}$/.test(fields.tokenLifetimeSeconds)) faults.push(words.lifetime)
  if (scopes.some(({ risk }) => !risks.some((known) => known === risk))) faults.push(words.wrong_risk)
  if (faults.length > 0) return { ok: false, faults }
  const { identifier, name, signingAlg, access, secondFactor } = fields
  return {
    ok: true,
    draft: {
      identifier,
      name,
      aliases: linesOf(fields.aliases),
      tokenLifetimeSeconds: Number(fields.tokenLifetimeSeconds),
      signingAlg,
      access: access === '' ? undefined : access,
      secondFactor: secondFactor === '' ? undefined : secondFactor,
      scopes: scopes.map((scope) => ({ ...scope, tools: scope.tools.split(/\s+/).filter((tool) => tool !== '') })),
    },
    people: access === 'listed' ? linesOf(fields.people) : [],
  }
}

function toFields({ name, description, risk = 'write', isDefault = false, tools = [] }: ScopeDraft): ScopeFields {
  return { name, description, risk, isDefault, tools: tools.join(' ') }
}

function isFilled(scope: ScopeFields): boolean {
  return scope.name !== '' || scope.description !== '' || scope.tools !== ''
}

function withSpareRows(fields: ResourceFields, spare = spareRows): ResourceFields {
  const filled = fields.scopes.filter(isFilled)
  const room = Math.max(0, Math.min(spare, mostRows - filled.length))
  return { ...fields, scopes: [...filled, ...Array.from({ length: room }, () => blankScope)] }
}
