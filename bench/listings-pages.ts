// The pages that list: where they are, on an empty server and on a full one.
import { firstIdAt } from '../src/audit/event-id.ts'
import {
  busyPerson,
  clientAt,
  clientId,
  consentAt,
  consentId,
  type Fill,
  peopleOf,
  personEmail,
  popularClient,
  requestId,
  serverId,
  serverIdentifier,
} from './listings-rows.ts'

/** A page that is measured. */
export interface ListingPage {
  readonly name: string
  readonly path: string
  readonly by: 'administrator' | 'person'
}

/**
 * Every listing page for a database with this fill. “Half way” begins in the middle of the list, after a row, as the link
 * to the next page does.
 *
 * @param eventId an event that is there
 */
export function pagesOf(fill: Fill, now: number, eventId: string): readonly ListingPage[] {
  const client = fill.clients > 0 ? popularClient : 'machine'
  const middle = { client: Math.floor(fill.clients / 2), consent: Math.floor(fill.consents / 2) }
  const clients = page('/admin/clients')
  const consents = page('/admin/consents')
  const people = page('/admin/people')
  const audit = page('/admin/audit')
  const single = page('')
  const clientPlace = `${clientAt(middle.client, fill, now)} ${clientId(middle.client)}`
  const consentPlace = `${consentAt(middle.consent, fill, now)}.${consentId(middle.consent)}`
  const today = new Date(now - 86_400_000).toISOString().slice(0, 10)
  return [
    single('home', {}, '/admin'),
    single('home: the feed alone', {}, '/admin/feed'),
    clients('clients', {}),
    clients('clients: half way', { after: clientPlace }),
    clients('clients: search, many found', { q: 'agent' }),
    clients('clients: search, one found', { q: `agent ${middle.client + 12 + (20 - (middle.client % 20))}` }),
    clients('clients: search, none found', { q: 'nobody is called this' }),
    clients('clients: documents', { origin: 'document' }),
    clients('clients: blocked', { state: 'blocked' }),
    clients('clients: never used', { unused: 'yes' }),
    clients('clients: a folded program opened', { q: 'zed', open: newestNamed(fill, 4) }),
    single('one client', { id: client }, '/admin/clients/show'),
    single('clients: clean-up, preview', { unused_hours: '24', idle_days: '90' }, '/admin/clients/clean-up'),
    single('approvals', {}, '/admin/approvals'),
    people('people', {}),
    people('people: half way', { after: personEmail(Math.floor(peopleOf(fill) / 2)) }),
    people('people: search', { q: 'number 12' }),
    people('people: invited', { kind: 'invited' }),
    single('one person', {}, `/admin/people/${busyPerson.id}`),
    consents('consents', {}),
    consents('consents: half way', { after: consentPlace }),
    consents('consents: person', { account: busyPerson.email }),
    consents('consents: client', { client }),
    consents('consents: server', { server: serverId(3) }),
    consents('consents: permission', { scope: 'notes:write' }),
    consents('consents: permission that nobody has', { scope: 'nothing' }),
    consents('consents: withdrawn too', { revoked: 'yes' }),
    consents('consents: person, client, server', { account: busyPerson.email, client, server: serverId(3) }),
    audit('audit', {}),
    audit('audit: half way', { before: firstIdAt(new Date(now - 15 * 86_400_000)) }),
    audit('audit: frequent type', { type: 'token.refreshed' }),
    audit('audit: rare type', { type: 'refresh.reused' }),
    audit('audit: person', { account: busyPerson.id }),
    audit('audit: client', { client }),
    audit('audit: server', { server: serverIdentifier(3) }),
    audit('audit: person and rare type', { account: busyPerson.id, type: 'refresh.reused' }),
    audit('audit: server and type, one day', { server: serverIdentifier(3), type: 'token.refused', since: today }),
    audit('audit: request, oldest', { request: requestId(5) }),
    single('audit: one event', {}, `/admin/audit/events/${eventId}`),
    { ...single('own connections', {}, '/account/connections'), by: 'person' },
    { ...single('own history', {}, '/account/history'), by: 'person' },
  ]
}

function page(base: string) {
  return (name: string, query: Readonly<Record<string, string>>, path = base): ListingPage => {
    const search = new URLSearchParams(query).toString()
    return { name, path: search === '' ? path : `${path}?${search}`, by: 'administrator' }
  }
}

/** The newest client with one of the names that many have. */
function newestNamed({ clients }: Fill, name: number): string {
  for (let index = clients - 1; index >= 0; index -= 1) {
    const isActive = index % 97 !== 1 && index % 101 !== 1 && index % 53 !== 1
    if (index % 20 < 12 && index % 12 === name && isActive) return clientId(index)
  }
  return 'none'
}
