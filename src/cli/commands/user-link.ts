import { normaliseEmail, normaliseName } from '../../accounts/account.ts'
import { invitePerson } from '../../accounts/invite.ts'
import { type MadeLink, makeLink } from '../../accounts/links/send.ts'
import { isLocale, type Locale, locales, messagesFor } from '../../messages/messages.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { say, shortTime } from '../terminal.ts'
import { findAccount } from './find-account.ts'

const operator = { actor: 'operator' } as const
const languageOption = {
  flags: '--language <language>',
  doc: `language of the letter: ${locales.join(', ')}; en when absent`,
}

/** Links for people who have no password, or none any more. */
export const userLinkCommands: readonly Command[] = [
  {
    name: 'user invite',
    args: ['email'],
    doc: 'create an account whose person chooses the password, by a link that works once, for seven days',
    options: [
      { flags: '--name <name>', doc: 'name for lists and greetings; the part before the @ when absent' },
      { flags: '--admin', doc: 'make it an administrator' },
      languageOption,
    ],
    example: 'sallyport user invite ada@example.com --name "Ada Lovelace"',
    run: invite,
  },
  {
    name: 'user reset-link',
    args: ['email'],
    doc: 'make a link to choose a new password, once, for an hour; for somebody invited the invitation again',
    options: [languageOption],
    run: resetLink,
  },
]

async function invite(call: Call): Promise<undefined> {
  const email = normaliseEmail(argument(call, 'email'))
  if (email === null) throw new UsageFault('this is no e-mail address', 'write it like ada@example.com')
  const name = normaliseName(call.options.text('name') ?? email.split('@')[0] ?? email)
  if (name === null) throw new UsageFault('this name cannot be shown', 'write 1 to 100 characters')
  const role = call.options.flag('admin') ? 'admin' : 'member'
  const request = { locale: languageOf(call), method: 'command_line' }
  const rooms = await call.rooms()
  requirePasswords(rooms)
  const { accounts } = rooms
  const made = await invitePerson(accounts, { email, name, role }, operator, request)
  if (made === null) {
    throw new CommandFault(
      `there is an account for ${email} already`,
      'sallyport user reset-link makes a new link for it',
    )
  }
  tell(call, `invited ${role} ${email}`, made)
}

async function resetLink(call: Call): Promise<undefined> {
  const request = { locale: languageOf(call), method: 'command_line' }
  const rooms = await call.rooms()
  requirePasswords(rooms)
  const { id, email } = await findAccount(rooms, argument(call, 'email'))
  const made = await makeLink(rooms.accounts, id, operator, request)
  if (made === null) throw new CommandFault(`${email}: is disabled`, 'sallyport user enable lets them sign in again')
  tell(call, `made ${made.purpose === 'invitation' ? 'an invitation' : 'a link for a new password'} for ${email}`, made)
}

function requirePasswords({ config }: Rooms): void {
  if (config.passwordSignIn) return
  throw new CommandFault(
    'passwords are switched off, so such a link would open nothing',
    'set SALLYPORT_PASSWORD_SIGN_IN=on, or let an upstream make accounts (sallyport upstream set --accounts create)',
  )
}

// The link is the answer, on standard output alone; where a letter carries it, nobody else needs it.
function tell({ terminal }: Call, done: string, { delivery, endsAt, url }: MadeLink): void {
  if (delivery.state === 'sent') {
    say(terminal, `${done}; a letter is on its way, good until ${shortTime(endsAt)}`)
    return
  }
  if (delivery.state === 'failed') {
    const reason = messagesFor('en').people.link.faults[delivery.fault].replace(/\.$/, '')
    terminal.stderr.write(`the letter could not be sent: ${reason}\nhint: hand over the link instead\n`)
  }
  terminal.stderr.write(`${done}; the link is good until ${shortTime(endsAt)}\n`)
  say(terminal, url)
}

function languageOf({ options }: Call): Locale {
  const language = options.text('language') ?? 'en'
  if (isLocale(language)) return language
  throw new UsageFault(`there are no letters in ${JSON.stringify(language)}`, `write ${locales.join(' or ')}`)
}
