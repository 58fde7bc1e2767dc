import { toolName } from '../../resources/check.ts'
import type { Risk, ScopeDraft } from '../../resources/resource.ts'
import type { Options } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'

const risks: readonly Risk[] = ['read', 'write', 'destructive']

/** Options that say what an MCP server lets clients do. */
export const scopeFacts = [
  { flags: '--read <scope=words…>', doc: 'a scope that only reads, with its words for people; may be repeated' },
  { flags: '--write <scope=words…>', doc: 'a scope that changes things; may be repeated' },
  { flags: '--destructive <scope=words…>', doc: 'a scope that can destroy; may be repeated' },
  { flags: '--tools <scope=names…>', doc: 'tools that a scope opens, separated by commas; may be repeated' },
  { flags: '--default <scope…>', doc: 'asked for when a client names no scope; may be repeated' },
]

/** The scopes given, without their tools; undefined when none is given. */
export function readScopes(options: Options): ScopeDraft[] | undefined {
  const defaults = options.all('default')
  const scopes = risks.flatMap((risk) =>
    options.all(risk).map((line) => {
      const at = line.indexOf('=')
      if (at < 1 || at === line.length - 1) {
        throw new UsageFault(
          `--${risk} ${JSON.stringify(line)} has no words for people`,
          `write --${risk} "notes:read=Read your notes"`,
        )
      }
      const name = line.slice(0, at)
      return { name, description: line.slice(at + 1), risk, isDefault: defaults.includes(name) }
    }),
  )
  if (scopes.length === 0) return undefined
  const unknown = defaults.find((name) => !scopes.some((scope) => scope.name === name))
  if (unknown === undefined) return scopes
  throw new UsageFault(`--default ${unknown} is none of the scopes`, 'name a scope that is given in the same command')
}

/** Scope → names of its tools, as given; no name after the sign takes its tools away. */
export function readTools(options: Options): ReadonlyMap<string, readonly string[]> {
  const given = options.all('tools').map((line) => {
    // A scope may hold the sign, RFC 6749 §3.3; a tool may not.
    const at = line.lastIndexOf('=')
    const names = line.slice(at + 1).split(/[\s,]+/)
    const tools = names.filter((name) => name !== '')
    if (at < 1 || !tools.every((name) => toolName.test(name))) {
      throw new UsageFault(
        `--tools ${JSON.stringify(line)} does not name the tools of a scope`,
        'write --tools notes:read=search_notes,read_note',
      )
    }
    return [line.slice(0, at), tools] as const
  })
  return new Map(given)
}

/** The same scopes with other defaults. */
export function withDefaults(identifier: string, scopes: readonly ScopeDraft[], defaults: readonly string[]) {
  requireKnown(identifier, scopes, defaults)
  return scopes.map((scope) => ({ ...scope, isDefault: defaults.includes(scope.name) }))
}

/** The same scopes; those that are named open these tools instead. */
export function withTools(
  identifier: string,
  scopes: readonly ScopeDraft[],
  tools: ReadonlyMap<string, readonly string[]>,
): ScopeDraft[] {
  requireKnown(identifier, scopes, [...tools.keys()])
  return scopes.map((scope) => ({ ...scope, tools: tools.get(scope.name) ?? scope.tools }))
}

function requireKnown(identifier: string, scopes: readonly ScopeDraft[], names: readonly string[]): void {
  const unknown = names.find((name) => !scopes.some((scope) => scope.name === name))
  if (unknown === undefined) return
  throw new CommandFault(`${unknown} is no scope of ${identifier}`, 'sallyport resource show lists its scopes')
}
