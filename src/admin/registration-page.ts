import type { Context } from 'koa'
import type { DryRun } from '../clients/dry-run/dry-run.ts'
import {
  type InitialAccessToken,
  type InvitationState,
  stateOfToken,
} from '../clients/initial-access-tokens/initial-access-token.ts'
import type { Config } from '../config/config.ts'
import type { Moment } from '../messages/format.ts'
import type { PageLocals } from '../web/render.ts'
import { clientPath } from './client-list.ts'

/** What stands in the forms. */
export interface RegistrationFields {
  readonly subject: string
  readonly fetch: boolean
  readonly note: string
  readonly uses: string
  readonly days: string
}

export const blankFields: RegistrationFields = { subject: '', fetch: false, note: '', uses: '1', days: '7' }

/** A dry run in words. */
export interface CheckWords {
  readonly outcome: DryRun['outcome']
  readonly heading: string
  readonly reason: string
  readonly name: string | undefined
  readonly clientId: string | undefined
  /** The page of the client, when it is known. */
  readonly href: string | undefined
  readonly told: string | undefined
  readonly redirects: DryRun['redirects']
  readonly lookAlike: string | undefined
  readonly isFetched: boolean
}

interface TokenRow {
  readonly id: string
  readonly note: string
  readonly state: InvitationState
  readonly used: string
  readonly left: string
  readonly until: Moment
  readonly by: string
}

/** The page `/admin/clients/registration`. */
export interface RegistrationPage extends PageLocals {
  readonly rule: {
    readonly mode: Config['registration']
    readonly setByFile: boolean
    readonly hosts: readonly string[]
    readonly documents: Config['clientMetadataDocuments']
    readonly documentHosts: readonly string[]
    /** A narrow rule for registrations that documents pass by. */
    readonly isPassedBy: boolean
    readonly unused: string
    readonly idle: string
  }
  readonly fields: RegistrationFields
  readonly result: CheckWords | undefined
  readonly fault: string | undefined
  readonly tokens: readonly TokenRow[]
  readonly tokenFault: string | undefined
  readonly done: string | undefined
}

/** The page that shows a new token, once. */
export interface TokenPage extends PageLocals {
  readonly note: string
  readonly token: string
  readonly endpoint: string
}

/** Makes the page. */
export function registrationPage(
  ctx: Context,
  facts: {
    readonly config: Config
    readonly tokens: readonly InitialAccessToken[]
    readonly people: ReadonlyMap<string, string>
    readonly now: Date
  },
  fields: RegistrationFields,
  outcome: Partial<Pick<RegistrationPage, 'result' | 'fault' | 'tokenFault' | 'done'>>,
): RegistrationPage {
  const { config, tokens } = facts
  const { format, messages } = ctx.state
  const { rule: words, title } = messages.registration
  const { clientUnusedHours: hours, clientIdleDays: days } = config
  return {
    title,
    page: 'registration',
    area: 'admin',
    here: '/admin/clients/registration',
    rule: {
      mode: config.registration,
      setByFile: config.file.registration !== undefined,
      hosts: config.registrationHosts,
      documents: config.clientMetadataDocuments,
      documentHosts: config.metadataDocumentHosts,
      isPassedBy:
        config.clientMetadataDocuments === 'on' &&
        (config.registration === 'token' || config.registration === 'closed'),
      unused: hours === 0 ? words.staysUnused : words.unused(format.number(hours)),
      idle: days === 0 ? words.staysIdle : words.idle(format.number(days)),
    },
    fields,
    result: outcome.result,
    fault: outcome.fault,
    tokens: tokens.map((token) => tokenRow(ctx, token, facts)),
    tokenFault: outcome.tokenFault,
    done: outcome.done,
  }
}

/** A dry run in the words of the page. */
export function checkWords(ctx: Context, run: DryRun): CheckWords {
  const { messages, render } = ctx.state
  const { check, reasons } = messages.registration
  const isKnown = run.subject === 'known' && run.reason !== 'unknown'
  return {
    outcome: run.outcome,
    heading: check.outcomes[run.outcome],
    reason: reasons[run.reason],
    name: run.claimedName,
    clientId: run.clientId,
    href: isKnown && run.clientId !== undefined ? `${render.basePath}${clientPath(run.clientId)}` : undefined,
    told: run.words,
    redirects: run.redirects,
    lookAlike: run.lookAlike?.claimedName,
    isFetched: run.isFetched,
  }
}

function tokenRow(
  ctx: Context,
  token: InitialAccessToken,
  { people, now }: { readonly people: ReadonlyMap<string, string>; readonly now: Date },
): TokenRow {
  const { format, messages } = ctx.state
  const { tokens: words } = messages.registration
  const by = token.createdBy.replace(/^account:/, '')
  return {
    id: token.id,
    note: token.note,
    state: stateOfToken(token, now),
    used: format.number(token.used),
    left: token.usesLeft === null ? words.unlimited : format.number(token.usesLeft),
    until: format.dateTime(token.expiresAt),
    by: token.createdBy === 'operator' ? words.operator : (people.get(by) ?? messages.adminAudit.gone),
  }
}
