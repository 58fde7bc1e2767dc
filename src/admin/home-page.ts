import type { Config } from '../config/config.ts'
import { version } from '../config/version.ts'
import { changesAt, type KeyPolicy, type SigningKey } from '../keys/key.ts'
import { signerOf } from '../keys/schedule.ts'
import type { Format } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { Light } from '../resources/judge.ts'
import type { Resource } from '../resources/resource.ts'
import type { PageLocals } from '../web/render.ts'
import type { FeedLine } from './home-feed.ts'
import { type HealthItem, healthOf } from './home-health.ts'
import { addressesOf, type ClientHint, type CopyableText, hintsOf } from './home-hints.ts'
import type { ShownRefusal } from './home-refusals.ts'
import { type HourCount, windowSize } from './overview/store.ts'

/** What the home page is made from. */
export interface HomeFacts {
  readonly config: Config
  readonly resources: readonly Resource[]
  readonly chosen: Resource | undefined
  readonly light: Light | undefined
  readonly hasClient: boolean
  readonly hasConsent: boolean
  readonly hours: readonly HourCount[]
  readonly connections: { readonly count: number; readonly people: number; readonly clients: number }
  readonly chain: { readonly position: number; readonly waitingSince: Date | undefined }
  readonly keys: readonly SigningKey[]
  readonly policy: KeyPolicy
  /** Undefined: it did not answer. */
  readonly databaseMilliseconds: number | undefined
  readonly refusals: readonly ShownRefusal[]
  readonly feed: readonly FeedLine[]
  readonly now: Date
}

interface Step {
  readonly done: boolean
  readonly title: string
  readonly text: string
  readonly act: { readonly href: string; readonly words: string } | undefined
}

/** The home page. */
export interface HomePage extends PageLocals {
  readonly heading: string
  readonly lead: { readonly issuer: string; readonly database: string; readonly version: string }
  readonly tokens: { readonly count: string; readonly bars: readonly Bar[]; readonly words: string }
  readonly connections: { readonly count: string; readonly people: string; readonly clients: string }
  readonly refused: { readonly count: string; readonly isAny: boolean; readonly first: readonly string[] }
  readonly reuse: { readonly count: string; readonly isAny: boolean }
  readonly key: { readonly words: string; readonly change: string | undefined }
  readonly health: readonly HealthItem[]
  readonly steps: readonly Step[]
  readonly isConnected: boolean
  readonly resources: readonly Resource[]
  readonly chosen: Resource | undefined
  readonly addresses: readonly CopyableText[]
  readonly hints: readonly ClientHint[]
  readonly refusals: readonly ShownRefusal[]
  readonly feed: readonly FeedLine[]
  readonly beat: number
}

interface Bar {
  readonly x: number
  readonly y: number
  readonly height: number
}

/** Token events, the refusals that the page counts, and what is alarming among them. */
export const tokenTypes: readonly string[] = ['token.issued', 'token.refreshed', 'token.refresh_grace']
export const refusalTypes: readonly string[] = [
  'authorization.refused',
  'token.refused',
  'client.registration_refused',
  'session.sign_in_refused',
  'refresh.reused',
  'code.replayed',
]

// Names of products are the same in every language.
const databaseNames = { sqlite: 'SQLite', postgresql: 'PostgreSQL' } as const

const hourMilliseconds = 3_600_000

