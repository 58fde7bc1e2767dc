import { type Account, isInvited } from '../accounts/account.ts'
import type { DirectoryFilter, PeopleKind } from '../accounts/directory/store.ts'
import type { MadeLink } from '../accounts/links/send.ts'
import type { Format, Moment } from '../messages/format.ts'
import { type Locale, locales, type Messages, messagesFor } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'

/** What a person is to the reader of a list. */
export type PersonState = 'active' | 'invited' | 'disabled'

/** The state of an account in one word. */
export function personState(account: Account): PersonState {
  if (account.state === 'disabled') return 'disabled'
  return isInvited(account) ? 'invited' : 'active'
}

/** A person in a list. */
export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly isYou: boolean
  readonly isAdmin: boolean
  readonly role: string
  readonly state: PersonState
  readonly stateWords: string
  readonly created: Moment
  readonly lastSignIn: Moment | undefined
}

/** What the list shows. */
export interface PeoplePage extends PageLocals {
  readonly people: readonly PersonRow[]
  readonly text: string
  readonly kinds: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[]
  readonly isFiltered: boolean
  /** Query of the next page when there are more people. */
  readonly next: string | undefined
  readonly isFirst: boolean
  readonly done: string | undefined
  /** Links to choose a password open something here. */
  readonly mayInvite: boolean
}

/** One person as a row. */
export function personRow({ people }: Messages, format: Format, account: Account, ownId: string): PersonRow {
  const state = personState(account)
  return {
    id: account.id,
    name: account.name,
    email: account.email,
    isYou: account.id === ownId,
    isAdmin: account.role === 'admin',
    role: people.roles[account.role],
    state,
    stateWords: people.states[state],
    created: format.date(account.createdAt),
    lastSignIn: account.lastSignInAt && format.dateTime(account.lastSignInAt),
  }
}

/** Facts of the list. @param found one more than a page when there are more */
export function peoplePage(
  messages: Messages,
  format: Format,
  facts: {
    readonly found: readonly Account[]
    readonly pageSize: number
    readonly filter: Pick<DirectoryFilter, 'text' | 'kind' | 'after'>
    readonly ownId: string
    readonly wasRemoved: boolean
    readonly mayInvite: boolean
  },
): PeoplePage {
  const { found, pageSize, filter, ownId } = facts
  const { people } = messages
  const shown = found.slice(0, pageSize)
  const last = shown.at(-1)
  const kinds: readonly (PeopleKind | '')[] = ['', 'admins', 'invited', 'disabled']
  return {
    title: people.heading,
    page: 'people',
    area: 'admin',
    here: `/admin/people${queryOf(filter)}`,
    people: shown.map((account) => personRow(messages, format, account, ownId)),
    text: filter.text ?? '',
    kinds: kinds.map((value) => ({
      value,
      label: value === '' ? people.search.all : people.search.kinds[value],
      selected: value === (filter.kind ?? ''),
    })),
    isFiltered: filter.text !== undefined || filter.kind !== undefined,
    next: found.length > pageSize && last !== undefined ? queryOf({ ...filter, after: last.email }) : undefined,
    isFirst: filter.after === undefined,
    done: facts.wasRemoved ? people.done.removed : undefined,
    mayInvite: facts.mayInvite,
  }
}

/** The form of an invitation as it was sent. */
export interface InviteInput {
  readonly email: string
  readonly name: string
  readonly role: string
  readonly locale: string
}

/** What is wrong with which field. */
export interface InviteFaults {
  readonly email?: 'email' | 'taken'
  readonly name?: 'name'
  readonly role?: 'role'
}

/** What the form of an invitation shows. */
export interface InvitePage extends PageLocals {
  readonly intro: string
  readonly withMail: boolean
  readonly input: InviteInput
  readonly roles: readonly { readonly value: string; readonly label: string; readonly words: string }[]
  readonly letterLanguages: readonly { readonly value: Locale; readonly label: string }[]
  readonly message: string | undefined
  readonly faults: { readonly email?: string; readonly name?: string; readonly role?: string }
}

/** Facts of the form of an invitation. */
export function invitePage(
  { people }: Messages,
  input: InviteInput,
  withMail: boolean,
  faults?: InviteFaults,
): InvitePage {
  const { inviteForm } = people
  return {
    title: inviteForm.heading,
    page: 'person-invite',
    area: 'admin',
    intro: withMail ? inviteForm.introMail : inviteForm.intro,
    withMail,
    input,
    roles: (['member', 'admin'] as const).map((value) => ({
      value,
      label: people.roles[value],
      words: inviteForm.roleWords[value],
    })),
    letterLanguages: locales.map((value) => ({ value, label: messagesFor(value).common.languageName })),
    message: faults && inviteForm.refused,
    faults: {
      email: faults?.email && inviteForm.faults[faults.email],
      name: faults?.name && inviteForm.faults.name,
      role: faults?.role && inviteForm.faults.role,
    },
  }
}

/** What the page with a new link shows. */
export interface LinkPage extends PageLocals {
  readonly id: string
  readonly text: string
  /** Absent when a letter carries it: then nobody else needs it. */
  readonly url: string | undefined
  readonly fault: string | undefined
}

/** Facts of the page that answers the making of a link: the only one that ever shows it. */
export function linkPage({ people }: Messages, format: Format, made: MadeLink): LinkPage {
  const { account, delivery, endsAt, purpose, url } = made
  const { link } = people
  const isSent = delivery.state === 'sent'
  const values = { name: account.name, email: account.email, until: format.dateTime(endsAt).words }
  return {
    title: fill(link.headings[purpose], values),
    page: 'person-link',
    area: 'admin',
    here: `/admin/people/${account.id}`,
    id: account.id,
    text: fill(isSent ? link.sent : link.copy, values),
    url: isSent ? undefined : url,
    fault: delivery.state === 'failed' ? fill(link.failed, { reason: link.faults[delivery.fault] }) : undefined,
  }
}

function queryOf({ text, kind, after }: Pick<DirectoryFilter, 'text' | 'kind' | 'after'>): string {
  const query = new URLSearchParams({ ...(text && { q: text }), ...(kind && { kind }), ...(after && { after }) })
  return query.size === 0 ? '' : `?${query}`
}
