import { auditFilterOf, readAuditQuery } from '../../admin/audit-query.ts'
import { namesOf, plainSentence } from '../../admin/audit-sentence.ts'
import { createNameStore } from '../../admin/names/store.ts'
import { isAuditEventType } from '../../audit/events.ts'
import { csvHead, csvLine, jsonLine } from '../../audit/export.ts'
import type { AuditFilter, ExportRow } from '../../audit/record.ts'
import { messagesFor } from '../../messages/messages.ts'
import type { Rooms } from '../../rooms.ts'
import { type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { list, say, shortTime } from '../terminal.ts'

/** The filter of the console, by the same names. */
const filterOptions = [
  { flags: '--type <type>', doc: 'only this type, token.issued for instance' },
  { flags: '--account <email>', doc: 'only what concerns one person' },
  { flags: '--client <id>', doc: 'only what concerns one client' },
  { flags: '--server <identifier>', doc: 'only what concerns one MCP server' },
  { flags: '--request <id>', doc: 'only what was written under the id of one request' },
  { flags: '--since <day>', doc: 'from this day on, in UTC: 2026-03-14' },
  { flags: '--until <day>', doc: 'up to this day and with it' },
  { flags: '--before <id>', doc: 'only what is older than this event' },
]
const filterNames = ['type', 'account', 'client', 'server', 'request', 'since', 'until', 'before'] as const

/** The book of what happened. */
export const auditCommands: readonly Command[] = [
  {
    name: 'audit list',
    doc: 'list events, newest first',
    options: [
      ...filterOptions,
      { flags: '--limit <count>', doc: 'at most so many, 50 when absent, 1000 at most' },
      jsonOption,
    ],
    run: listEvents,
  },
  {
    name: 'audit export',
    doc: 'write events, one JSON object a line: all sealed ones in their order, or what a filter finds, newest first',
    options: [...filterOptions, { flags: '--csv', doc: 'write a table instead' }],
    run: exportEvents,
  },
  { name: 'audit verify', doc: 'check the chain of hashes; exit code 1 when it is broken', run: verifyChain },
]

async function filterOf(call: Call, rooms: Rooms): Promise<AuditFilter> {
  const given = filterNames.flatMap((name) => {
    const value = call.options.text(name)
    return value === undefined ? [] : [[name, value]]
  })
  const checked = await auditFilterOf(rooms.accounts.store, readAuditQuery(new URLSearchParams(given)))
  if (checked.ok) return checked.filter
  if (checked.fault === 'wrongDay') throw new UsageFault('this is no day', 'days look like 2026-03-14')
  throw new CommandFault(
    `there is no account ${JSON.stringify(call.options.text('account'))}`,
    'sallyport user list shows all accounts',
  )
}

function checkType(call: Call): void {
  const type = call.options.text('type')
  if (type === undefined || isAuditEventType(type)) return
  throw new UsageFault(`${JSON.stringify(type)} is no type of event`, 'types look like token.issued or consent.granted')
}

async function listEvents(call: Call): Promise<undefined> {
  checkType(call)
  const limit = Math.min(call.options.wholeNumber('limit') ?? 50, 1000)
  const rooms = await call.rooms()
  const events = await rooms.audit.list({ ...(await filterOf(call, rooms)), limit })
  const names = await namesOf(createNameStore(rooms.database), events, await rooms.registry.all())
  list(call.terminal, events, {
    json: call.options.flag('json'),
    columns: [
      { title: 'AT', of: ({ at }) => shortTime(at) },
      { title: 'TYPE', of: ({ type: name }) => name },
      { title: 'WHAT', of: (event) => plainSentence(messagesFor('en'), event, names) },
      { title: 'ACTOR', of: ({ actor }) => actor },
      { title: 'CLIENT', of: ({ clientId }) => clientId },
      { title: 'MCP SERVER', of: ({ resource }) => resource },
      {
        title: 'DETAIL',
        of: ({ detail }) =>
          Object.entries(detail)
            .map(([name, value]) => `${name}=${value}`)
            .join(' '),
      },
    ],
    nothing: 'nothing of this kind has happened',
  })
}

async function exportEvents(call: Call): Promise<undefined> {
  checkType(call)
  const rooms = await call.rooms()
  const { audit } = rooms
  const { stdout } = call.terminal
  await audit.seal()
  const isFiltered = filterNames.some((name) => call.options.text(name) !== undefined)
  // Not `say`: the lines are JSON or a table already, with control characters escaped or quoted.
  if (call.options.flag('csv')) {
    const names = createNameStore(rooms.database)
    stdout.write(csvHead)
    for await (const row of audit.exportRows(await filterOf(call, rooms)))
      stdout.write(csvLine(row, await emailOf(names, row)))
  } else if (isFiltered) {
    for await (const row of audit.exportRows(await filterOf(call, rooms))) stdout.write(jsonLine(row))
  } else {
    for await (const line of audit.exportLines()) stdout.write(`${line}\n`)
  }
}

async function emailOf(
  names: ReturnType<typeof createNameStore>,
  { account_id: id }: ExportRow,
): Promise<string | undefined> {
  return id === null ? undefined : (await names.of([id], [])).people.get(id)
}

async function verifyChain(call: Call): Promise<number> {
  const { audit } = await call.rooms()
  await audit.seal()
  const verdict = await audit.verify()
  if (verdict.ok) {
    say(call.terminal, `the chain of ${verdict.count} events is whole`)
    return 0
  }
  call.terminal.stderr.write(`the chain is broken at position ${verdict.position}: ${verdict.reason}\n`)
  call.terminal.stderr.write('hint: compare with an export kept elsewhere; nothing after this place can be trusted\n')
  return 1
}
