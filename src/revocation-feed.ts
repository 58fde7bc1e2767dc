import { createRevocationAnswers, type RevocationAnswers } from './revocations/answer.ts'
import { createRevocationDocuments } from './revocations/document.ts'
import { createRevocationList } from './revocations/list.ts'
import { createRevocationStore } from './revocations/store.ts'
import type { Rooms } from './rooms.ts'

/** Joins what publishes the list of revocations: the rows, the keys of this moment, the front of the server. */
export function openRevocations(
  { clock, config, database, keys, logger }: Pick<Rooms, 'clock' | 'config' | 'database' | 'keys' | 'logger'>,
  basePath: string,
): RevocationAnswers {
  const list = createRevocationList(createRevocationStore(database), clock)
  const documents = createRevocationDocuments({
    issuer: config.issuer,
    list,
    clock,
    signingKey() {
      // The current one is the first of its kind.
      const key = keys.keyset().jwks.keys.find(({ alg }) => alg === 'ES256')
      if (key === undefined) throw new Error('there is no key to sign the list of revocations with')
      return key
    },
  })
  return createRevocationAnswers(documents, basePath, logger)
}
