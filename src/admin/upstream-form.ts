import type { UpstreamDraft } from '../federation/check.ts'
import { impliedIssuer, presets, usualScopes } from '../federation/presets.ts'
import type { Preset, Upstream } from '../federation/upstream.ts'
import { linesOf } from './console.ts'

/** The form of an upstream, as typed; shown again when something is wrong. The secret is never shown again. */
export interface UpstreamFields {
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Separated by spaces. */
  readonly scopes: string
  readonly create: boolean
  /** One a line, as the other lists. */
  readonly tenants: string
  readonly domains: string
  readonly groups: string
  readonly adminGroups: string
  readonly groupsClaim: string
  readonly trustsEmail: boolean
  readonly keepTokensFor: string
}

/** An empty form for one kind of provider. @param id proposed, and free */
export function emptyFields(id: string, name: string): UpstreamFields {
  const text = ''
  return {
    ...{ id, name, issuer: text, clientId: text, scopes: text, tenants: text, domains: text, groups: text },
    ...{ create: false, adminGroups: text, groupsClaim: text, trustsEmail: false, keepTokensFor: text },
  }
}

/** The form of a stored one. What the preset knows by itself is left empty, so that it goes on following the preset. */
export function fieldsOf(upstream: Upstream): UpstreamFields {
  const { id, name, clientId, keepTokensFor, preset, rules } = upstream
  const scopes = upstream.scopes.join(' ')
  return {
    id,
    name,
    issuer: upstream.issuer === impliedIssuer(preset, rules.tenants) ? '' : upstream.issuer,
    clientId,
    scopes: scopes === usualScopes(preset, rules).join(' ') ? '' : scopes,
    create: rules.create,
    tenants: rules.tenants.join('\n'),
    domains: rules.domains.join('\n'),
    groups: rules.groups.join('\n'),
    adminGroups: rules.adminGroups.join('\n'),
    groupsClaim: rules.groupsClaim ?? '',
    trustsEmail: rules.trustsEmail,
    keepTokensFor: keepTokensFor.join('\n'),
  }
}

/** Reads the fields that the form has and no others: what else was posted does not exist (G21). */
export function readUpstreamFields(form: URLSearchParams): UpstreamFields {
  // Ours: more than the longest list, far below what a form may hold.
  const text = (name: string) => (form.get(name) ?? '').trim().replaceAll('\r\n', '\n').slice(0, 20_000)
  return {
    id: text('id'),
    name: text('name'),
    issuer: text('issuer'),
    clientId: text('client_id'),
    scopes: text('scopes'),
    create: form.has('create'),
    tenants: text('tenants'),
    domains: text('domains'),
    groups: text('groups'),
    adminGroups: text('admin_groups'),
    groupsClaim: text('groups_claim'),
    trustsEmail: form.has('trusts_email'),
    keepTokensFor: text('keep_tokens_for'),
  }
}

/**
 * The typed fields as a draft; what an upstream may be is decided by federation/.
 *
 * @param secret undefined: none was typed
 */
export function draftOf(
  fields: UpstreamFields,
  preset: string,
  secret: string | undefined,
  enabled: boolean,
): UpstreamDraft {
  const scopes = fields.scopes.split(/\s+/).filter((scope) => scope !== '')
  return {
    id: fields.id,
    preset,
    name: fields.name,
    issuer: fields.issuer,
    clientId: fields.clientId,
    clientSecret: secret,
    scopes,
    enabled,
    keepTokensFor: linesOf(fields.keepTokensFor),
    rules: {
      create: fields.create,
      tenants: linesOf(fields.tenants),
      domains: linesOf(fields.domains),
      groupsClaim: fields.groupsClaim,
      groups: linesOf(fields.groups),
      adminGroups: linesOf(fields.adminGroups),
      trustsEmail: fields.trustsEmail,
    },
  }
}

/** Is this a kind of provider that is known? */
export function isPreset(text: string | null): text is Preset {
  return text !== null && Object.hasOwn(presets, text)
}
