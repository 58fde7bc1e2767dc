import type { Client } from '../../clients/client.ts'
import { setIntrospects } from '../../clients/introspects/set.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { UsageFault } from '../faults.ts'
import { say, type Terminal, writeJson } from '../terminal.ts'
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
  const servers = await serversOf(rooms, given.length === 1 && given[0] === 'none' ? [] : given)
  const client = await setIntrospects(rooms.clientDesk, argument(call, 'id'), servers.identifiers, {
    actor: 'operator',
  })
  noteStrangers(terminal, servers)
  if (options.flag('json')) return writeJson(terminal, shown(client))
  say(terminal, `${client.id} may ask about tokens of ${wordsOf(client)}`)
}

/** MCP servers that somebody typed: what to write down for each, and which of them nobody has registered. */
export interface NamedServers {
  readonly identifiers: readonly string[]
  readonly strangers: readonly string[]
}

/** Finds the MCP servers that somebody typed; an alias stands for its server, one that is not registered for itself: it may be, later. */
export async function serversOf(
  { registry }: Pick<Rooms, 'registry'>,
  texts: readonly string[],
): Promise<NamedServers> {
  const found = await Promise.all(texts.map((text) => registry.find(text)))
  return {
    identifiers: texts.map((text, index) => found[index]?.identifier ?? text),
    strangers: texts.filter((_, index) => found[index] === null),
  }
}

/** Says on standard error which of them are not registered. For after the act: before one that fails it would be another fault. */
export function noteStrangers(terminal: Terminal, { strangers }: NamedServers): void {
  for (const text of strangers) {
    terminal.stderr.write(`note: there is no MCP server ${JSON.stringify(text)} here (yet)\n`)
  }
}

function wordsOf({ introspects }: Client): string {
  return introspects.length === 0 ? 'no MCP server' : introspects.join(', ')
}