/** Makes the home page in the reader's language. */
export function homePage(messages: Messages, format: Format, facts: HomeFacts): HomePage {
  const words = messages.adminHome
  const { config, chosen, hours, connections, now } = facts
  const counted = (types: readonly string[]) =>
    hours.filter(({ type }) => types.includes(type)).reduce((sum, { count }) => sum + count, 0)
  // A full window may have pushed older events of the day out: the count is a lower bound then, and says so.
  const isFull = hours.reduce((sum, { count }) => sum + count, 0) >= windowSize
  const shown = (count: number) =>
    isFull ? fill(words.atLeast, { count: format.number(count) }) : format.number(count)
  const steps = stepsOf(words, facts)
  const health = healthOf(words, format, facts, counted)
  const isConnected = steps.every(({ done }) => done)
  const isIll = health.some(({ tone }) => tone === 'stop')
  const perHour = byHour(hours, now)
  const key = signerOf(facts.keys, 'ES256')
  return {
    title: words.title,
    page: 'home',
    area: 'admin',
    heading: isIll ? words.attention : isConnected ? words.ready : words.begin,
    lead: { issuer: config.issuer, database: databaseNames[config.database.kind], version },
    tokens: {
      count: shown(counted(tokenTypes)),
      bars: barsOf(perHour),
      words: fill(words.cards.tokensChart, { counts: perHour.join(', ') }),
    },
    connections: {
      count: format.number(connections.count),
      people: words.cards.people(connections.people),
      clients: words.cards.clients(connections.clients),
    },
    refused: {
      count: shown(counted(refusalTypes)),
      isAny: counted(refusalTypes) > 0,
      first: facts.refusals.slice(0, 2).map(({ count, title }) => `${format.number(count)} × ${title}`),
    },
    reuse: { count: shown(counted(['refresh.reused'])), isAny: counted(['refresh.reused']) > 0 },
    key:
      key === undefined
        ? { words: words.cards.keyNone, change: undefined }
        : {
            words: format.duration(wholeSpan(now.getTime() - key.activatedAt.getTime())),
            change: fill(words.cards.keyChange, { when: format.relative(changesAt(key, facts.policy), now).words }),
          },
    health,
    steps,
    isConnected,
    resources: facts.resources,
    chosen,
    addresses: addressesOf(words, config.issuer, chosen),
    hints: chosen === undefined ? [] : hintsOf(words, chosen),
    refusals: facts.refusals,
    feed: facts.feed,
    beat: 0,
  }
}

function stepsOf(words: Messages['adminHome'], { chosen, light, hasClient, hasConsent }: HomeFacts): readonly Step[] {
  const { steps } = words
  const server = chosen?.name ?? ''
  const step = (done: boolean, title: string, text: string, doneText: string, act?: Step['act']): Step => ({
    done,
    title,
    text: done ? doneText : text,
    act: done ? undefined : act,
  })
  // A client that got a token has come by the server's own words: better proof than a test.
  const points = light === 'green' || hasConsent
  return [
    step(chosen !== undefined, steps.server, steps.serverText, fill(steps.serverDone, { server }), {
      href: '/admin/resources/new',
      words: steps.serverAdd,
    }),
    step(
      points && chosen !== undefined,
      steps.points,
      steps.pointsText,
      fill(steps.pointsDone, { server }),
      chosen && { href: `/admin/resources/${chosen.id}#test`, words: steps.pointsTest },
    ),
    step(hasClient, steps.connect, steps.connectText, steps.connectDone),
    step(hasConsent, steps.allow, steps.allowText, steps.allowDone),
  ]
}

function byHour(hours: readonly HourCount[], now: Date): readonly number[] {
  const last = Math.floor(now.getTime() / hourMilliseconds)
  return Array.from({ length: 24 }, (_, index) => {
    const hour = last - 23 + index
    return hours
      .filter((one) => one.hour === hour && tokenTypes.includes(one.type))
      .reduce((sum, { count }) => sum + count, 0)
  })
}

/** Bars in a box of 120 by 32; an hour without tokens keeps a line of one. */
function barsOf(perHour: readonly number[]): readonly Bar[] {
  const most = Math.max(1, ...perHour)
  return perHour.map((count, index) => {
    const height = count === 0 ? 1 : Math.max(2, Math.round((count / most) * 32))
    return { x: index * 5, y: 32 - height, height }
  })
}

/** Whole days, hours or minutes, whichever is the largest that fits, in seconds. */
function wholeSpan(milliseconds: number): number {
  const seconds = Math.max(60, Math.floor(milliseconds / 1000))
  const unit = [86_400, 3600, 60].find((one) => seconds >= one) ?? 60
  return Math.floor(seconds / unit) * unit
}
