import { createDocumentSource } from './clients/metadata-document.ts'
import { judgeEntry } from './clients/registration-policy.ts'
import type { Limits } from './limits/limits.ts'
import { type ClientDocuments, createClientDocuments } from './provider/client-documents.ts'
import { createClientKeys } from './provider/client-keys.ts'
import { createDocumentTrouble } from './provider/document-trouble.ts'
import type { Rooms } from './rooms.ts'

/** Joins what reads client documents: the rule of who gets in, the way out, what is written down about trouble. */
export function openDocuments(rooms: Rooms, limits: Limits): ClientDocuments {
  const { audit, blockedHosts, clientDesk, clients, clock, egress, entryRule, logger } = rooms
  const source = createDocumentSource({
    ...entryRule.documents,
    guardedFetch: egress.documents,
    clock,
    stale: (clientId, cause) =>
      logger.warn({ clientId, err: cause }, 'client metadata document: the last good one answers'),
  })
  return createClientDocuments({
    ...rooms,
    source,
    fetchKeys: createClientKeys({ guardedFetch: egress.documents, isBlocked: blockedHosts.covers, clock }),
    clients,
    mayCome: (id, uri) =>
      judgeEntry({ id, origin: 'document', redirectUris: [uri], isInvited: false, isVouchedFor: false }, entryRule).ok,
    async upstreamHosts() {
      const upstreams = await rooms.federation.upstreams.store.enabled()
      return upstreams.map(({ issuer }) => URL.parse(issuer)?.host ?? '')
    },
    limits,
    trouble: createDocumentTrouble({ audit, logger }),
    endEverything: clientDesk.endEverything,
  })
}
