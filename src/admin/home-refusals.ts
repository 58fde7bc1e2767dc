import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import type { Resource } from '../resources/resource.ts'
import type { RefusalCount } from './overview/store.ts'

/** What a refusal is told as. */
export type RefusalCode = keyof Messages['adminHome']['refusals']['reasons']

/** Refusals of one reason. */
export interface ShownRefusal {
  readonly code: RefusalCode
  readonly count: number
  readonly title: string
  readonly todo: string
  readonly last: Moment
  /** Addresses of MCP servers that were asked for and are not known, most often asked for first. */
  readonly asked: readonly {
    readonly address: string
    /** The registered server on the same host, which this may be another spelling of. */
    readonly like: Resource | undefined
  }[]
}

const reasonOf: readonly (readonly [type: RegExp, error: RegExp, code: RefusalCode])[] = [
  [/^refresh\.reused$/, /./, 'reuse'],
  [/^code\.replayed$/, /./, 'replay'],
  [/^session\./, /./, 'signIn'],
  [/^client\.registration_refused$/, /./, 'registration'],
  [/./, /^invalid_target$/, 'unknownServer'],
  [/./, /^invalid_scope$/, 'wrongScope'],
  [/./, /^invalid_redirect_uri$/, 'wrongRedirect'],
  [/./, /^(?:invalid_client|unauthorized_client|unknown_client)$/, 'unknownClient'],
  [/^authorization/, /^access_denied$/, 'denied'],
  [/^authorization/, /^(?:already_answered|session_not_found|interaction_expired|login_required)$/, 'expired'],
  [/^authorization/, /./, 'authorization'],
  [/^token/, /^invalid_grant$/, 'grant'],
  [/./, /./, 'token'],
]

const mostAsked = 3

/** Groups refusals by what has to be done about them, the most frequent first. */
export function shownRefusals(
  messages: Messages,
  format: Format,
  counts: readonly RefusalCount[],
  resources: readonly Resource[],
  now: Date,
): readonly ShownRefusal[] {
  const groups = new Map<RefusalCode, RefusalCount[]>()
  for (const one of counts) {
    const error = typeof one.detail.error === 'string' ? one.detail.error : '-'
    const [, , code] = reasonOf.find(([type, pattern]) => type.test(one.type) && pattern.test(error)) ?? []
    const group = groups.get(code ?? 'token')
    if (group === undefined) groups.set(code ?? 'token', [one])
    else group.push(one)
  }
  return [...groups]
    .map(([code, ones]) => {
      const { title, todo } = messages.adminHome.refusals.reasons[code]
      const lastAt = Math.max(...ones.map((one) => one.lastAt.getTime()))
      return {
        code,
        title,
        todo,
        count: ones.reduce((sum, one) => sum + one.count, 0),
        last: format.relative(new Date(lastAt), now),
        asked: code === 'unknownServer' ? askedFor(ones, resources) : [],
      }
    })
    .sort((a, b) => b.count - a.count)
}

function askedFor(ones: readonly RefusalCount[], resources: readonly Resource[]): ShownRefusal['asked'] {
  const known = new Set(resources.flatMap(({ identifier, aliases }) => [identifier, ...aliases]))
  const addresses = [...ones]
    .sort((a, b) => b.count - a.count)
    .flatMap(({ resource }) => (resource === undefined ? [] : (canonicalResource(resource) ?? [])))
  return [...new Set(addresses)]
    .filter((address) => !known.has(address))
    .slice(0, mostAsked)
    .map((address) => {
      // The file's own cannot be given an alias here.
      const like = resources.find(
        ({ identifier, origin }) => origin === 'operator' && new URL(identifier).host === new URL(address).host,
      )
      return { address, like }
    })
}
