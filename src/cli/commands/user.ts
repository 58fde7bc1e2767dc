import { type Account, isInvited, normaliseEmail, normaliseName, parseRole } from '../../accounts/account.ts'
import { disableAccount, enableAccount } from '../../accounts/close.ts'
import type { PeopleKind } from '../../accounts/directory/store.ts'
import { registerAccount } from '../../accounts/register.ts'
import { setRole } from '../../accounts/role.ts'
import { signOutEverywhere } from '../../accounts/sign-out.ts'
import { removePerson } from '../../connection-desk.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { readPassword } from '../password-input.ts'
import { list, say, shortTime } from '../terminal.ts'
import { findAccount } from './find-account.ts'
import { userFactorCommands } from './user-factors.ts'
import { userIdentityCommands } from './user-identity.ts'
import { userLinkCommands } from './user-link.ts'
import { userUnlockCommands } from './user-unlock.ts'

export { findAccount } from './find-account.ts'

const operator = { actor: 'operator' } as const
const stdinOption = { flags: '--password-stdin', doc: 'read the password from standard input' }
const lastAdmin = 'the last active administrator stays: make another one first'

/** People. */
export const userCommands: readonly Command[] = [
  {
    name: 'user add',
    args: ['email'],
    doc: 'create an account',
    options: [
      { flags: '--name <name>', doc: 'name for lists and greetings; the part before the @ when absent' },
      { flags: '--admin', doc: 'make it an administrator' },
      stdinOption,
    ],
    example: 'sallyport user add ada@example.com --name "Ada Lovelace"',
    run: addUser,
  },
  ...userLinkCommands,
  ...userUnlockCommands,
  ...userFactorCommands,
  {
    name: 'user list',
    doc: 'list the accounts',
    options: [
      { flags: '--text <part>', doc: 'only whose name or e-mail address holds this' },
      { flags: '--kind <kind>', doc: 'only admins, invited or disabled' },
      jsonOption,
    ],
    run: listUsers,
  },
  ...userIdentityCommands,
  {
    name: 'user set-role',
    args: ['email', 'role'],
    doc: 'make somebody an administrator (admin) or a member; it counts at once',
    run: setRoleOf,
  },
  {
    name: 'user sign-out',
    args: ['email'],
    doc: 'end the sign-in in every browser; connected clients stay connected',
    run: signOut,
  },
  {
    name: 'user disable',
    args: ['email'],
    doc: 'end sessions and connections, and let the person sign in no more',
    run: (call) =>
      change(
        call,
        'disabled',
        (rooms, { id }) => disableAccount(rooms.accounts, id, operator, 'command_line'),
        `is disabled already, or ${lastAdmin}`,
      ),
  },
  {
    name: 'user enable',
    args: ['email'],
    doc: 'let a disabled person sign in again',
    run: (call) =>
      change(call, 'enabled', (rooms, { id }) => enableAccount(rooms.accounts, id, operator), 'is not disabled'),
  },
  {
    name: 'user set-password',
    args: ['email'],
    doc: 'set a new password and end all sessions',
    options: [stdinOption],
    run: setPassword,
  },
  {
    name: 'user remove',
    args: ['email'],
    doc: 'remove the account with everything it holds',
    run: (call) =>
      change(call, 'removed', (rooms, { id }) => removePerson(rooms, id, operator, 'command_line'), lastAdmin),
  },
]

async function addUser(call: Call): Promise<undefined> {
  const email = normaliseEmail(argument(call, 'email'))
  if (email === null) throw new UsageFault('this is no e-mail address', 'write it like ada@example.com')
  const name = normaliseName(call.options.text('name') ?? email.split('@')[0] ?? email)
  if (name === null) throw new UsageFault('this name cannot be shown', 'write 1 to 100 characters')
  const password = await readPassword(call.terminal, call.options.flag('passwordStdin'), [email, name])
  const rooms = await call.rooms()
  const passwordHash = await rooms.passwords.hash(password)
  const role = call.options.flag('admin') ? 'admin' : 'member'
  const account = await registerAccount(rooms.accounts, { email, name, role, passwordHash }, operator, 'command_line')
  if (account === null)
    throw new CommandFault(`there is an account for ${email} already`, 'sallyport user list shows all accounts')
  say(call.terminal, `created ${role} ${email}`)
}

async function listUsers(call: Call): Promise<undefined> {
  const { accounts } = await call.rooms()
  const kind = kindOf(call.options.text('kind'))
  const text = call.options.text('text')
  const all: Account[] = []
  for (;;) {
    const page = await accounts.directory.list({ text, kind, after: all.at(-1)?.email, limit: 200 })
    all.push(...page)
    if (page.length < 200) break
  }
  list(call.terminal, all, {
    json: call.options.flag('json'),
    columns: [
      { title: 'EMAIL', of: ({ email }) => email },
      { title: 'NAME', of: ({ name }) => name },
      { title: 'ROLE', of: ({ role }) => role },
      {
        title: 'STATE',
        of: (account) => (account.state === 'active' && isInvited(account) ? 'invited' : account.state),
      },
      { title: 'LAST SIGN-IN', of: ({ lastSignInAt }) => shortTime(lastSignInAt) },
    ],
    nothing:
      text === undefined && kind === undefined
        ? 'there is no account yet: sallyport setup-link makes a link for the first administrator'
        : 'nobody fits',
  })
}

const kinds: readonly PeopleKind[] = ['admins', 'invited', 'disabled']

function kindOf(text: string | undefined): PeopleKind | undefined {
  const kind = kinds.find((one) => one === text)
  if (text !== undefined && kind === undefined)
    throw new UsageFault(`there is no kind ${text}`, `write ${kinds.join(', ')}`)
  return kind
}

async function setRoleOf(call: Call): Promise<undefined> {
  const role = parseRole(argument(call, 'role'))
  if (role === null) throw new UsageFault('there is no such role', 'write admin or member')
  await change(
    call,
    `made ${role}`,
    (rooms, { id }) => setRole(rooms.accounts, id, role, operator),
    `is ${role} already, or ${lastAdmin}`,
  )
}

async function signOut(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const { id, email } = await findAccount(rooms, argument(call, 'email'))
  const count = await signOutEverywhere(rooms.accounts, id, operator)
  say(call.terminal, `signed ${email} out of ${count} ${count === 1 ? 'browser' : 'browsers'}`)
}

async function setPassword(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const { id, email, name } = await findAccount(rooms, argument(call, 'email'))
  const password = await readPassword(call.terminal, call.options.flag('passwordStdin'), [email, name])
  const detail = { method: 'command_line' }
  const event = rooms.audit.statement({ ...operator, type: 'account.password_changed', accountId: id, detail })
  await rooms.accounts.store.setPassword(id, await rooms.passwords.hash(password), rooms.clock.now(), [event])
  // Whoever knew the old password holds nothing afterwards (threat C14).
  await Promise.all([rooms.sessions.endAll(id), rooms.revokeConnections(id)])
  say(call.terminal, `password of ${email} set; sessions and connections ended`)
}

async function change(
  call: Call,
  done: string,
  act: (rooms: Rooms, account: Account) => Promise<boolean>,
  whyNot: string,
): Promise<undefined> {
  const rooms = await call.rooms()
  const account = await findAccount(rooms, argument(call, 'email'))
  if (!(await act(rooms, account)))
    throw new CommandFault(`${account.email}: ${whyNot}`, 'sallyport user list shows all accounts')
  say(call.terminal, `${done} ${account.email}`)
}
