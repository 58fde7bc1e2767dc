import { namesOf, plainSentence } from '../../admin/audit-sentence.ts'
import { eventsOfRequest, recentFailures } from '../../admin/diagnostics-failures.ts'
import { explainedCodes, findingWords, membersText } from '../../admin/diagnostics-page.ts'
import { isAcceptable, readToken } from '../../admin/diagnostics-token.ts'
import { createGrantLookup } from '../../admin/grants/store.ts'
import { createNameStore } from '../../admin/names/store.ts'
import { formatFor } from '../../messages/format.ts'
import { messagesFor } from '../../messages/messages.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault } from '../faults.ts'
import { list, say, shortTime } from '../terminal.ts'

const messages = messagesFor('en')
const format = formatFor('en')
const perKind = 50

/** What is wrong. */
export const diagnoseCommands: readonly Command[] = [
  {
    name: 'diagnose token',
    doc: 'read an access token from standard input; it is neither kept nor logged; exit code 1 when it would be refused',
    example: 'sallyport diagnose token < token.txt',
    run: diagnoseToken,
  },
  { name: 'diagnose code', args: ['code'], doc: 'say what an error code means and what to do', run: explainCode },
  {
    name: 'diagnose failures',
    doc: 'list what was refused in the last day, or everything of one request',
    options: [{ flags: '--request <id>', doc: 'what was written under this id, as error pages show it' }, jsonOption],
    run: listFailures,
  },
]

async function diagnoseToken(call: Call): Promise<number> {
  // Not an argument: the list of processes and the history of the shell would keep it.
  let pasted = ''
  for await (const chunk of call.terminal.stdin) pasted += String(chunk)
  const rooms = await call.rooms()
  await rooms.keys.load()
  const now = rooms.clock.now()
  const reading = await readToken(
    pasted,
    {
      issuer: rooms.config.issuer,
      publicKeys: () => rooms.keys.keyset().published.keys,
      keys: rooms.keys.keys,
      findResource: rooms.registry.find,
      findClient: rooms.clients.find,
      findAccount: rooms.accounts.store.find,
      grantOf: createGrantLookup(rooms.database, rooms.audit, rooms.clock),
    },
    now,
  )
  for (const finding of reading.findings) {
    say(call.terminal, `${finding.tone.padEnd(5)} ${findingWords(messages, format, finding, now)}`)
  }
  if (reading.parts !== undefined) {
    call.terminal.stdout.write(`${membersText(reading.parts.header)}\n${membersText(reading.parts.claims)}\n`)
  }
  return isAcceptable(reading) ? 0 : 1
}

async function explainCode(call: Call): Promise<undefined> {
  const code = argument(call, 'code')
  const found = explainedCodes(messages).find((one) => one.code === code)
  if (found === undefined) {
    const known = explainedCodes(messages)
      .map((one) => one.code)
      .join(' ')
    throw new CommandFault(`there is no error code ${JSON.stringify(code)}`, `known are ${known}`)
  }
  say(call.terminal, found.cause)
  say(call.terminal, found.cure)
}

async function listFailures(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const requestId = call.options.text('request')
  const events =
    requestId === undefined
      ? await recentFailures(rooms.audit, rooms.clock.now(), perKind)
      : (await eventsOfRequest(rooms.audit, requestId, undefined, Number.POSITIVE_INFINITY)).events
  const names = await namesOf(createNameStore(rooms.database), events, await rooms.registry.all())
  list(call.terminal, events, {
    json: call.options.flag('json'),
    columns: [
      { title: 'AT', of: ({ at }) => shortTime(at) },
      { title: 'WHAT', of: (event) => plainSentence(messages, event, names) },
      { title: 'WHY', of: ({ detail }) => [detail.error, detail.reason].filter((one) => one !== undefined).join(' ') },
      { title: 'CLIENT', of: ({ clientId }) => clientId },
      { title: 'REQUEST', of: ({ requestId: id }) => id },
    ],
    nothing: requestId === undefined ? 'nothing was refused in the last day' : 'nothing was written under this id',
  })
}
