import type { Passkey } from '../../credentials/passkeys/passkey.ts'
import type { TotpSummary } from '../../credentials/totp/store.ts'
import type { Format } from '../../messages/format.ts'
import type { Messages } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import type { PageLocals } from '../../web/render.ts'
import type { ChangeFault } from '../change-password.ts'
import { passwordWords } from '../page.ts'

/** What was just done. */
export type SecurityDone = keyof Messages['factors']['security']['done']
/** Why a factor stays as it is. */
export type SecurityFault = keyof Messages['factors']['security']['faults']

/** What an account signs in with. */
export interface Holdings {
  readonly hasPassword: boolean
  readonly passkeys: readonly Passkey[]
  /** Whether there are other providers to sign in with. */
  readonly withUpstreams: boolean
  /** Whether this server can take passkeys at all. */
  readonly withPasskeys: boolean
  readonly app: TotpSummary | null
  readonly recovery: { readonly left: number; readonly madeAt: Date } | null
}

/** What the security page shows. */
export interface SecurityPage extends PageLocals {
  readonly done: string | undefined
  readonly state: { readonly isTwo: boolean; readonly words: string }
  readonly passkeys: {
    readonly text: string
    readonly canAdd: boolean
    readonly list: readonly { readonly id: string; readonly name: string; readonly facts: string }[]
  }
  readonly app: { readonly isSetUp: boolean; readonly words: string }
  readonly recovery: { readonly words: string; readonly canRenew: boolean; readonly isLow: boolean }
  readonly withUpstreams: boolean
  readonly hasPassword: boolean
  /** About the password. */
  readonly message: string | undefined
  readonly factorFault: string | undefined
  readonly faults: { readonly current?: string; readonly password?: string }
}

/** Facts of the security page. */
export function securityPage(
  messages: Messages,
  format: Format,
  holdings: Holdings,
  state: { readonly done?: SecurityDone; readonly fault?: ChangeFault; readonly factorFault?: SecurityFault } = {},
): SecurityPage {
  const { done, fault, factorFault } = state
  const { security } = messages.login
  const { security: words } = messages.factors
  const isTwo = holdings.app !== null || holdings.passkeys.length > 0
  return {
    title: security.heading,
    page: 'security',
    area: 'account',
    here: '/account/security',
    done: done && words.done[done],
    state: { isTwo, words: isTwo ? words.state.two : words.state.one },
    passkeys: passkeyFacts(messages, format, holdings),
    app: { isSetUp: holdings.app !== null, words: appWords(messages, format, holdings.app) },
    recovery: recoveryFacts(messages, format, holdings, isTwo),
    withUpstreams: holdings.withUpstreams,
    hasPassword: holdings.hasPassword,
    message: fault && security.refused,
    factorFault: factorFault && words.faults[factorFault],
    faults: {
      current: fault === 'wrong_current' ? security.wrongCurrent : undefined,
      password: fault === undefined || fault === 'wrong_current' ? undefined : passwordWords(messages, fault),
    },
  }
}

function passkeyFacts({ factors }: Messages, format: Format, { passkeys, withPasskeys }: Holdings) {
  const words = factors.security.passkeys
  return {
    text: withPasskeys ? (passkeys.length > 0 ? words.text : `${words.text} ${words.none}`) : words.impossible,
    canAdd: withPasskeys,
    list: passkeys.map(({ id, name, backedUp, createdAt, lastUsedAt }) => ({
      id,
      name,
      facts: [
        backedUp ? words.backedUp : words.oneDevice,
        fill(words.created, { date: format.date(createdAt).words }),
        lastUsedAt === undefined ? words.neverUsed : fill(words.lastUsed, { date: format.date(lastUsedAt).words }),
      ].join(' · '),
    })),
  }
}

function appWords({ factors }: Messages, format: Format, app: TotpSummary | null): string {
  const words = factors.security.app
  if (app === null) return words.none
  const { createdAt, lastUsedAt } = app
  const used =
    lastUsedAt === undefined ? words.neverUsed : fill(words.lastUsed, { date: format.date(lastUsedAt).words })
  return fill(words.since, { date: format.date(createdAt).words, used })
}

// Ours: three are left when it is time for new ones.
const fewCodes = 3

function recoveryFacts({ factors }: Messages, format: Format, { recovery }: Holdings, isTwo: boolean) {
  const words = factors.security.recovery
  if (recovery === null) return { words: words.none, canRenew: isTwo, isLow: false }
  const made = fill(words.made, { date: format.date(recovery.madeAt).words })
  return { words: `${words.left(recovery.left)} ${made}`, canRenew: isTwo, isLow: recovery.left <= fewCodes }
}
