import type { Messages } from '../messages/messages.ts'
import { groupByRisk } from '../resources/scope-catalog.ts'
import type { Asked } from './asked.ts'
import type { Permission } from './decision.ts'

/** One permission as a row. */
export interface PermissionRow extends Permission {
  /** Of the checkbox, for its label. */
  readonly id: string
  readonly mark: { readonly tone: 'plain' | 'care'; readonly words: string } | undefined
  /** Why it is locked, or that it is new. */
  readonly hint: string | undefined
  /** What a row unfolds to, in a few words. */
  readonly opens: string
}

/** Permissions of one risk class. */
export interface PermissionGroup {
  readonly risk: Permission['risk']
  readonly title: string
  /** Undefined for what only reads. */
  readonly badge: { readonly tone: 'plain' | 'stop'; readonly words: string } | undefined
  /** What the class means, where a row unfolds. */
  readonly means: string
  readonly rows: readonly PermissionRow[]
}

/**
 * The permissions of a page, gravest first.
 *
 * @param ticked what the person had ticked on a form that comes back; undefined: the page's own proposal
 */
export function permissionGroups(
  { resource, permissions, previous }: Asked,
  { consent: { permissions: words } }: Messages,
  ticked?: readonly string[],
): readonly PermissionGroup[] {
  const isCompared = previous !== undefined
  const rows = new Map(permissions.map((permission, index) => [permission.scope, { permission, id: `scope-${index}` }]))

  function rowOf({ permission, id }: { permission: Permission; id: string }): PermissionRow {
    const isNew = isCompared && !permission.known
    const mark = isNew
      ? ({ tone: 'care', words: words.new } as const)
      : permission.required
        ? ({ tone: 'plain', words: words.required } as const)
        : isCompared
          ? ({ tone: 'plain', words: words.allowed } as const)
          : undefined
    return {
      ...permission,
      id,
      ticked: permission.required || (ticked?.includes(permission.scope) ?? permission.ticked),
      mark,
      hint: permission.required ? words.requiredWhy : isNew ? words.newWhy : undefined,
      opens: permission.tools.length === 0 ? words.raw : words.opens(permission.tools.length),
    }
  }

  return groupByRisk(resource, rows.keys()).map(({ risk, scopes }) => {
    const { title, badge, means } = words.risks[risk]
    return {
      risk,
      title,
      badge: risk === 'read' ? undefined : { tone: risk === 'destructive' ? 'stop' : 'plain', words: badge },
      means,
      rows: scopes.flatMap(({ name }) => {
        const row = rows.get(name)
        return row === undefined ? [] : [rowOf(row)]
      }),
    }
  })
}
