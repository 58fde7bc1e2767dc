import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { UsageFault } from './faults.ts'
import type { Terminal } from './terminal.ts'

/** Everything on standard input, without the newline at its end. */
export async function readAll({ stdin }: Terminal): Promise<string> {
  let text = ''
  for await (const chunk of stdin) text += chunk.toString()
  return text.replace(/\r?\n$/, '')
}

/**
 * Asks at a terminal, without echo. Never from an argument, because arguments stand in the list of processes and in the
 * shell's history.
 *
 * @param what  in the prompt
 * @param instead what to do where there is no terminal
 */
export async function askHidden({ stdin, stderr }: Terminal, what: string, instead: string): Promise<string> {
  if (stdin.isTTY !== true) throw new UsageFault(`there is no terminal to ask for the ${what}`, instead)
  stderr.write(`${what} (not shown): `)
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

/** The one line of a file that an option names. @throws UsageFault when it cannot be read */
export function readSecretFrom(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageFault(`the secret cannot be read: ${reason}`, 'name a file that this user may read')
  }
}
