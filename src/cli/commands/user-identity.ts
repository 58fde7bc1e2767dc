import { unlinkIdentity } from '../../federation/people.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault } from '../faults.ts'
import { list, say, shortTime } from '../terminal.ts'
import { findAccount } from './find-account.ts'

/** Who people are at providers upstream. */
export const userIdentityCommands: readonly Command[] = [
  {
    name: 'user identities',
    args: ['email'],
    doc: 'list the identities of other providers that somebody signs in with',
    options: [jsonOption],
    run: listIdentities,
  },
  {
    name: 'user unlink',
    args: ['email', 'identity'],
    doc: 'take such an identity away; the person is not signed out',
    options: [{ flags: '--force', doc: 'even the last way in: the person needs a new password or link then' }],
    run: unlink,
  },
]

async function listIdentities(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const { id } = await findAccount(rooms, argument(call, 'email'))
  list(call.terminal, await rooms.federation.identities.ofAccount(id), {
    json: call.options.flag('json'),
    columns: [
      { title: 'IDENTITY', of: (identity) => identity.id },
      { title: 'UPSTREAM', of: ({ upstreamId }) => upstreamId },
      { title: 'THERE', of: ({ label }) => label },
      { title: 'ISSUER', of: ({ issuer }) => issuer },
      { title: 'LINKED', of: ({ linkedAt }) => shortTime(linkedAt) },
      { title: 'LAST USED', of: ({ lastUsedAt }) => shortTime(lastUsedAt) },
    ],
    nothing: 'no identity of another provider is linked',
  })
}

async function unlink(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const { id, email } = await findAccount(rooms, argument(call, 'email'))
  const identityId = argument(call, 'identity')
  const by = { actor: 'operator', method: 'cli' } as const
  const outcome = await unlinkIdentity(rooms.federation.people, id, identityId, by, call.options.flag('force'))
  if (outcome === 'unknown') {
    throw new CommandFault(`${email}: has no such identity`, 'sallyport user identities shows them')
  }
  if (outcome === 'last_way_in') {
    const hint = 'sallyport user reset-link makes another way in; --force unlinks all the same'
    throw new CommandFault(`${email}: could not sign in any more`, hint)
  }
  say(call.terminal, `unlinked ${identityId} of ${email}`)
}
