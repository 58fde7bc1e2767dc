import type { Account } from '../../accounts/account.ts'
import type { LinkPurpose } from '../../accounts/links/link.ts'
import type { PasswordFault } from '../../credentials/password.ts'
import type { Messages } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import type { PageLocals } from '../../web/render.ts'
import { passwordWords } from '../page.ts'

/** What the page behind a link shows. */
export interface ChoosePasswordPage extends PageLocals {
  readonly action: string
  readonly email: string
  readonly text: string
  readonly hint: string
  readonly submit: string
  readonly message: string | undefined
  readonly fault: string | undefined
}

/** Facts of the page on which an invitation is accepted or a new password chosen; the password is never shown again. */
export function choosePasswordPage(
  messages: Messages,
  facts: {
    readonly purpose: LinkPurpose
    readonly account: Account
    readonly action: string
    readonly product: string
    readonly fault?: PasswordFault
  },
): ChoosePasswordPage {
  const { account, action, fault, purpose, product } = facts
  const { login } = messages
  const words = login[purpose]
  const values = { name: account.name, email: account.email, product }
  return {
    title: fill(words.heading, values),
    page: purpose,
    action,
    email: account.email,
    text: fill(words.text, values),
    hint: login.setup.passwordHint,
    submit: words.submit,
    message: fault && words.refused,
    fault: fault && passwordWords(messages, fault),
  }
}

/** What the page for a forgotten password shows. */
export interface ForgottenPage extends PageLocals {
  /** `ask`: the form; `asked`: the one answer to it; `by_hand`: there is no mail here. */
  readonly state: 'ask' | 'asked' | 'by_hand'
  readonly text: string
  readonly email: string
  readonly fault: string | undefined
}

/** Facts of the page for a forgotten password. After the form they hold nothing of it: one answer for everybody (threat G14). */
export function forgottenPage(
  { login }: Messages,
  facts: { readonly state: ForgottenPage['state']; readonly email?: string; readonly fault?: 'not_an_address' },
): ForgottenPage {
  const { state, email = '', fault } = facts
  const { forgotten } = login
  return {
    title: state === 'asked' ? forgotten.askedHeading : forgotten.heading,
    page: 'forgot-password',
    state,
    text: forgotten.texts[state],
    email,
    fault: fault && login.setup.faults.email[fault],
  }
}
