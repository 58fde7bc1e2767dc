import type { Messages } from '../messages/messages.ts'
import type { IconName } from './icons.ts'

/** A page of ours that a person can be sent to after signing in, and that the navigation may list. */
export interface Destination {
  /** The only thing that a `return_to` may hold. */
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
}

/** Every own page that is listed or returned to; the order is that of the navigation. */
export const destinations: readonly Destination[] = [
  { name: 'connections', path: '/account/connections', icon: 'plug', area: 'account' },
  { name: 'security', path: '/account/security', icon: 'lock', area: 'account' },
  { name: 'sessions', path: '/account/sessions', icon: 'monitor', area: 'account' },
  { name: 'console', path: '/admin', icon: 'house', area: 'admin' },
  { name: 'resources', path: '/admin/resources', icon: 'server', area: 'admin' },
  { name: 'clients', path: '/admin/clients', icon: 'app', area: 'admin' },
  { name: 'consents', path: '/admin/consents', icon: 'circle-check', area: 'admin' },
  { name: 'audit', path: '/admin/audit', icon: 'scroll', area: 'admin' },
]

/**
 * The path of a `return_to`, or null when it is not one of our names.
 * Names instead of addresses leave nothing to be clever with: `//evil`, `/\evil`, `%09//evil` are simply unknown (threat G26).
 */
export function returnPath(name: string | undefined | null): string | null {
  return destinations.find((destination) => destination.name === name)?.path ?? null
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
): readonly NavigationItem[] {
  const open = nearest(path)
  return destinations
    .filter((destination) => destination.area === area)
    .map((destination) => ({
      href: `${basePath}${destination.path}`,
      icon: destination.icon,
      label: messages.common.areas[destination.name],
      current: destination === open,
    }))
}

function nearest(path: string): Destination | undefined {
  return destinations
    .filter((destination) => path === destination.path || path.startsWith(`${destination.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0]
}
