import { groupByRisk } from '../resources/scope-catalog.ts'
import type { PageLocals } from '../web/render.ts'
import type { Asked } from './asked.ts'
import { type ClientCard, clientCard, type Destination, destinationOf, redirectKind } from './client-card.ts'
import type { Permission } from './decision.ts'
import type { Reason } from './policy.ts'
import { dayWords, type Moment, reasonWords, riskWords } from './words.ts'

/** One permission as a row. */
export interface PermissionRow extends Permission {
  /** Of the checkbox, for its label. */
  readonly id: string
  readonly mark: 'required' | 'already allowed' | 'new' | undefined
}

/** Permissions of one risk class. */
export interface PermissionGroup {
  readonly risk: Permission['risk']
  readonly title: string
  readonly badge: string
  readonly tone: string
  readonly rows: readonly PermissionRow[]
}

/** Everything the consent page shows. */
export interface ConsentPage extends PageLocals {
  readonly action: string
  readonly switchAction: string
  readonly client: ClientCard
  readonly server: { readonly name: string; readonly address: string }
  readonly destination: Destination
  readonly person: { readonly name: string; readonly email: string }
  readonly reason: Reason | undefined
  readonly reasonText: string | undefined
  readonly diff: { readonly known: readonly string[]; readonly fresh: readonly string[] } | undefined
  readonly groups: readonly PermissionGroup[]
  readonly learnsWhoYouAre: boolean
  readonly mayStayConnected: boolean
  readonly firstSeen: Moment
}

/**
 * Makes the page from the stored interaction and the stores; nothing of it comes from a form or a query (G04, G24).
 *
 * @param basePath prefix of every own address
 */
export function consentPage(asked: Asked, basePath: string): ConsentPage {
  const { authorization, client, resource, account, permissions } = asked
  const card = clientCard(client, redirectKind(authorization.redirectUri))
  const path = `${basePath}/interaction/${encodeURIComponent(authorization.uid)}`
  const compared = asked.previous !== undefined
  return {
    title: `Allow ${card.claimedName} to use ${resource.name}?`,
    page: 'consent',
    action: `${path}/consent`,
    switchAction: `${path}/switch`,
    client: card,
    server: { name: resource.name, address: resource.identifier.replace(/^https?:\/\//, '') },
    destination: destinationOf(authorization.redirectUri, card),
    person: { name: account.name, email: account.email },
    reason: asked.reason ?? undefined,
    reasonText: asked.reason === null ? undefined : reasonWords[asked.reason],
    diff: compared ? diffOf(permissions) : undefined,
    groups: groupsOf(asked, compared),
    learnsWhoYouAre: authorization.identityScopes.includes('openid'),
    mayStayConnected: asked.mayRefresh,
    firstSeen: dayWords(client.createdAt),
  }
}

function diffOf(permissions: readonly Permission[]): ConsentPage['diff'] {
  const words = (known: boolean) =>
    permissions.filter((permission) => permission.known === known).map((permission) => permission.description)
  return { known: words(true), fresh: words(false) }
}

function groupsOf({ resource, permissions }: Asked, compared: boolean): readonly PermissionGroup[] {
  const byScope = new Map(
    permissions.map((permission, index) => [permission.scope, { ...permission, id: `scope-${index}` }]),
  )
  return groupByRisk(resource, byScope.keys()).map(({ risk, scopes }) => ({
    risk,
    ...riskWords[risk],
    rows: scopes.flatMap(({ name }) => {
      const row = byScope.get(name)
      return row === undefined ? [] : [{ ...row, mark: markOf(row, compared) }]
    }),
  }))
}

function markOf(permission: Permission, compared: boolean): PermissionRow['mark'] {
  if (compared && !permission.known) return 'new'
  if (permission.required) return 'required'
  return compared ? 'already allowed' : undefined
}
