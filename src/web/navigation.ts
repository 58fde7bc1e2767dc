import type { Messages } from '../messages/messages.ts'
import type { IconName } from './icons.ts'

/** A page of ours that a person can be sent to after signing in, and that the navigation may list. */
export interface Destination {
  /** What a `return_to` begins with. */
  readonly name: keyof Messages['common']['areas']
  readonly path: string
  readonly icon: IconName
  readonly area: 'account' | 'admin'
}

/** An entry of the navigation as the layout shows it. */
export interface NavigationItem {
  readonly href: string
  readonly label: string
  readonly icon: IconName
  readonly current: boolean
  /** How much waits there; 0: nothing. */
  readonly count: number
}

/** Every own page that is listed or returned to; the order is that of the navigation. */
export const destinations: readonly Destination[] = [
  { name: 'connections', path: '/account/connections', icon: 'plug', area: 'account' },
  { name: 'security', path: '/account/security', icon: 'lock', area: 'account' },
  { name: 'sessions', path: '/account/sessions', icon: 'monitor', area: 'account' },
  { name: 'history', path: '/account/history', icon: 'clock', area: 'account' },
  { name: 'data', path: '/account/data', icon: 'download', area: 'account' },
  { name: 'console', path: '/admin', icon: 'house', area: 'admin' },
  { name: 'resources', path: '/admin/resources', icon: 'server', area: 'admin' },
  { name: 'clients', path: '/admin/clients', icon: 'app', area: 'admin' },
  { name: 'approvals', path: '/admin/approvals', icon: 'inbox', area: 'admin' },
  { name: 'people', path: '/admin/people', icon: 'users', area: 'admin' },
  { name: 'upstreams', path: '/admin/upstreams', icon: 'log-in', area: 'admin' },
  { name: 'consents', path: '/admin/consents', icon: 'circle-check', area: 'admin' },
  { name: 'audit', path: '/admin/audit', icon: 'scroll', area: 'admin' },
  { name: 'keys', path: '/admin/keys', icon: 'key', area: 'admin' },
  { name: 'diagnostics', path: '/admin/diagnostics', icon: 'activity', area: 'admin' },
  { name: 'settings', path: '/admin/settings', icon: 'settings', area: 'admin' },
]

// Ours: three steps of plain characters below a page, as in `people/Vx3k…/remove`. No dot, no percent, no empty step.
const deeper = /^(?:\/[\w-]{1,64}){0,3}$/

/**
 * The path of a `return_to`, or null when it is neither one of our names nor a page below one.
 * Names instead of addresses leave nothing to be clever with: `//evil`, `/\evil`, `%09//evil` are simply unknown (threat G26).
 */
export function returnPath(target: string | undefined | null): string | null {
  const name = target?.split('/', 1)[0]
  const rest = target?.slice(name?.length) ?? ''
  const path = destinations.find((destination) => destination.name === name)?.path
  return path === undefined || !deeper.test(rest) ? null : `${path}${rest}`
}

/** The `return_to` that leads to exactly this page, or to the nearest page above it that one can lead to; null: to none. */
export function returnTarget(path: string): string | null {
  const page = nearest(path)
  if (page === undefined) return null
  const rest = path.slice(page.path.length)
  return deeper.test(rest) ? `${page.name}${rest}` : page.name
}

/** The name under which a path is returned to after a sign-in: its own or that of the nearest page above it. */
export function returnName(path: string): string | null {
  return nearest(path)?.name ?? null
}

/** The entries of one area, with the one that is open marked. */
export function navigation(
  area: 'account' | 'admin',
  path: string,
  basePath: string,
  messages: Messages,
  badges: Readonly<Record<string, number>> = {},
): readonly NavigationItem[] {
  const open = nearest(path)
  return destinations
    .filter((destination) => destination.area === area)
    .map((destination) => ({
      href: `${basePath}${destination.path}`,
      icon: destination.icon,
      label: messages.common.areas[destination.name],
      current: destination === open,
      count: badges[destination.name] ?? 0,
    }))
}

function nearest(path: string): Destination | undefined {
  return destinations
    .filter((destination) => path === destination.path || path.startsWith(`${destination.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0]
}
