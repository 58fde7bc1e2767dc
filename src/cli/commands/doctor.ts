import { readFile } from 'node:fs/promises'
import { loadEgressSettings } from '../../config/load.ts'
import { version } from '../../config/version.ts'
import { isOwnMachine } from '../../doctor/authorization.ts'
import { type ClientName, clientNames, isClientName } from '../../doctor/clients.ts'
import { createDoctor, serverAddress, withoutCredentials } from '../../doctor/doctor.ts'
import { loginOnLoopback } from '../../doctor/login.ts'
import type { Report } from '../../doctor/report.ts'
import { isBearerToken } from '../../doctor/wire.ts'
import { concernedClients, findingWords } from '../../doctor/words.ts'
import { messagesFor } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import { createGuardedFetch, type GuardedFetch } from '../../net/guarded-fetch.ts'
import { systemClock } from '../../runtime/clock.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { say, type Terminal, writeJson } from '../terminal.ts'

const messages = messagesFor('en')

/** `doctor`: what keeps clients from connecting to an MCP server, whoever made it. */
export const doctorCommand: Command = {
  name: 'doctor',
  args: ['mcp-server-url'],
  doc: 'say what keeps MCP clients from connecting to a server, and what to change; needs no settings, and goes out as SALLYPORT_EGRESS_… say; exit code 1 when something is broken',
  options: [
    { flags: '--client <name…>', doc: `play this client only: ${clientNames.join(', ')}` },
    { flags: '--register', doc: 'register clients even if they cannot be removed again' },
    { flags: '--client-id <id>', doc: 'use this client instead of registering any' },
    { flags: '--token <file>', doc: 'call the server with the access token in this file; - reads standard input' },
    { flags: '--login', doc: 'print an address to sign in at, then call the server with the token' },
    { flags: '--allow-loopback', doc: 'let what the server names lie on this machine' },
    { flags: '--allow-internal <host…>', doc: 'let what the server names lie on this internal host' },
    jsonOption,
  ],
  example: 'sallyport doctor https://tools.example.com/mcp --client vscode --client cursor',
  run: examine,
}

async function examine(call: Call): Promise<number> {
  const { options, terminal } = call
  const address = serverAddress(argument(call, 'mcp-server-url'))
  if (address === null) throw notAnAddress(argument(call, 'mcp-server-url'))
  if (options.flag('login') && options.text('token') !== undefined) {
    throw new UsageFault('--login and --token are two ways to one token', 'give one of them')
  }
  const clientId = options.text('clientId')
  const doctor = createDoctor({ guardedFetch: wayOut(call, new URL(address)), clock: systemClock })
  const examination = {
    address,
    clients: clientsOf(options.all('client')),
    mayLeaveBehind: options.flag('register'),
    clientId,
    accessToken: await tokenOf(call),
    login: options.flag('login')
      ? loginOnLoopback({ clientId, show: (url) => void terminal.stderr.write(`sign in at\n${url}\n`) })
      : undefined,
  }
  const callingOff = new AbortController()
  const callOff = (): void => callingOff.abort()
  // Once: whoever presses again does not want to wait for what is being removed.
  process.once('SIGINT', callOff)
  const report = await doctor
    .examine({ ...examination, signal: callingOff.signal })
    .finally(() => process.off('SIGINT', callOff))
  if (callingOff.signal.aborted) {
    const left = report.leftBehind.join(', ')
    throw new CommandFault('called off', left === '' ? 'nothing was left behind' : `left behind: ${left}`)
  }
  if (options.flag('json')) writeJson(terminal, inJson(report))
  else print(terminal, report)
  return report.light === 'red' ? 1 : 0
}

function wayOut({ env, options }: Call, { host, hostname }: URL): GuardedFetch {
  const { egressAllowedHosts, egressProxy } = loadEgressSettings(env)
  const isHere = isOwnMachine({ hostname })
  return createGuardedFetch({
    userAgent: `sallyport-doctor/${version}`,
    // Whoever types an address at a terminal means it. What that server names then needs a word of its own, or of the operator's.
    allowedInternalHosts: [...(isHere ? [] : [host]), ...options.all('allowInternal'), ...egressAllowedHosts],
    loopback: isHere || options.flag('allowLoopback'),
    proxy: egressProxy,
    asClient: true,
    timeoutMs: 10_000,
    maxBytes: 256 * 1024,
  })
}

/** The address is not repeated: it may hold a password. */
function notAnAddress(text: string): UsageFault {
  return withoutCredentials(text) === text
    ? new UsageFault('the address of an MCP server begins with https:// or http://', 'give it as clients are given it')
    : new UsageFault('an address with a name or a password in it is not sent', 'leave them out; --token takes a token')
}

function clientsOf(given: readonly string[]): readonly ClientName[] | undefined {
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim().toLowerCase())
  const unknown = names.find((name) => !isClientName(name))
  if (unknown !== undefined) {
    throw new UsageFault(`there is no client ${JSON.stringify(unknown)}`, `known are ${clientNames.join(', ')}`)
  }
  return names.length === 0 ? undefined : names.filter(isClientName)
}

/** A token is no argument: the list of processes and the history of the shell would keep it. */
async function tokenOf({ options, terminal }: Call): Promise<string | undefined> {
  const file = options.text('token')
  if (file === undefined) return undefined
  let text = ''
  if (file === '-') for await (const chunk of terminal.stdin) text += String(chunk)
  else {
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CommandFault(
        `cannot read ${file} (${reason})`,
        'name a file that holds an access token and nothing else',
      )
    }
  }
  const token = text.trim().replace(/^bearer\s+/i, '')
  if (isBearerToken(token)) return token
  throw new CommandFault('what was given is no access token', 'name a file that holds an access token and nothing else')
}

const marks = { green: 'ok', amber: 'look', red: 'broken', untried: '–' } as const

function print(terminal: Terminal, report: Report): void {
  say(terminal, `server  ${report.address}`)
  say(terminal, `issuer  ${report.issuer ?? messages.doctor.noServer}`)
  for (const { step, light, findings } of report.steps) {
    say(terminal, `${marks[light].padEnd(7)} ${messages.doctor.stepNames[step]}`)
    for (const finding of findings) {
      const { what, change } = findingWords(messages, finding)
      const clients = concernedClients(messages, finding, report.clients.length)
      say(terminal, `        ${what}${clients === undefined ? '' : ` (${clients})`}`)
      say(terminal, `        → ${change}`)
    }
  }
  const width = Math.max(...report.clients.map(({ name }) => name.length))
  for (const { name, light, way } of report.clients) {
    say(terminal, `${marks[light].padEnd(7)} ${name.padEnd(width)}  ${messages.doctor.ways[way]}`)
  }
  if (report.leftBehind.length > 0) say(terminal, fill(messages.doctor.left, { ids: report.leftBehind.join(', ') }))
  say(terminal, messages.doctor.verdicts[report.light])
}

/** The shape that scripts read; members are added, never changed. */
function inJson(report: Report) {
  return {
    version: 1,
    address: report.address,
    issuer: report.issuer ?? null,
    light: report.light,
    steps: report.steps.map(({ step, light, findings }) => ({
      step,
      light,
      findings: findings.map((finding) => ({
        code: finding.code,
        ...findingWords(messages, finding),
        clients: finding.clients,
        values: finding.values,
      })),
    })),
    clients: report.clients.map(({ client, light, way, findings }) => ({
      client,
      light,
      way,
      findings: [...new Set(findings.map(({ code }) => code))],
    })),
    left_behind: report.leftBehind,
  }
}
