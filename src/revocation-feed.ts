import { refusalHeaders, refusalOfProgram } from './limits/door.ts'
import type { Limits } from './limits/limits.ts'
import { createClientAddress } from './net/client-ip.ts'
import { createRevocationAnswers, type RevocationAnswers } from './revocations/answer.ts'
import { createRevocationDocuments } from './revocations/document.ts'
import { createRevocationList } from './revocations/list.ts'
import { createRevocationStore } from './revocations/store.ts'
import type { Rooms } from './rooms.ts'

/** Joins what publishes the list of revocations: the rows, the keys of this moment, the limits, the front of the server. */
export function openRevocations(
  { clock, config, database, keys, logger }: Pick<Rooms, 'clock' | 'config' | 'database' | 'keys' | 'logger'>,
  limits: Limits,
  basePath: string,
): RevocationAnswers {
  const addressOf = createClientAddress(config.trustedProxies)
  const documents = createRevocationDocuments({
    issuer: config.issuer,
    list: createRevocationList(createRevocationStore(database), clock),
    clock,
    signingKey() {
      // The current one is the first of its kind.
      const key = keys.keyset().jwks.keys.find(({ alg }) => alg === 'ES256')
      if (key === undefined) throw new Error('there is no key to sign the list of revocations with')
      return key
    },
  })
  return createRevocationAnswers({
    documents,
    basePath,
    logger,
    async limit({ headers, socket }) {
      const forwardedFor = [headers['x-forwarded-for'] ?? []].flat().join()
      const address = addressOf(socket.remoteAddress ?? '', forwardedFor || undefined)
      const refusal = await limits.take('revocation_list', { address })
      if (refusal === null) return null
      return { headers: refusalHeaders(refusal), body: JSON.stringify(refusalOfProgram(refusal)) }
    },
  })
}
