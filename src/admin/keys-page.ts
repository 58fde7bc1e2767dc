import { changesAt, type KeyAlg, type KeyPolicy, keyAlgs, type SigningKey } from '../keys/key.ts'
import type { RotationReport } from '../keys/rotate.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import type { RichValue } from '../web/rich.ts'

/** A key as a row. */
export interface KeyRow {
  readonly kid: string
  readonly state: SigningKey['state']
  readonly stateWords: string
  readonly made: Moment
  readonly plan: string
  readonly values: Readonly<Record<string, RichValue>>
  /** Its bar on the clock: hundredths of the width. */
  readonly bar: {
    readonly from: number
    readonly signsFrom: number
    readonly signsUntil: number
    readonly until: number
  }
}

/** The keys of one algorithm on one clock. */
export interface KeyGroup {
  readonly alg: KeyAlg
  readonly keys: readonly KeyRow[]
  /** Where now is on the clock. */
  readonly now: number
  readonly words: string
}

/** What the page shows. */
export interface KeysPage extends PageLocals {
  readonly groups: readonly KeyGroup[]
  readonly published: string
  readonly rotateText: string
  readonly confirm: string
  readonly done: readonly string[]
  readonly message: string | undefined
}

/** Facts of the page. */
export function keysPage(
  messages: Messages,
  format: Format,
  facts: {
    readonly keys: readonly SigningKey[]
    readonly policy: KeyPolicy
    readonly now: Date
    readonly jwksAddress: string
    readonly done: readonly Pick<RotationReport, 'alg' | 'outcome'>[]
    readonly fault: 'notConfirmed' | 'failed' | undefined
  },
): KeysPage {
  const { adminKeys: words } = messages
  const { policy, fault } = facts
  const word = words.replace.word
  return {
    title: words.heading,
    page: 'keys',
    area: 'admin',
    here: '/admin/keys',
    groups: keyAlgs.flatMap((alg) => {
      const keys = facts.keys.filter((key) => key.alg === alg)
      return keys.length === 0 ? [] : [groupOf(messages, format, alg, keys, policy, facts.now)]
    }),
    published: fill(words.published, { address: facts.jwksAddress }),
    rotateText: fill(words.rotate.text, {
      lead: format.duration(policy.publishLeadSeconds),
      every: format.duration(policy.rotationSeconds),
    }),
    confirm: fill(words.replace.confirm, { word }),
    done: facts.done.map(({ alg, outcome }) => fill(words.done[outcome], { alg })),
    message:
      fault === undefined ? undefined : fault === 'failed' ? words.failed : fill(words.replace.notConfirmed, { word }),
  }
}

const order = { current: 0, next: 1, retired: 2 } as const

function groupOf(
  messages: Messages,
  format: Format,
  alg: KeyAlg,
  keys: readonly SigningKey[],
  policy: KeyPolicy,
  now: Date,
): KeyGroup {
  const { adminKeys: words } = messages
  const next = keys.find((key) => key.state === 'next')
  // The clock shows what is near: two spans of an overlap before and after now. The life of a key would flatten it.
  const span = (policy.publishLeadSeconds + policy.retirementSeconds) * 1000
  const place = (at: Date): number =>
    Math.round(Math.min(100, Math.max(0, 50 + ((at.getTime() - now.getTime()) / span) * 50)) * 10) / 10
  return {
    alg,
    now: 50,
    words: fill(keys.length > 1 ? words.clockText.overlap : words.clockText.quiet, { alg }),
    keys: [...keys]
      .sort((one, other) => order[one.state] - order[other.state])
      .map((key) => {
        const takeover = key.state === 'current' && next !== undefined ? changesAt(next, policy) : undefined
        const at = takeover ?? changesAt(key, policy)
        const since = key.state === 'next' ? undefined : key.state === 'current' ? key.activatedAt : key.retiredAt
        const sentence = takeover === undefined ? words.plans[key.state] : words.plans.currentSoon
        const moment = format.dateTime(at)
        return {
          kid: key.kid,
          state: key.state,
          stateWords: words.states[key.state],
          made: format.dateTime(key.createdAt),
          plan: sentence,
          values: {
            moment: { tag: 'time', text: moment.words, datetime: moment.iso },
            relative: format.relative(at, now).words,
            since: since === undefined ? '' : format.dateTime(since).words,
          },
          bar: barOf(key, at, policy, place),
        }
      }),
  }
}

function barOf(key: SigningKey, at: Date, policy: KeyPolicy, place: (at: Date) => number): KeyRow['bar'] {
  const from = place(key.createdAt)
  const later = (start: Date, seconds: number) => new Date(start.getTime() + seconds * 1000)
  switch (key.state) {
    case 'next':
      return { from, signsFrom: place(at), signsUntil: 100, until: 100 }
    case 'current':
      return {
        from,
        signsFrom: place(key.activatedAt),
        signsUntil: place(at),
        until: place(later(at, policy.retirementSeconds)),
      }
    case 'retired':
      return { from, signsFrom: place(key.activatedAt), signsUntil: place(key.retiredAt), until: place(at) }
  }
}
