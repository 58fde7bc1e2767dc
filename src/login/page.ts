import type { PasswordFault } from '../credentials/password.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { WaysIn } from '../oauth/interaction.ts'
import type { PageLocals } from '../web/render.ts'
import type { PasskeyWay } from './passkey-sign-in.ts'
import type { SetupFaults, SetupInput } from './setup.ts'

/** Who waits for this sign-in. The name is what the client says of itself and is shown as a claim, in quotes. */
export interface AskingParties {
  readonly claimedName: string
  /** Host of the client's metadata document, when that proves it. */
  readonly provenHost: string | undefined
  readonly resourceName: string
  /** Canonical identifier of the MCP server. */
  readonly resource: string
}

/** Why somebody who is signed in is asked again: a page wants a recent sign-in (`1`), or a form did that was not carried out. */
export type SignInAgain = '1' | 'posted'

/** Why a sign-in was not carried out; `wait`: too many have failed, and nothing was tried. */
export type SignInFault =
  | { readonly fault: 'refused' | 'missing' }
  /** The passkey does not let in. */
  | { readonly fault: 'passkey' }
  | { readonly fault: 'wait' /** How long, in words. */; readonly wait: string }

/** A provider upstream, as a button. */
interface UpstreamWay {
  readonly id: string
  readonly label: string
  /** Inside an authorization a page of ours comes first, which says who asks; for our own pages the hop begins at once. */
  readonly action: string
}

/** What the sign-in page shows. */
export interface SignInPage extends PageLocals {
  readonly action: string
  readonly asking: (AskingParties & { readonly resourceAddress: string }) | undefined
  readonly ways: WaysIn
  readonly upstreams: readonly UpstreamWay[]
  readonly passkey: PasskeyWay | undefined
  readonly email: string
  readonly returnTo: string | undefined
  readonly again: SignInAgain | undefined
  readonly why: string | undefined
  readonly done: string | undefined
  readonly message: string | undefined
}

/** Facts of the sign-in page, for an authorization (`asking`) or for our own pages. */
export function signInPage(
  { factors, federation, login }: Messages,
  facts: {
    readonly action: string
    readonly asking?: AskingParties
    readonly ways: WaysIn
    readonly passkey?: PasskeyWay | undefined
    readonly email: string
    readonly returnTo?: string
    readonly again?: SignInAgain
    readonly wasReset?: boolean
    readonly fault?: SignInFault
  },
): SignInPage {
  const { again, asking, fault, returnTo } = facts
  const query = new URLSearchParams({ ...(returnTo && { return_to: returnTo }), ...(again && { again }) })
  return {
    title: again === undefined ? login.signIn.heading : login.again.heading,
    page: 'sign-in',
    action: facts.action,
    asking: asking && { ...asking, resourceAddress: asking.resource.replace(/^https?:\/\//, '') },
    ways: facts.ways,
    upstreams: facts.ways.upstreams.map(({ id, name }) => ({
      id,
      label: fill(federation.ways.button, { upstream: name }),
      action:
        asking === undefined ? `${facts.action}/upstream/${id}` : facts.action.replace(/sign-in$/, `upstream/${id}`),
    })),
    passkey: facts.passkey,
    script: facts.passkey && 'passkeys',
    email: facts.email,
    returnTo,
    again,
    why: again && login.again.why[again],
    done: facts.wasReset ? login.reset.done : undefined,
    here: asking === undefined && query.size > 0 ? `/sign-in?${query}` : undefined,
    message: fault && faultWords({ factors, login }, fault),
  }
}

function faultWords({ factors, login }: Pick<Messages, 'factors' | 'login'>, fault: SignInFault): string {
  if (fault.fault === 'passkey') return factors.passkey.refused
  return fill(login.signIn.faults[fault.fault], fault.fault === 'wait' ? { wait: fault.wait } : {})
}

/** Facts of the sign-out page. */
export function signOutPage({ login }: Messages): PageLocals {
  return { title: login.signOut.heading, page: 'sign-out' }
}

/** What the setup page shows. */
export interface SetupPage extends PageLocals {
  readonly action: string
  /** Passwords are switched off: what that means for the one chosen here. */
  readonly note: string | undefined
  readonly name: string
  readonly email: string
  readonly message: string | undefined
  readonly faults: { readonly name?: string; readonly email?: string; readonly password?: string }
}

/** Facts of the setup page; the password is never shown again. */
export function setupPage(
  messages: Messages,
  action: string,
  ways: Pick<WaysIn, 'password'>,
  input?: SetupInput,
  faults?: SetupFaults,
): SetupPage {
  const { setup } = messages.login
  return {
    title: setup.heading,
    page: 'setup',
    action,
    note: ways.password ? undefined : setup.passwordsOff,
    name: input?.name ?? '',
    email: input?.email ?? '',
    message: faults && setup.refused,
    faults: {
      name: faults?.name && setup.faults.name[faults.name],
      email: faults?.email && setup.faults.email[faults.email],
      password: faults?.password && passwordWords(messages, faults.password),
    },
  }
}

/** What is wrong with a new password, and what to do. */
export function passwordWords({ login }: Messages, fault: PasswordFault): string {
  return login.passwordFaults[fault]
}
