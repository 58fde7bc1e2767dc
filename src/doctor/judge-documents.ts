import { claimedMetadata } from '../resources/look.ts'
import { metadataUrls } from '../resources/protection.ts'
import { covers } from './authorization.ts'
import type { ClientProfile } from './clients.ts'
import { type Finding, found } from './finding.ts'
import { documentOf, leadsOn, membersOf, type ServerSeen, type Walk } from './walk.ts'
import { textsOf } from './wire.ts'

/** RFC 9728 §2 and §3: the document of the MCP server, as this client finds it. */
export function judgeDocuments({ server }: Walk, profile: ClientProfile): readonly Finding[] {
  if (!leadsOn(server)) return []
  const [own] = metadataUrls(server.address)
  const pointer = server.challenge.parameters?.get('resource_metadata')
  const taken = documentOf(profile, server)
  if (taken === undefined) {
    return [pointer === undefined ? found('no_document', { url: own }) : found('dead_pointer', { pointer, url: own })]
  }
  const url = taken.document.url
  const claims = claimedMetadata(membersOf(taken.document))
  if (claims === null) return [found('bad_document', { url })]
  return [
    ...ofResource(server, claims.resource, profile),
    ...ofServers(claims.authorization_servers ?? []),
    ...ofScopes(server, profile),
    ...ofPlaces(server, own),
  ]
}

function ofResource({ address }: ServerSeen, resource: string, profile: ClientProfile): readonly Finding[] {
  const values = { resource, address }
  if (resource === address) return []
  if (!covers(resource, address)) return [found('other_resource', values)]
  const [named, here] = [resource, address].map((one) => new URL(one).pathname.replace(/\/$/, ''))
  if (named === here) return [found('resource_spelling', values)]
  return [found(profile.resource === 'equal' ? 'resource_above_refused' : 'resource_above', values)]
}

function ofServers(servers: readonly string[]): readonly Finding[] {
  const [first] = servers
  return first === undefined || !URL.canParse(first) ? [found('no_server_named', { named: first ?? '–' })] : []
}

function ofScopes(server: ServerSeen, profile: ClientProfile): readonly Finding[] {
  const scopes = textsOf(membersOf(documentOf(profile, server)?.document), 'scopes_supported') ?? []
  const challenged = server.challenge.parameters?.get('scope') ?? ''
  // R8: whether tokens can be refreshed is no matter of the resource.
  if (scopes.includes('offline_access')) return [found('offline_in_document')]
  return scopes.length === 0 && challenged === '' ? [found('no_scopes')] : []
}

/** R2: clients differ in where they look. */
function ofPlaces({ documents }: ServerSeen, own: string): readonly Finding[] {
  const isAtPath = documents.some(({ place, document }) => place === 'path' && !('fault' in document))
  return isAtPath ? [] : [found('not_at_path', { url: own })]
}
