import { changesAt } from '../keys/key.ts'
import { signerOf } from '../keys/schedule.ts'
import type { Format } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { HomeFacts } from './home-page.ts'

type Tone = 'good' | 'care' | 'stop' | 'plain'

/** One thing that may be well or not. */
export interface HealthItem {
  readonly name: string
  readonly tone: Tone
  readonly words: string
}

// Ours: the job seals every five seconds; half a minute late means that it does not run.
const sealPatienceMilliseconds = 30_000
const hourMilliseconds = 3_600_000

/** How the server is, in the reader's language. */
export function healthOf(
  words: Messages['adminHome'],
  format: Format,
  { config, chain, keys, policy, databaseMilliseconds, refusals, now }: HomeFacts,
  counted: (types: readonly string[]) => number,
): readonly HealthItem[] {
  const { health } = words
  const key = signerOf(keys, 'ES256')
  const change = key && changesAt(key, policy)
  const isLate =
    chain.waitingSince !== undefined && now.getTime() - chain.waitingSince.getTime() > sealPatienceMilliseconds
  const alarm = (name: string, count: number, tone: Tone): HealthItem => ({
    name,
    tone: count === 0 ? 'good' : tone,
    words: format.number(count),
  })
  return [
    databaseMilliseconds === undefined
      ? { name: health.database, tone: 'stop', words: health.databaseFailed }
      : { name: health.database, tone: 'good', words: fill(health.databaseOk, { milliseconds: databaseMilliseconds }) },
    key === undefined || change === undefined
      ? { name: health.key, tone: 'stop', words: health.keyMissing }
      : change.getTime() + hourMilliseconds < now.getTime()
        ? { name: health.key, tone: 'stop', words: health.keyLate }
        : {
            name: health.key,
            tone: 'good',
            words: fill(health.keyOk, {
              since: format.relative(key.activatedAt, now).words,
              when: format.relative(change, now).words,
            }),
          },
    isLate && chain.waitingSince !== undefined
      ? {
          name: health.chain,
          tone: 'stop',
          words: fill(health.chainLate, { since: format.relative(chain.waitingSince, now).words }),
        }
      : {
          name: health.chain,
          tone: 'good',
          words: fill(health.chainOk, { position: format.number(chain.position) }),
        },
    { name: health.registration, tone: 'plain', words: health.registrations[config.registration] },
    { name: health.documents, tone: 'plain', words: health.documentModes[config.clientMetadataDocuments] },
    alarm(health.reuse, counted(['refresh.reused']), 'stop'),
    alarm(health.failedRegistrations, counted(['client.registration_refused']), 'care'),
    alarm(health.refusedServers, refusals.find(({ code }) => code === 'unknownServer')?.count ?? 0, 'care'),
  ]
}
