import type { Account } from '../../accounts/account.ts'
import { seedWords } from '../../credentials/totp/totp.ts'
import type { Messages } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import type { PageLocals } from '../../web/render.ts'
import type { NextStep } from '../next-step.ts'
import type { Enrolment } from './enrol.ts'

/** Why a factor was not taken. */
export type ProveFault = keyof Messages['factors']['prove']['faults']

/** What the page of the next factor shows. */
export interface ProvePage extends PageLocals {
  readonly action: string
  readonly text: string
  readonly code: { readonly label: string; readonly hint: string; readonly isRecovery: boolean } | undefined
  /** Options for the browser, as JSON text. */
  readonly passkey: string | undefined
  readonly note: string | undefined
  readonly other: { readonly href: string; readonly words: string } | undefined
  readonly isAuthorization: boolean
  readonly message: string | undefined
}

/** Facts of the page of the next factor. */
export function provePage(
  { factors }: Messages,
  facts: {
    readonly action: string
    readonly account: Pick<Account, 'email'>
    readonly ways: Extract<NextStep, { kind: 'prove' }>['ways']
    readonly withRecovery: boolean
    readonly passkey: string | undefined
    readonly isAuthorization: boolean
    /** A fault of ours, or a sentence of the guard's. */
    readonly fault?: ProveFault | { readonly words: string }
  },
): ProvePage {
  const { action, ways, fault } = facts
  const { prove } = factors
  const isRecovery = facts.withRecovery && ways.includes('recovery')
  const passkey = isRecovery ? undefined : facts.passkey
  const kind = isRecovery ? 'recovery' : ways.includes('totp') ? 'code' : 'passkey'
  const back = { href: action, words: prove.toFactors }
  const toRecovery = { href: `${action}?with=recovery`, words: prove.toRecovery }
  return {
    title: prove.heading,
    page: 'second-factor',
    script: passkey === undefined ? undefined : 'passkeys',
    action,
    text: fill(prove.texts[kind], { email: facts.account.email }),
    code:
      kind === 'passkey'
        ? undefined
        : isRecovery
          ? { label: prove.recoveryCode, hint: prove.recoveryHint, isRecovery }
          : { label: prove.code, hint: prove.codeHint, isRecovery },
    passkey,
    note: ways.length === 1 && ways[0] === 'passkey' ? prove.onlyPasskey : undefined,
    other: isRecovery ? back : ways.includes('recovery') ? toRecovery : undefined,
    isAuthorization: facts.isAuthorization,
    message: fault && (typeof fault === 'string' ? prove.faults[fault] : fault.words),
  }
}

/** The page in place of a sign-in that has ended. */
export interface EndedPage extends PageLocals {
  readonly href: string
}

/** Facts of that page. @param href where the sign-in begins anew */
export function endedPage({ factors }: Messages, href: string): EndedPage {
  return { title: factors.prove.ended.heading, page: 'second-factor', href }
}

/** Why a factor is set up. */
export type SetupReason = keyof Messages['factors']['setup']['why']

/** What the page shows on which a second factor is chosen, or a passkey created. */
export interface SetupPage extends PageLocals {
  readonly action: string
  readonly why: string
  readonly passkey: { readonly options: string; readonly name: string; readonly noScript: string } | undefined
  /** Address of the page of the app. */
  readonly app: string | undefined
  readonly back: string | undefined
  /** Inside of an authorization, which can be given up. */
  readonly isAuthorization: boolean
  readonly message: string | undefined
}

/** Facts of that page. */
export function setupFactorPage(
  { factors }: Messages,
  facts: {
    /** Takes a passkey. */
    readonly action: string
    readonly reason: SetupReason
    readonly passkey: string | undefined
    readonly passkeyName: string | undefined
    readonly app: string | undefined
    readonly back?: string
    readonly isAuthorization?: boolean
    readonly fault?: keyof Messages['factors']['setup']['faults']
  },
): SetupPage {
  const { setup } = factors
  const { app, fault, passkey } = facts
  return {
    title: setup.heading,
    page: 'second-factor-setup',
    script: passkey === undefined ? undefined : 'passkeys',
    action: facts.action,
    why: setup.why[facts.reason],
    passkey:
      passkey === undefined
        ? undefined
        : {
            options: passkey,
            name: facts.passkeyName ?? setup.usualName,
            noScript: app === undefined ? setup.noScriptAlone : setup.noScript,
          },
    app,
    back: facts.back,
    isAuthorization: facts.isAuthorization === true,
    message: fault && setup.faults[fault],
  }
}

/** What the page shows on which an authenticator app is set up. */
export interface AppPage extends PageLocals {
  readonly action: string
  /** SVG of ours: the one text that a view may write as it is. */
  readonly picture: string
  readonly key: string
  readonly byHand: string
  readonly enrolment: string
  readonly replaces: boolean
  readonly back: string
  readonly fault: string | undefined
}

/** Facts of that page. */
export function appPage(
  { factors }: Messages,
  facts: {
    readonly action: string
    readonly account: Pick<Account, 'email'>
    readonly place: string
    readonly enrolment: Enrolment
    readonly replaces: boolean
    readonly back: string
    readonly fault?: keyof Messages['factors']['app']['faults']
  },
): AppPage {
  const { app } = factors
  const { picture, grouped } = seedWords(facts.enrolment.seed, facts.account.email, facts.place)
  return {
    title: app.heading,
    page: 'authenticator-setup',
    action: facts.action,
    picture,
    key: grouped,
    byHand: fill(app.byHand, { place: facts.place }),
    enrolment: facts.enrolment.box,
    replaces: facts.replaces,
    back: facts.back,
    fault: facts.fault && app.faults[facts.fault],
  }
}

/** What the page of new recovery codes shows; it is the answer to a post and cannot be fetched again. */
export interface RecoveryPage extends PageLocals {
  readonly codes: readonly string[]
  readonly target: string
  readonly endedOthers: boolean
}

/** Facts of that page. @param target where it goes on, with the issuer's path */
export function recoveryPage(
  { factors }: Messages,
  codes: readonly string[],
  target: string,
  endedOthers: boolean,
): RecoveryPage {
  return { title: factors.recovery.heading, page: 'recovery-codes', codes, target, endedOthers }
}
