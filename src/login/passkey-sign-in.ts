import type { SignInPlace } from '../oauth/interaction.ts'
import type { PageContext } from '../web/context.ts'
import type { Completion } from './complete.ts'
import { checkPasskeySignIn, type FactorDesk, signInPurpose } from './second-factor/check.ts'
import { sourceOf } from './second-factor/source.ts'

/** The button of the sign-in page that takes a passkey and nothing else. */
export interface PasskeyWay {
  readonly action: string
  /** Options for the browser, as JSON text. */
  readonly options: string
}

/** The button, or undefined where this server can take no passkeys. @param action of the sign-in page */
export async function passkeyWay(
  { factors, clock }: Pick<FactorDesk, 'factors' | 'clock'>,
  ctx: PageContext,
  action: string,
): Promise<PasskeyWay | undefined> {
  const use = { purpose: signInPurpose, browserDigest: ctx.state.forms.browserDigest(ctx) }
  const options = await factors.ceremonies?.ask(undefined, use, clock.now())
  return options === undefined ? undefined : { action: `${action}/passkey`, options }
}

/** Signs in by what the browser answered. @returns false when the passkey lets nobody in here; nothing is answered then */
export async function signInByPasskey(
  desk: FactorDesk & { readonly completion: Completion },
  ctx: PageContext,
  place: SignInPlace,
  answer: string,
): Promise<boolean> {
  const browserDigest = ctx.state.forms.browserDigest(ctx)
  const proved = await checkPasskeySignIn(desk, answer, browserDigest, sourceOf(ctx, place))
  if (proved === null) return false
  const { account, method } = proved
  // RFC 8176 §2: the device and its owner's finger, face or PIN are two factors.
  const proven = { accountId: account.id, amr: [method, 'mfa'], authTime: desk.clock.now() }
  await desk.completion.goOn(ctx, place, proven)
  return true
}
