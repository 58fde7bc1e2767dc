// Room: cli. The command line: `sallyport <noun> <verb>`, one table of commands over the same functions that the console
// calls. Help, arguments and exit codes (0 done, 1 failed, 2 called wrongly) come from the table. Serves no path.
import { Command as Commander, CommanderError } from 'commander'
import { type Environment, readEnvironment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { version } from '../config/version.ts'
import type { Rooms } from '../rooms.ts'
import { type Call, type Command, createOptions } from './command.ts'
import { approvalCommands } from './commands/approval.ts'
import { auditCommands } from './commands/audit.ts'
import { clientCommands } from './commands/client.ts'
import { clientCheckCommand } from './commands/client-check.ts'
import { clientSetCommand } from './commands/client-set.ts'
import { connectionCommands } from './commands/connection.ts'
import { consentCommands } from './commands/consent.ts'
import { diagnoseCommands } from './commands/diagnose.ts'
import { doctorCommand } from './commands/doctor.ts'
import { hostCommands } from './commands/host.ts'
import { keyCommands } from './commands/key.ts'
import { registrationTokenCommands } from './commands/registration-token.ts'
import { resourceCommands } from './commands/resource.ts'
import { serverCommands } from './commands/server.ts'
import { upstreamCommands } from './commands/upstream.ts'
import { userCommands } from './commands/user.ts'
import { faultWords } from './faults.ts'
import { commandLogger, openRoomsOf } from './open.ts'
import type { Terminal } from './terminal.ts'

/** Every command there is, in the order of the help. */
export const commands: readonly Command[] = [
  ...serverCommands,
  ...userCommands,
  ...upstreamCommands,
  ...clientCommands,
  ...hostCommands,
  clientSetCommand,
  clientCheckCommand,
  ...approvalCommands,
  ...registrationTokenCommands,
  ...resourceCommands,
  ...connectionCommands,
  ...consentCommands,
  ...keyCommands,
  ...auditCommands,
  ...diagnoseCommands,
  doctorCommand,
]

/** What a run works with; everything is the process's own when absent. */
export interface RunOptions {
  readonly env?: Environment
  readonly terminal?: Terminal
  /** Instead of opening those of the configuration; the caller closes them. */
  readonly rooms?: Rooms
}

/**
 * Runs one command line.
 *
 * @param argv without program and script
 * @returns the exit code: 0 done, 1 it failed, 2 called wrongly
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<number> {
  const terminal = options.terminal ?? process
  const env = options.env ?? readEnvironment()
  let exitCode = 0
  const program = buildProgram(terminal, async (command, args, given) => {
    exitCode = await carryOut(command, args, given, { env, terminal, rooms: options.rooms })
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return usageFault(error, argv, terminal)
    const words = faultWords(error)
    if (words.isOurs) commandLogger({ logLevel: 'warn' }).error({ err: error }, 'unforeseen fault')
    for (const line of words.lines) terminal.stderr.write(`${line}\n`)
    return words.exitCode
  }
}

async function carryOut(
  command: Command,
  args: Readonly<Record<string, string>>,
  given: Readonly<Record<string, unknown>>,
  { env, terminal, rooms }: { env: Environment; terminal: Terminal; rooms: Rooms | undefined },
): Promise<number> {
  let close: (() => Promise<void>) | undefined
  const call: Call = {
    env,
    terminal,
    args,
    options: createOptions(given),
    config: () => loadConfig(env),
    async rooms() {
      if (rooms !== undefined) return rooms
      const config = loadConfig(env)
      const opened = await openRoomsOf(config)
      close = () => opened.close()
      return opened
    },
  }
  try {
    return (await command.run(call)) ?? 0
  } finally {
    await close?.()
  }
}

type Act = (command: Command, args: Record<string, string>, given: Record<string, unknown>) => Promise<void>

function buildProgram(terminal: Terminal, act: Act): Commander {
  const program = prepare(new Commander('sallyport'), terminal).description(
    'self-hosted OAuth 2.1 authorization server for MCP servers',
  )
  program.version(version, '-v, --version', 'print the version')
  for (const command of commands) {
    const [noun = '', verb] = command.name.split(' ')
    const parent =
      verb === undefined
        ? program
        : (program.commands.find((known) => known.name() === noun) ?? addNoun(program, noun, terminal))
    addCommand(parent, verb ?? noun, command, terminal, act)
  }
  return program
}

const nouns: Readonly<Record<string, string>> = {
  config: 'the settings',
  user: 'people',
  upstream: 'providers that people sign in with',
  client: 'programs that ask for tokens',
  'registration-token': 'tokens with which clients may register',
  resource: 'MCP servers',
  connection: 'what acts as people',
  consent: 'what people allowed',
  key: 'signing keys',
  audit: 'the book of what happened',
  diagnose: 'what is wrong',
}

function addNoun(program: Commander, noun: string, terminal: Terminal): Commander {
  return prepare(program.command(noun), terminal).description(nouns[noun] ?? noun)
}

function addCommand(parent: Commander, name: string, command: Command, terminal: Terminal, act: Act): void {
  const names = command.args ?? []
  const added = prepare(parent.command(name), terminal).description(command.doc)
  for (const one of names) added.argument(`<${one}>`)
  for (const { flags, doc } of command.options ?? []) {
    const isRepeated = flags.includes('…>')
    const collect = (value: string, before: readonly string[] = []) => [...before, value]
    if (isRepeated) added.option(flags.replace('…>', '>'), doc, collect)
    else added.option(flags, doc)
  }
  if (command.example !== undefined) added.addHelpText('after', `\nExample:\n  ${command.example}`)
  added.action(async (...values: unknown[]) => {
    const args = Object.fromEntries(names.map((one, index) => [one, String(values[index])]))
    await act(command, args, added.opts())
  })
}

// Commander prints and exits by itself unless told otherwise; exit codes and words are ours.
function prepare(command: Commander, terminal: Terminal): Commander {
  return command
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.stdout.write(text), writeErr: () => {}, outputError: () => {} })
    .showHelpAfterError(false)
    .helpOption('-h, --help', 'show how it is called')
    .helpCommand(false)
}

function usageFault(error: CommanderError, argv: readonly string[], terminal: Terminal): number {
  if (error.exitCode === 0) return 0
  const [first = '', suggestion] = error.message.split('\n')
  const isMissing = error.code === 'commander.help'
  const message = isMissing ? 'a command is missing' : first.replace(/^error: /, '').replace(/\.$/, '')
  const meant = suggestion === undefined ? undefined : /\(Did you mean (.+)\?\)/.exec(suggestion)?.[1]
  const called = commands.find(({ name }) => name === argv.slice(0, name.split(' ').length).join(' '))
  const help =
    called === undefined ? 'sallyport --help lists the commands' : `sallyport ${called.name} --help shows how`
  terminal.stderr.write(`${message}\nhint: ${meant === undefined ? help : `did you mean ${meant}?`}\n`)
  return 2
}
