import { type PasswordFault, passwordFault } from '../credentials/password.ts'
import { CommandFault } from './faults.ts'
import { askHidden, readAll } from './secret-input.ts'
import type { Terminal } from './terminal.ts'

const faultTexts: Readonly<Record<PasswordFault, string>> = {
  too_short: 'the password is too short: at least 8 characters',
  too_long: 'the password is too long: at most 128 characters',
  common: 'the password is one that everybody tries first',
  about_you: 'the password is the address or the name itself',
}

/**
 * Reads a new password: from standard input, or asked for without echo at a terminal. Never from an argument, because
 * arguments stand in the list of processes and in the shell's history.
 *
 * @param about texts of the person that the password must not be
 */
export async function readPassword(terminal: Terminal, fromStdin: boolean, about: readonly string[]): Promise<string> {
  const password = fromStdin
    ? await readAll(terminal)
    : await askHidden(terminal, 'password', 'add --password-stdin and pipe the password in')
  const fault = passwordFault(password, about)
  if (fault !== null) throw new CommandFault(faultTexts[fault], 'a few random words are long and easy to keep in mind')
  return password
}
