import { type AskingClient, identityOf } from '../consent/client-card.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import { thisComputer } from '../net/coarse-address.ts'
import type { Resource } from '../resources/resource.ts'
import { readDevice } from '../web/device.ts'
import type { IconName } from '../web/icons.ts'

/** A client as these pages name it. */
export interface ClientWords {
  /** In quotes when it is only its own claim (D10). */
  readonly name: string
  readonly initial: string
  readonly badge: { readonly tone: 'good' | 'care' | 'plain'; readonly icon: IconName; readonly text: string }
}

/** Names a client: a proven host or an administrator's word stands as it is, anything else is a claim in quotes. */
export function clientWords(messages: Messages, clientId: string, client: AskingClient | undefined): ClientWords {
  const { identities } = messages.me
  const claim = (text: string) => fill(messages.common.quote, { text })
  if (client === undefined) {
    return { name: claim(clientId), initial: '?', badge: { tone: 'plain', icon: 'ban', text: identities.removed } }
  }
  const initial = [...client.claimedName.trim()][0]?.toUpperCase() ?? '?'
  switch (identityOf(client, 'https')) {
    case 'domain-proven':
      return {
        name: client.claimedName,
        initial,
        badge: { tone: 'good', icon: 'shield', text: client.provenHost ?? '' },
      }
    case 'operator':
      return { name: client.claimedName, initial, badge: { tone: 'good', icon: 'check', text: identities.operator } }
    default:
      return {
        name: claim(client.claimedName),
        initial,
        badge: { tone: 'care', icon: 'alert', text: identities.unverified },
      }
  }
}

/** Where an installation sits, by the redirect host of its consent. */
export function placeWords({ me }: Messages, host: string | undefined): string {
  if (host === undefined) return me.places.unknown
  if (host === 'loopback') return me.places.loopback
  return host.endsWith(':') ? fill(me.places.app, { scheme: host }) : host
}

/** A coarse address in words; undefined when none is known. */
export function networkWords({ me }: Messages, address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  return address === thisComputer ? me.thisComputer : fill(me.network, { network: address })
}

/** A stored device in words: `Firefox on Windows`. */
export function deviceWords({ me }: Messages, stored: string | undefined): string {
  const { browser, system } = readDevice(stored)
  if (browser !== undefined && system !== undefined) return fill(me.device, { browser, system })
  return browser ?? system ?? me.unknownDevice
}

/** An MCP server's name; of one that is gone the address that it had. */
export function serverWords({ me }: Messages, identifier: string | undefined, resources: readonly Resource[]): string {
  const known = resources.find((resource) => resource.identifier === identifier)
  return known?.name ?? identifier?.replace(/^https?:\/\//, '') ?? me.removedServer
}
