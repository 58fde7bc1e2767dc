import type { Client } from '../../clients/client.ts'
import { setIntrospects } from '../../clients/introspects/set.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { UsageFault } from '../faults.ts'
import { say, writeJson } from '../terminal.ts'
import { shown } from './client-shown.ts'

/** `client set`: changes what an operator's client may do. */
export const clientSetCommand: Command = {
  name: 'client set',
  args: ['id'],
  doc: 'change about which MCP servers’ tokens a client may ask',
  options: [
    {
      flags: '--introspects <resource…>',
      doc: 'an MCP server whose tokens it may ask about; may be repeated, replaces those so far; none: about nobody’s',
    },
    jsonOption,
  ],
  example: 'sallyport client set notes-server --introspects https://mcp.example/mcp',
  run: set,
}

async function set(call: Call): Promise<undefined> {
  const { options, terminal } = call
  const given = options.all('introspects')
  if (given.length === 0) {
    throw new UsageFault('nothing to change was given', 'write --introspects <resource>, or --introspects none')
  }
  const rooms = await call.rooms()
  const texts = given.length === 1 && given[0] === 'none' ? [] : await serversOf(call, rooms, given)
  const client = await setIntrospects(rooms.clientDesk, argument(call, 'id'), texts, { actor: 'operator' })
  if (options.flag('json')) return writeJson(terminal, shown(client))
  say(terminal, `${client.id} may ask about tokens of ${wordsOf(client)}`)
}

/**
 * The identifiers of MCP servers that somebody typed; an alias stands for its server. One that is not registered is taken as it is
 * written, since it may be registered later, and told on standard error.
 */
export async function serversOf(
  { terminal }: Pick<Call, 'terminal'>,
  { registry }: Pick<Rooms, 'registry'>,
  texts: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(texts.map((text) => registry.find(text)))
  return texts.map((text, index) => {
    const server = found[index] ?? null
    if (server === null) terminal.stderr.write(`note: there is no MCP server ${JSON.stringify(text)} here (yet)\n`)
    return server?.identifier ?? text
  })
}

function wordsOf({ introspects }: Client): string {
  return introspects.length === 0 ? 'no MCP server' : introspects.join(', ')
}
