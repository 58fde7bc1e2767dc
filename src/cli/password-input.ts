import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { type PasswordFault, passwordFault } from '../credentials/password.ts'
import { CommandFault, UsageFault } from './faults.ts'
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
  const password = fromStdin ? await readAll(terminal) : await ask(terminal)
  const fault = passwordFault(password, about)
  if (fault !== null) throw new CommandFault(faultTexts[fault], 'a few random words are long and easy to keep in mind')
  return password
}

async function readAll({ stdin }: Terminal): Promise<string> {
  let text = ''
  for await (const chunk of stdin) text += chunk.toString()
  return text.replace(/\r?\n$/, '')
}

async function ask({ stdin, stderr }: Terminal): Promise<string> {
  if (stdin.isTTY !== true) {
    throw new UsageFault(
      'there is no terminal to ask for the password',
      'add --password-stdin and pipe the password in',
    )
  }
  stderr.write('password (not shown): ')
  // Readline echoes into its output; one that drops everything shows nothing.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output, terminal: true })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    stderr.write('\n')
  }
}
