import type { UpstreamTest } from '../federation/inspect.ts'
import { needsSecret, presets } from '../federation/presets.ts'
import { callbackOf } from '../federation/start.ts'
import type { Preset, Upstream } from '../federation/upstream.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import type { UpstreamFields } from './upstream-form.ts'

/** A test in words. */
export interface ShownTest {
  readonly light: UpstreamTest['light']
  readonly tone: string
  readonly icon: 'check' | 'alert' | 'x'
  readonly at: Moment
  readonly words: string
}

/** A line of the list. */
export interface UpstreamRow {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly issuer: string
  readonly enabled: boolean
  readonly setByFile: boolean
  readonly accounts: string
  readonly people: string
  readonly test: ShownTest | undefined
}

/** The list of upstreams. */
export interface UpstreamsPage extends PageLocals {
  readonly rows: readonly UpstreamRow[]
  readonly notice: string | undefined
  readonly passwordsOff: boolean
}

/** The choice of a kind. */
export interface ChoosePage extends PageLocals {
  readonly kinds: readonly { readonly preset: string; readonly name: string }[]
}

/** The form of an upstream, and for a stored one what is known of it. */
export interface UpstreamPage extends PageLocals {
  readonly upstream: Pick<Upstream, 'id' | 'name' | 'enabled'> | undefined
  readonly preset: Preset
  readonly kind: string
  readonly hint: string
  readonly readOnly: boolean
  readonly fields: UpstreamFields
  readonly faults: readonly string[]
  readonly notice: string | undefined
  readonly warning: string | undefined
  readonly callback: string
  readonly callbackNew: string | undefined
  /** False where the preset has one issuer only. */
  readonly hasIssuer: boolean
  /** The hint beside the secret. */
  readonly secret: string
  readonly usual: { readonly scopes: string; readonly groups: string; readonly claim: string }
  /** The hint beside tenants; undefined where the provider has none. */
  readonly tenants: string | undefined
  readonly test: ShownTest | undefined
}

const tones = { green: 'good', amber: 'care', red: 'stop' } as const
const icons = { green: 'check', amber: 'alert', red: 'x' } as const

/** The list. */
export function upstreamsPage(
  messages: Messages,
  format: Format,
  facts: {
    readonly upstreams: readonly Upstream[]
    readonly linked: ReadonlyMap<string, number>
    readonly testOf: (upstream: Upstream) => UpstreamTest | undefined
    readonly wasRemoved: boolean
    readonly passwords: boolean
    readonly now: Date
  },
): UpstreamsPage {
  const words = messages.upstreams
  return {
    title: words.list.heading,
    page: 'upstreams',
    area: 'admin',
    rows: facts.upstreams.map((upstream) => ({
      id: upstream.id,
      name: upstream.name,
      kind: words.presets[upstream.preset],
      issuer: upstream.issuer,
      enabled: upstream.enabled,
      setByFile: upstream.setByFile,
      accounts: upstream.rules.create ? words.list.made : words.list.linkedOnly,
      people: words.list.people(facts.linked.get(upstream.id) ?? 0),
      test: shownTest(messages, format, facts.testOf(upstream), facts.now),
    })),
    notice: facts.wasRemoved ? words.list.removed : undefined,
    passwordsOff: !facts.passwords,
  }
}

/** The choice of a kind. */
export function choosePage({ upstreams }: Messages): ChoosePage {
  return {
    title: upstreams.choose.heading,
    page: 'upstream-choose',
    area: 'admin',
    kinds: Object.entries(upstreams.presets).map(([preset, name]) => ({ preset, name })),
  }
}

/** The page of one upstream, new or stored. */
export function upstreamPage(
  { messages, format }: { readonly messages: Messages; readonly format: Format },
  given: {
    readonly upstream?: Upstream
    readonly preset: Preset
    readonly fields: UpstreamFields
    readonly faults?: readonly string[]
    readonly notice?: string | undefined
    readonly openToAll?: boolean
    readonly test?: UpstreamTest | undefined
    readonly issuer: string
    readonly now: Date
  },
): UpstreamPage {
  const { upstream, preset, fields, faults = [], notice, openToAll = false, test, issuer, now } = given
  const { form, presets: names, hints } = messages.upstreams
  const facts = presets[preset]
  const { tenantClaim } = facts
  return {
    title: upstream?.name ?? messages.upstreams.choose.heading,
    page: 'upstream',
    area: 'admin',
    upstream,
    preset,
    kind: names[preset],
    hint: hints[preset],
    readOnly: upstream?.setByFile === true,
    fields,
    faults,
    notice,
    warning: openToAll ? form.openToAll : undefined,
    callback: callbackOf(issuer, upstream?.id ?? (fields.id || preset)),
    callbackNew: upstream === undefined ? fill(form.callbackNew, { id: fields.id || preset }) : undefined,
    hasIssuer: facts.fixedIssuer === undefined,
    secret: upstream === undefined ? form.secretNew : hintOfSecret(form, upstream),
    usual: {
      scopes: fill(form.scopesHint, { usual: facts.scopes.join(' ') }),
      groups: fill(form.groupsHint, { claim: upstream?.rules.groupsClaim ?? facts.groupsClaim }),
      claim: fill(form.groupsClaimHint, { claim: facts.groupsClaim }),
    },
    tenants: tenantHints(form).get(tenantClaim),
    test: shownTest(messages, format, test, now),
  }
}

function hintOfSecret(form: Messages['upstreams']['form'], { clientSecret, preset }: Upstream): string {
  if (clientSecret !== undefined) return form.secretKept
  // Those kinds cannot do without one: it was there, and its key is gone.
  return needsSecret(preset) ? form.secretLost : form.secretNew
}

function tenantHints({ tenantsHints }: Messages['upstreams']['form']): ReadonlyMap<string | undefined, string> {
  return new Map(Object.entries(tenantsHints))
}

function shownTest(
  { upstreams }: Messages,
  format: Format,
  test: UpstreamTest | undefined,
  now: Date,
): ShownTest | undefined {
  return (
    test && {
      light: test.light,
      tone: tones[test.light],
      icon: icons[test.light],
      at: format.relative(test.at, now),
      words: fill(upstreams.findings[test.finding], test.values),
    }
  )
}
