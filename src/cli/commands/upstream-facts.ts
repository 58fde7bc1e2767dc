import type { UpstreamChanges } from '../../federation/change.ts'
import type { Call, Options } from '../command.ts'
import { UsageFault } from '../faults.ts'
import { askHidden, readAll, readSecretFrom } from '../secret-input.ts'

type GivenFacts = Omit<UpstreamChanges, 'rules' | 'preset' | 'clientSecret' | 'enabled'> &
  Required<Pick<UpstreamChanges, 'rules'>>

/** What may be said of an upstream; lists that are given replace what was there. */
export const upstreamFacts = [
  { flags: '--name <name>', doc: 'name on the button' },
  { flags: '--issuer <url>', doc: 'exactly as the provider writes it; not needed where the preset knows it' },
  { flags: '--client-id <id>', doc: 'what the provider calls this server' },
  { flags: '--secret-stdin', doc: 'read the client secret from standard input' },
  { flags: '--secret-file <path>', doc: 'read the client secret from a file' },
  { flags: '--scope <scope…>', doc: 'what is asked for, instead of what is usual for the preset; may be repeated' },
  { flags: '--accounts <how>', doc: 'create: made at the first sign-in; linked: only for who linked it (usual)' },
  { flags: '--tenant <tenant…>', doc: 'Entra tenant id, Google Workspace domain; may be repeated' },
  { flags: '--domain <domain…>', doc: 'domain of verified e-mail addresses; may be repeated' },
  { flags: '--group <group…>', doc: 'a group that a person must be in, one of those given; may be repeated' },
  { flags: '--admin-group <group…>', doc: 'a group of administrators; may be repeated' },
  { flags: '--groups-claim <claim>', doc: 'claim that holds the groups' },
  { flags: '--trusts-email <yes|no>', doc: 'believe its addresses although it does not say they are verified' },
  { flags: '--keep-tokens-for <resource…>', doc: 'MCP server that needs its tokens; may be repeated' },
]
/** Lists that can be emptied by name. */
export const clearable = ['tenant', 'domain', 'group', 'admin-group', 'keep-tokens-for'] as const

/** The client secret: from a file, from standard input, or asked for without echo. Never from an argument. */
export async function readSecret({ options, terminal }: Call, asks: boolean): Promise<string | undefined> {
  const path = options.text('secretFile')
  if (path !== undefined) return readSecretFrom(path)
  if (options.flag('secretStdin')) return await readAll(terminal)
  if (!asks) return undefined
  return await askHidden(terminal, 'client secret', 'add --secret-stdin, --secret-file or --public')
}

/** What was given, and nothing else. */
export function readFacts(options: Options): GivenFacts {
  const many = (name: string) => (options.all(name).length === 0 ? undefined : options.all(name))
  return {
    ...withoutGaps({
      name: options.text('name'),
      issuer: options.text('issuer'),
      clientId: options.text('clientId'),
      scopes: many('scope'),
      keepTokensFor: many('keepTokensFor'),
    }),
    rules: withoutGaps({
      create: choiceOf(options, 'accounts', { create: true, linked: false }),
      tenants: many('tenant'),
      domains: many('domain'),
      groupsClaim: options.text('groupsClaim'),
      groups: many('group'),
      adminGroups: many('adminGroup'),
      trustsEmail: choiceOf(options, 'trustsEmail', { yes: true, no: false }),
    }),
  }
}

/** The lists that are to be emptied, as changes. */
export function emptiedLists(options: Options): GivenFacts {
  const given = options.all('clear')
  const wrong = given.find((name) => !clearable.some((known) => known === name))
  if (wrong !== undefined) {
    throw new UsageFault(`there is no list ${JSON.stringify(wrong)}`, `write ${clearable.join(', ')}`)
  }
  const empty = (name: (typeof clearable)[number]) => (given.includes(name) ? [] : undefined)
  return {
    ...withoutGaps({ keepTokensFor: empty('keep-tokens-for') }),
    rules: withoutGaps({
      tenants: empty('tenant'),
      domains: empty('domain'),
      groups: empty('group'),
      adminGroups: empty('admin-group'),
    }),
  }
}

/** Would these changes change nothing? */
export function isNothing({ rules, ...rest }: UpstreamChanges): boolean {
  return Object.keys(withoutGaps({ ...rest, ...rules })).length === 0
}

function choiceOf(options: Options, name: string, choices: Readonly<Record<string, boolean>>): boolean | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  const found = Object.entries(choices).find(([word]) => word === text)
  if (found !== undefined) return found[1]
  throw new UsageFault(`there is no choice ${JSON.stringify(text)}`, `write ${Object.keys(choices).join(' or ')}`)
}

function withoutGaps<T extends object>(given: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
