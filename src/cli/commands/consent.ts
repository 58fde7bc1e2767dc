import { revokeAllOfClient, revokeConsent } from '../../consent/revoke.ts'
import type { ConsentEntry } from '../../consent/store.ts'
import { type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { list, say, shortTime } from '../terminal.ts'
import { findAccount } from './user.ts'

const operator = { actor: 'operator' } as const
const pageSize = 200

/** What people allowed. */
export const consentCommands: readonly Command[] = [
  {
    name: 'consent list',
    doc: 'list the consents, newest first',
    options: [
      { flags: '--account <email>', doc: 'only those of one person' },
      { flags: '--client <id>', doc: 'only those for one client' },
      { flags: '--all', doc: 'withdrawn ones, too' },
      jsonOption,
    ],
    run: listConsents,
  },
  {
    name: 'consent revoke',
    doc: 'withdraw a consent; its connections end at once',
    options: [
      { flags: '--id <id>', doc: 'this one' },
      { flags: '--client <id>', doc: 'all for this client, of all people' },
    ],
    run: revokeConsents,
  },
]

async function listConsents(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const email = call.options.text('account')
  const filter = {
    accountId: email === undefined ? undefined : (await findAccount(rooms, email)).id,
    clientId: call.options.text('client'),
    withRevoked: call.options.flag('all'),
    limit: pageSize,
  }
  const found: ConsentEntry[] = []
  for (;;) {
    const page = await rooms.consents.store.list({ ...filter, offset: found.length })
    found.push(...page)
    if (page.length < pageSize) break
  }
  list(call.terminal, found, {
    json: call.options.flag('json'),
    columns: [
      { title: 'ID', of: ({ id }) => id },
      { title: 'PERSON', of: ({ email: person, accountId }) => person ?? accountId },
      { title: 'CLIENT (CLAIMED)', of: ({ claimedName, clientId }) => claimedName ?? clientId },
      { title: 'ANSWERS GO TO', of: ({ redirectHost }) => redirectHost },
      { title: 'MCP SERVER', of: ({ resourceName, resourceIdentifier }) => resourceName ?? resourceIdentifier },
      { title: 'SCOPES', of: ({ scopes }) => scopes.join(' ') },
      { title: 'GRANTED', of: ({ grantedAt }) => shortTime(grantedAt) },
      { title: 'WITHDRAWN', of: ({ revokedAt }) => shortTime(revokedAt) },
    ],
    nothing: 'there is no consent',
  })
}

async function revokeConsents(call: Call): Promise<undefined> {
  const id = call.options.text('id')
  const clientId = call.options.text('client')
  if ((id === undefined) === (clientId === undefined)) {
    throw new UsageFault('say which consent', 'add --id <id>, or --client <id> for all of a client')
  }
  const { consents } = await call.rooms()
  if (clientId !== undefined) {
    const count = await revokeAllOfClient(consents, clientId, operator)
    say(call.terminal, `withdrew ${count} consents`)
    return
  }
  const consent = id === undefined ? null : await consents.store.find(id)
  if (consent === null)
    throw new CommandFault(`there is no consent ${JSON.stringify(id)}`, 'sallyport consent list shows all consents')
  const revoked = await revokeConsent(consents, consent, operator)
  say(call.terminal, revoked ? `withdrew ${consent.id}` : `${consent.id} was withdrawn before`)
}
