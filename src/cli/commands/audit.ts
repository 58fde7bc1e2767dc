import { isAuditEventType } from '../../audit/events.ts'
import { type Call, type Command, jsonOption } from '../command.ts'
import { UsageFault } from '../faults.ts'
import { list, say, shortTime } from '../terminal.ts'
import { findAccount } from './user.ts'

/** The book of what happened. */
export const auditCommands: readonly Command[] = [
  {
    name: 'audit list',
    doc: 'list events, newest first',
    options: [
      { flags: '--type <type>', doc: 'only this type, token.issued for instance' },
      { flags: '--account <email>', doc: 'only what concerns one person' },
      { flags: '--client <id>', doc: 'only what concerns one client' },
      { flags: '--before <id>', doc: 'only what is older than this event' },
      { flags: '--limit <count>', doc: 'at most so many, 50 when absent, 1000 at most' },
      jsonOption,
    ],
    run: listEvents,
  },
  { name: 'audit export', doc: 'write the sealed events with their hashes, one JSON object a line', run: exportEvents },
  { name: 'audit verify', doc: 'check the chain of hashes; exit code 1 when it is broken', run: verifyChain },
]

async function listEvents(call: Call): Promise<undefined> {
  const type = call.options.text('type')
  if (type !== undefined && !isAuditEventType(type)) {
    throw new UsageFault(
      `${JSON.stringify(type)} is no type of event`,
      'types look like token.issued or consent.granted',
    )
  }
  const limit = Math.min(call.options.wholeNumber('limit') ?? 50, 1000)
  const rooms = await call.rooms()
  const email = call.options.text('account')
  const events = await rooms.audit.list({
    type,
    accountId: email === undefined ? undefined : (await findAccount(rooms, email)).id,
    clientId: call.options.text('client'),
    before: call.options.text('before'),
    limit,
  })
  list(call.terminal, events, {
    json: call.options.flag('json'),
    columns: [
      { title: 'AT', of: ({ at }) => shortTime(at) },
      { title: 'TYPE', of: ({ type: name }) => name },
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
  const { audit } = await call.rooms()
  await audit.seal()
  // Not `say`: the lines are JSON already, with control characters escaped.
  for await (const line of audit.exportLines()) call.terminal.stdout.write(`${line}\n`)
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
