import type { Account } from '../accounts/account.ts'
import type { FactorCount } from '../credentials/factors/reset.ts'
import type { LockoutStanding } from '../credentials/throttle/guard.ts'
import type { Identity } from '../federation/identities/store.ts'
import type { Upstream } from '../federation/upstream.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import { type PersonRow, personRow } from './people-page.ts'

/** A client that acts in a person's name, with the names a list shows; a name is undefined when its row is gone. */
export interface PersonConnection {
  readonly grantId: string
  readonly claimedName: string | undefined
  readonly provenHost: string | undefined
  readonly resourceName: string | undefined
  readonly scopes: readonly string[]
  readonly since: Date
  readonly usedAt: Date | undefined
}

/** An identity of another provider as administrators see it. */
export interface PersonIdentity {
  readonly id: string
  readonly name: string
  readonly label: string
  readonly issuer: string
  readonly isOff: boolean
  readonly since: Moment
  readonly lastUsed: Moment | undefined
}

/** What was just done to this person. */
export type PersonDone = keyof Messages['people']['done']
/** Why nothing was done. */
export type PersonFault = keyof Messages['people']['faults']

/** What the page of a person shows. */
export interface PersonPage extends PageLocals {
  readonly person: PersonRow
  readonly sessions: string
  readonly password: string
  readonly link: { readonly title: string; readonly text: string; readonly submit: string }
  readonly roles: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[]
  /** Failed sign-ins and the wait they made, in words; `canUnlock`: there is something to forget. */
  readonly lockout: { readonly words: string; readonly wait: string | undefined; readonly canUnlock: boolean }
  /** Second factors in words; `canReset`: there are some. */
  readonly factors: { readonly words: string; readonly canReset: boolean }
  readonly connections: readonly (Omit<PersonConnection, 'since' | 'usedAt'> & {
    readonly since: Moment
    readonly usedAt: Moment | undefined
  })[]
  readonly identities: readonly PersonIdentity[]
  /** Links to choose a password open something here. */
  readonly mayLink: boolean
  readonly confirm: string
  readonly done: string | undefined
  readonly message: string | undefined
}

/** Facts of the page of a person. */
export function personPage(
  messages: Messages,
  format: Format,
  facts: {
    readonly account: Account
    readonly ownId: string
    readonly sessionCount: number
    readonly connections: readonly PersonConnection[]
    readonly identities: readonly { readonly identity: Identity; readonly upstream: Upstream | undefined }[]
    readonly mayLink: boolean
    readonly lockout: LockoutStanding
    readonly factors: FactorCount
    readonly done?: PersonDone
    readonly fault?: PersonFault
  },
): PersonPage {
  const { account, sessionCount, done, fault } = facts
  const { people } = messages
  const person = personRow(messages, format, account, facts.ownId)
  return {
    title: account.name,
    page: 'person',
    area: 'admin',
    here: `/admin/people/${account.id}`,
    person,
    sessions: sessionCount === 0 ? people.facts.nowhere : people.facts.sessionCount(sessionCount),
    password:
      account.passwordChangedAt === undefined
        ? people.facts.noPassword
        : fill(people.facts.passwordChanged, { date: format.date(account.passwordChangedAt).words }),
    link: person.state === 'invited' ? people.acts.linkInvitation : people.acts.linkReset,
    roles: (['member', 'admin'] as const).map((value) => ({
      value,
      label: people.roles[value],
      selected: value === account.role,
    })),
    lockout: lockoutWords(messages, format, facts.lockout),
    factors: factorWords(messages, format, facts.factors),
    connections: facts.connections.map((connection) => ({
      ...connection,
      since: format.date(connection.since),
      usedAt: connection.usedAt && format.dateTime(connection.usedAt),
    })),
    identities: facts.identities.map(({ identity, upstream }) => ({
      id: identity.id,
      name: upstream?.name ?? messages.upstreams.person.gone,
      label: identity.label,
      issuer: identity.issuer,
      isOff: upstream?.enabled === false,
      since: format.date(identity.linkedAt),
      lastUsed: identity.lastUsedAt && format.dateTime(identity.lastUsedAt),
    })),
    mayLink: facts.mayLink,
    confirm: fill(people.acts.remove.confirm, { email: account.email }),
    done: done && people.done[done],
    message: fault && people.faults[fault],
  }
}

function factorWords({ people }: Messages, format: Format, { app, passkeys, recoveryCodes }: FactorCount) {
  const { factors } = people.facts
  if (!app && passkeys === 0) return { words: factors.none, canReset: false }
  const held = [app ? [factors.app] : [], passkeys > 0 ? [factors.passkeys(passkeys)] : []].flat()
  return { words: format.list([...held, factors.recoveryCodes(recoveryCodes)]), canReset: true }
}

function lockoutWords(
  { people }: Messages,
  format: Format,
  { failures, blockedUntil }: LockoutStanding,
): PersonPage['lockout'] {
  return {
    words: failures === 0 ? people.facts.noFailures : people.facts.failures(failures),
    wait: blockedUntil && fill(people.facts.waits, { until: format.dateTime(blockedUntil).words }),
    canUnlock: failures > 0 || blockedUntil !== undefined,
  }
}
