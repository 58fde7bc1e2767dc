import type { PasswordFault } from '../credentials/password.ts'
import type { PageLocals } from '../web/render.ts'
import type { ChangeFault } from './change-password.ts'
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

const passwordFaults: Readonly<Record<PasswordFault, string>> = {
  too_short: 'Please take at least 8 characters. Several words in a row are a good start.',
  too_long: 'Please take 128 characters at most.',
  common: 'This password is one that everybody tries first. Please take another one.',
  about_you: 'This is your own name or address. Please take another one.',
}

const signInWords = {
  heading: 'Sign in',
  asks: 'asks to use',
  claim: 'The name in quotes is the client’s own choice.',
  next: 'Sign in first. What it may do is asked on the next page.',
  email: 'E-mail address',
  password: 'Password',
  submit: 'Sign in',
  cancel: 'Cancel',
  refused: 'This e-mail address and password do not let you in. Please check both and try again.',
  missing: 'Please enter your e-mail address and your password.',
}

/** What the sign-in page shows. */
export interface SignInPage extends PageLocals {
  readonly words: typeof signInWords
  readonly action: string
  readonly asking: (AskingParties & { readonly resourceAddress: string }) | undefined
  readonly email: string
  readonly returnTo: string | undefined
  readonly message: string | undefined
}

/** Facts of the sign-in page, for an authorization (`asking`) or for our own pages. */
export function signInPage(facts: {
  readonly action: string
  readonly asking?: AskingParties
  readonly email: string
  readonly returnTo?: string
  readonly fault?: 'refused' | 'missing'
}): SignInPage {
  const { asking, fault } = facts
  return {
    title: signInWords.heading,
    page: 'sign-in',
    words: signInWords,
    action: facts.action,
    asking: asking && { ...asking, resourceAddress: asking.resource.replace(/^https?:\/\//, '') },
    email: facts.email,
    returnTo: facts.returnTo,
    message: fault && signInWords[fault],
  }
}

const signOutWords = {
  heading: 'Sign out?',
  text: 'You will be signed out of this browser. Clients that you have connected stay connected.',
  submit: 'Sign out',
  stay: 'Stay signed in',
}

/** What the sign-out page shows. */
export interface SignOutPage extends PageLocals {
  readonly words: typeof signOutWords
}

/** Facts of the sign-out page. */
export function signOutPage(): SignOutPage {
  return { title: signOutWords.heading, page: 'sign-out', words: signOutWords }
}

const setupWords = {
  heading: 'Create the first administrator',
  text: 'This server is new. Whoever fills in this form looks after it: MCP servers, clients and people.',
  name: 'Your name',
  email: 'E-mail address',
  password: 'Password',
  passwordHint: 'At least 8 characters; spaces and any letters are welcome.',
  submit: 'Create and sign in',
  refused: 'Nothing was created yet. Please look at the marked fields.',
}

const setupFaults = {
  name: { empty: 'Please enter a name of up to 100 characters.' },
  email: {
    not_an_address: 'Please enter an e-mail address.',
    taken: 'There is an account with this e-mail address already.',
  },
  password: passwordFaults,
} as const

/** What the setup page shows. */
export interface SetupPage extends PageLocals {
  readonly words: typeof setupWords
  readonly action: string
  readonly name: string
  readonly email: string
  readonly message: string | undefined
  readonly faults: { readonly name?: string; readonly email?: string; readonly password?: string }
}

/** Facts of the setup page; the password is never shown again. */
export function setupPage(action: string, input?: SetupInput, faults?: SetupFaults): SetupPage {
  return {
    title: setupWords.heading,
    page: 'setup',
    words: setupWords,
    action,
    name: input?.name ?? '',
    email: input?.email ?? '',
    message: faults && setupWords.refused,
    faults: {
      name: faults?.name && setupFaults.name[faults.name],
      email: faults?.email && setupFaults.email[faults.email],
      password: faults?.password && setupFaults.password[faults.password],
    },
  }
}

const securityWords = {
  heading: 'Security',
  section: 'Change your password',
  text: 'Your other sessions end, and every client you have connected has to be connected again.',
  current: 'Current password',
  password: 'New password',
  passwordHint: setupWords.passwordHint,
  submit: 'Change password',
  done: 'Your password is changed. Your other sessions and all connections have ended.',
  refused: 'Your password was not changed.',
  wrongCurrent: 'This is not your current password.',
}

/** What the security page shows. */
export interface SecurityPage extends PageLocals {
  readonly words: typeof securityWords
  readonly done: boolean
  readonly message: string | undefined
  readonly faults: { readonly current?: string; readonly password?: string }
}

/** Facts of the security page. */
export function securityPage(state: { readonly done?: boolean; readonly fault?: ChangeFault } = {}): SecurityPage {
  const { done = false, fault } = state
  return {
    title: securityWords.heading,
    page: 'security',
    area: 'account',
    words: securityWords,
    done,
    message: fault && securityWords.refused,
    faults: {
      current: fault === 'wrong_current' ? securityWords.wrongCurrent : undefined,
      password: fault === undefined || fault === 'wrong_current' ? undefined : passwordFaults[fault],
    },
  }
}

/** Words of the pages that refuse. */
export const refusalWords = {
  expired:
    'This page is no longer valid: it waited too long, was answered already, or belongs to another browser. Go back to the client and connect again.',
  setupClosed:
    'This setup link does not work: it was used, a newer start of the server replaced it, or it was not copied in full. The log of the last start holds the link that counts, as long as there is no administrator.',
  cancelled: 'You did not sign in, and nothing was allowed.',
  cancelledHeading: 'Nothing was allowed',
  back: 'Back to the client',
}
