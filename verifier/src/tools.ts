import { isRecord } from './strict-json.ts'

/**
 * Tool → all the scopes that a call of it needs. `'*'` stands for every tool that is not named; without it, a tool that is not named
 * cannot be called, so that a new tool is closed until somebody has thought about it. An empty list opens a tool to every good token.
 */
export type ToolScopes = Readonly<Record<string, readonly string[]>>

/**
 * Finds what a call of a tool needs.
 *
 * @param name as the request names it; names are compared whole and in their case
 * @returns undefined when the tool is not to be called at all
 */
export function scopesOfTool(tools: ToolScopes, name: string): readonly string[] | undefined {
  if (Object.hasOwn(tools, name)) return tools[name]
  return Object.hasOwn(tools, '*') ? tools['*'] : undefined
}

/**
 * Takes the tools out of a `tools/list` result that the token may not call. A tool that cannot be seen cannot be asked for either: a
 * client never learns that it could step up. So filter what a person should not even know of, and leave the rest to the 403.
 *
 * @param result of `tools/list`; what has no list of tools comes back as it is
 * @param mayCall whether a tool may be called
 * @returns a copy, in the same order
 */
export function keepCallableTools<Result>(result: Result, mayCall: (name: string) => boolean): Result {
  if (!isRecord(result) || !Array.isArray(result.tools)) return result
  const tools: unknown[] = result.tools
  return {
    ...result,
    tools: tools.filter((tool) => isRecord(tool) && typeof tool.name === 'string' && mayCall(tool.name)),
  }
}
