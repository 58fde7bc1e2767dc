import type { PageContext } from '../../web/context.ts'
import { deviceOf, readDevice } from '../../web/device.ts'
import type { FactorDesk } from './check.ts'
import { registeringPurpose } from './enrol.ts'

/** Options for a new passkey of this person; undefined where there can be none. */
export async function passkeyOptions(
  { factors, clock }: Pick<FactorDesk, 'factors' | 'clock'>,
  ctx: PageContext,
  { id: accountId, email, name }: { readonly id: string; readonly email: string; readonly name: string },
): Promise<string | undefined> {
  const use = { purpose: registeringPurpose(accountId), browserDigest: ctx.state.forms.browserDigest(ctx) }
  const known = await factors.passkeys.list(accountId)
  return factors.ceremonies?.askForNew({ accountId, email, name }, known, use, clock.now())
}

/** A name that a person will know again: their browser and its system. */
export function usualName(ctx: PageContext): string | undefined {
  const { browser, system } = readDevice(deviceOf(ctx.get('User-Agent')))
  return [browser, system].filter((one) => one !== undefined).join(', ') || undefined
}
