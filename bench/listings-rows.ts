// The rows of a server that has been used for long: the same at every run, apart from the moment and the random part of ids.
import type { AuditRow } from '../src/audit/chain.ts'
import { createEventIds } from '../src/audit/event-id.ts'

/** How full a database becomes. */
export interface Fill {
  readonly clients: number
  readonly consents: number
  readonly events: number
}

/** Accounts that are there also where nothing else is. */
export const administrator = { id: 'bench-administrator', email: 'admin@bench.example', name: 'Administrator' } as const
/** Has 200 connections and a hundredth of all events. */
export const busyPerson = { id: 'bench-busy-person', email: 'busy@bench.example', name: 'Busy Person' } as const
/** How many consents that person has given. */
export const busyConsents = 200

/** In milliseconds. */
export const day = 86_400_000
const programs =
  'Claude Code,Cursor,Visual Studio Code,Windsurf,Zed,Goose,Cline,Continue,Warp,Raycast,LM Studio,Codex CLI'
const names = programs.split(',')
/** What is allowed, in turn. */
export const scopeSets = ['notes:read', 'notes:read notes:write', 'notes:delete notes:read notes:write'] as const
/** How many MCP servers there are. */
export const servers = 8

/** The identifier of one of the MCP servers. */
export const serverIdentifier = (index: number) => `https://mcp-${index % servers}.example/mcp`
/** Its id. */
export const serverId = (index: number) => `bench-server-${index % servers}`
/** Its time of registration goes up with the index. */
export const clientAt = (index: number, fill: Fill, now: number) =>
  now - 90 * day + Math.floor((index * 89 * day) / fill.clients)
/** A client whose id is that of its place; documents have an address for an id. */
export const clientId = (index: number) =>
  index % 20 === 18 ? `https://client-${index}.example/oauth.json` : `bench-client-${String(index).padStart(9, '0')}`
/** Every twentieth consent is for this client: a hosted one that most people use. */
export const popularClient = clientId(18)
/** Newest last. */
export const consentAt = (index: number, fill: Fill, now: number) =>
  now - 60 * day + Math.floor((index * 59 * day) / fill.consents)
/** Sorts like the index. */
export const consentId = (index: number) => `bench-consent-${String(index).padStart(9, '0')}`
/** Sorts like the index. */
export const personEmail = (index: number) => `p${String(index).padStart(7, '0')}@people.example`
/** How many people there are beside the two that are always there. */
export const peopleOf = (fill: Fill) => Math.floor(fill.consents / 5)
/** The request that an event belongs to. */
export const requestId = (index: number) => `bench-request-${String(index).padStart(8, '0')}`

/** Their ids. */
export const personId = (index: number) => `bench-person-${String(index).padStart(9, '0')}`

/** The audit book, oldest first, thirty days long. */
export function* eventsOf(fill: Fill, now: number): Generator<AuditRow> {
  const nextId = createEventIds()
  for (let index = 0; index < fill.events; index += 1) {
    const at = now - 30 * day + Math.floor((index * 30 * day) / fill.events)
    const type = eventType(index)
    const hasPerson = !type.endsWith('refused') && type !== 'client.registered'
    const account = index % 100 === 50 ? busyPerson.id : personId((index * 31) % Math.max(1, peopleOf(fill)))
    const client = index % 20 === 1 ? popularClient : clientId((index * 17) % Math.max(1, fill.clients))
    const hasServer = !type.startsWith('session') && !type.startsWith('client')
    yield {
      id: nextId(new Date(at)),
      at,
      type,
      actor: hasPerson ? `account:${account}` : 'system',
      account_id: hasPerson ? account : null,
      client_id: type.startsWith('session') ? null : client,
      resource: hasServer ? serverIdentifier(index) : null,
      grant_id: type.startsWith('token') ? `bench-grant-${index % Math.max(1, fill.consents)}` : null,
      address: `192.0.2.${index % 250}`,
      request_id: requestId(index),
      detail: detailOf(type, index),
    }
  }
}

// Three in five are copies of a few local programs that register at every start; the others have a name of their own,
// twenty share the id of their software.
/** The name that a client gives itself. */
export function nameOf(index: number): string {
  return index % 20 < 12 ? (names[index % 12] ?? '') : index % 20 === 19 ? 'Fleet Tool' : `Agent ${index}`
}

/** The software that it says it is. */
export function softwareOf(index: number): string | null {
  return index % 20 === 19 ? `com.example.tool-${Math.floor(index / 400)}` : null
}

/** Most are active. */
export function clientState(index: number): string {
  if (index % 97 === 1) return 'blocked'
  if (index % 101 === 1) return 'pending'
  return index % 53 === 1 ? 'removed' : 'active'
}

/** Seven clients in ten are used. */
export function consentClient(index: number, { clients }: Fill): string {
  if (index % 20 === 19) return popularClient
  const used = (index * 7919) % Math.max(1, Math.floor(clients * 0.7))
  return clientId(Math.floor(used / 7) * 10 + ([0, 2, 3, 5, 7, 8, 9][used % 7] ?? 0))
}

const types: readonly (readonly [number, string])[] = [
  [600, 'token.refreshed'],
  [750, 'token.issued'],
  [830, 'code.issued'],
  [880, 'session.signed_in'],
  [920, 'client.registered'],
  [950, 'consent.granted'],
  [970, 'token.refused'],
  [985, 'session.sign_in_refused'],
  [995, 'authorization.refused'],
  [999, 'client.registration_refused'],
  [1000, 'refresh.reused'],
]

function eventType(index: number): string {
  const place = (index * 379) % 1000
  return types.find(([below]) => place < below)?.[1] ?? 'token.refreshed'
}

function detailOf(type: string, index: number): string {
  const reasons = ['invalid_grant', 'invalid_client', 'invalid_target', 'invalid_scope']
  if (type.endsWith('refused')) {
    const error = reasons[index % 4] ?? ''
    return JSON.stringify(
      type.startsWith('session') ? { reason: 'wrong_password' } : { error, reason: `because-${index % 7}` },
    )
  }
  if (type.startsWith('token'))
    return JSON.stringify({ scopes: ['notes:read'], tokenId: `t${index}`, expiresAt: index })
  if (type === 'client.registered') return JSON.stringify({ origin: 'registered', clientName: nameOf(index) })
  return '{}'
}
