import { PassThrough } from 'node:stream'
import { run } from '../../src/cli/program.ts'
import type { Environment } from '../../src/config/environment.ts'

/** What a command line printed and how it ended. */
export interface CliResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs command lines in this process against one environment. */
export function createCli(env: Environment) {
  return async (argv: readonly string[], stdin?: string): Promise<CliResult> => {
    const input = new PassThrough()
    input.end(stdin ?? '')
    let out = ''
    let err = ''
    const terminal = {
      stdin: input,
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (err += text) },
    }
    const code = await run(argv, { env, terminal })
    return { code, out, err }
  }
}
