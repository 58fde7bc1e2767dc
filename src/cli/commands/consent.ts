import { type ConsentSearch, createConsentDirectory } from '../../consent/directory/store.ts'
import { revokeAllOfClient, revokeConsent } from '../../consent/revoke.ts'
import type { ConsentEntry } from '../../consent/store.ts'
import type { Rooms } from '../../rooms.ts'
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
      { flags: '--server <identifier>', doc: 'only those for one MCP server' },
      { flags: '--scope <name>', doc: 'only those with one permission' },
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
  const search = {
    accountId: email === undefined ? undefined : (await findAccount(rooms, email)).id,
    clientId: call.options.text('client'),
    resourceId: await resourceIdOf(rooms, call.options.text('server')),
    scope: call.options.text('scope'),
    withRevoked: call.options.flag('all'),
  }
  const directory = createConsentDirectory(rooms.database)
  const found: ConsentEntry[] = []
  for (let after: ConsentSearch['after']; ; ) {
    const page = await directory.list({ ...search, after }, pageSize)
    found.push(...page.consents)
    if (page.next === undefined) break
    after = page.next
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

async function resourceIdOf(rooms: Rooms, identifier: string | undefined): Promise<string | undefined> {
  if (identifier === undefined) return undefined
  const resource = await rooms.registry.find(identifier)
  if (resource !== null) return resource.id
  throw new CommandFault(
    `there is no MCP server ${JSON.stringify(identifier)}`,
    'sallyport resource list shows all MCP servers',
  )
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
