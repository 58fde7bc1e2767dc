import { openSetup } from '../../accounts/register.ts'
import type { Config } from '../../config/config.ts'
import { describeConfig, describeSettings } from '../../config/print.ts'
import { checkFileUpstreams } from '../../federation/sync.ts'
import { messagesFor } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import { askOwnServer } from '../../net/own-server.ts'
import { type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault } from '../faults.ts'
import { migrateDatabase } from '../open.ts'
import { serve } from '../serve.ts'
import { list, say, writeJson } from '../terminal.ts'

/** The server itself: run, prepare, ask how it is. */
export const serverCommands: readonly Command[] = [
  { name: 'serve', doc: 'run the server', run: (call) => serve(call.config(), call.terminal) },
  {
    name: 'migrate',
    doc: 'bring the database to the schema of this version',
    async run(call) {
      const names = await migrateDatabase(call.config())
      say(call.terminal, names.length === 0 ? 'the database is up to date' : `applied ${names.join(', ')}`)
      return undefined
    },
  },
  {
    name: 'setup-link',
    doc: 'print a new link for the first administrator; earlier ones die',
    async run(call) {
      const { accounts, config } = await call.rooms()
      const token = await openSetup(accounts)
      if (token === null)
        throw new CommandFault(
          'there is an administrator already',
          'sallyport user set-password sets a forgotten password',
        )
      say(call.terminal, `${config.issuer}/setup/${token}`)
      return undefined
    },
  },
  {
    name: 'health',
    doc: 'ask the server of this configuration whether it is ready; exit code 1 when not',
    run: askHealth,
  },
  {
    name: 'config check',
    doc: 'check every setting and the file; all faults are told at once',
    async run(call) {
      requireUpstreams(call.config())
      say(call.terminal, 'the configuration is right')
      return undefined
    },
  },
  {
    name: 'config print',
    doc: 'print the settings that count, without secrets',
    options: [jsonOption],
    run: printConfig,
  },
]

/** What a kind of provider cannot do is known to its room alone, and would be told at the start only. */
function requireUpstreams({ file }: Config): void {
  const checked = checkFileUpstreams(file.upstreams)
  if (checked.ok) return
  const faults = checked.faults.map((fault) => `upstream ${fault}`)
  throw new CommandFault(faults.join(' '), 'docs/upstream.md tells what each preset needs')
}

async function printConfig(call: Call): Promise<undefined> {
  const config = call.config()
  if (call.options.flag('json')) return writeJson(call.terminal, describeConfig(config))
  list(call.terminal, describeSettings(config), {
    json: false,
    columns: [
      { title: 'SETTING', of: ({ name }) => name },
      { title: 'VALUE', of: ({ value }) => value },
      {
        title: 'COMES FROM',
        of: ({ from, foundAs = '' }) => fill(messagesFor('en').adminSettings.origins[from], { name: foundAs }),
      },
    ],
    nothing: 'nothing is set',
  })
}

async function askHealth(call: Call): Promise<number> {
  const { status, text } = await get(call.config(), '/readyz')
  say(call.terminal, text)
  return status === 200 ? 0 : 1
}

async function get(config: Config, path: string): Promise<{ status: number; text: string }> {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host
  // The server knows itself by the host of its issuer only, and refuses others.
  const headers = { host: new URL(config.issuer).host }
  try {
    return await askOwnServer({ host, port: config.port, path, headers, timeoutMs: 2000 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `no server answers at ${host} port ${config.port} (${reason})`
    throw new CommandFault(message, 'sallyport serve starts it')
  }
}
