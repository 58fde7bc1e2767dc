import { readFile } from 'node:fs/promises'
import { version } from '../../config/version.ts'
import { type ClientName, clientNames, isClientName } from '../../doctor/clients.ts'
import { createDoctor, serverAddress } from '../../doctor/doctor.ts'
import { loginOnLoopback } from '../../doctor/login.ts'
import type { Report } from '../../doctor/report.ts'
import { clientsWords, findingWords } from '../../doctor/words.ts'
import { messagesFor } from '../../messages/messages.ts'
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import { systemClock } from '../../runtime/clock.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { say, type Terminal, writeJson } from '../terminal.ts'

const messages = messagesFor('en')

/** `doctor`: what keeps clients from connecting to an MCP server, whoever made it. */
export const doctorCommand: Command = {
  name: 'doctor',
  args: ['mcp-server-url'],
  doc: 'say what keeps MCP clients from connecting to a server, and what to change; needs no settings; exit code 1 when something is broken',
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
  if (address === null) {
    throw new UsageFault(
      'the address of an MCP server begins with https:// or http://',
      'give it as clients are given it',
    )
  }
  const { host, hostname } = new URL(address)
  const isHere = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$|\.localhost$/.test(hostname)
  const clientId = options.text('clientId')
  const guardedFetch = createGuardedFetch({
    userAgent: `sallyport-doctor/${version}`,
    // Whoever types an address at a terminal means it. What that server names then needs a word of its own.
    allowedInternalHosts: [...(isHere ? [] : [host]), ...options.all('allowInternal')],
    loopback: isHere || options.flag('allowLoopback'),
    asClient: true,
    timeoutMs: 10_000,
    maxBytes: 256 * 1024,
  })
  const report = await createDoctor({ guardedFetch, clock: systemClock }).examine({
    address,
    clients: clientsOf(options.all('client')),
    mayLeaveBehind: options.flag('register'),
    clientId,
    accessToken: await tokenOf(call),
    login: options.flag('login')
      ? loginOnLoopback({ clientId, show: (url) => void terminal.stderr.write(`sign in at\n${url}\n`) })
      : undefined,
  })
  if (options.flag('json')) writeJson(terminal, inJson(report))
  else print(terminal, report)
  return report.light === 'red' ? 1 : 0
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
  // RFC 6750 §2.1; anything else could not be sent.
  if (/^[\w.~+/-]+=*$/.test(token)) return token
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
      const whom = report.clients.length > finding.clients.length ? ` (${clientsWords(messages, finding.clients)})` : ''
      say(terminal, `        ${what}${whom}`)
      say(terminal, `        → ${change}`)
    }
  }
  const width = Math.max(...report.clients.map(({ name }) => name.length))
  for (const { name, light, way } of report.clients) {
    say(terminal, `${marks[light].padEnd(7)} ${name.padEnd(width)}  ${messages.doctor.ways[way]}`)
  }
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
