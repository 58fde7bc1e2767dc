import { ConfigError } from '../config/faults.ts'
import { AppError } from '../runtime/app-error.ts'

/** A command that was called rightly and could not do its work: exit code 1. */
export class CommandFault extends Error {
  readonly hint: string

  /** Both lower case, one line, no full stop. */
  constructor(message: string, hint: string) {
    super(message)
    this.name = 'CommandFault'
    this.hint = hint
  }
}

/** A command that was called wrongly: exit code 2. */
export class UsageFault extends CommandFault {}

/** What a fault looks like to the person at the terminal. */
export interface FaultWords {
  readonly lines: readonly string[]
  readonly exitCode: 1 | 2
  /** True when nobody foresaw it, so that the log should have the whole error. */
  readonly isOurs: boolean
}

const hintsByCode: Readonly<Record<string, string>> = {
  unknown_resource: 'sallyport resource list shows what is registered',
  resource_exists: 'sallyport resource list shows what is registered',
  set_by_file: 'edit the file named by SALLYPORT_CONFIG and start the server again',
  invalid_resource: 'sallyport resource add --help shows an example',
  unknown_upstream: 'sallyport upstream list shows what there is',
  upstream_exists: 'sallyport upstream set changes the one that is there',
  invalid_upstream: 'sallyport upstream add --help shows an example',
  last_way_in: 'set SALLYPORT_PASSWORD_SIGN_IN=on, or link an administrator to another upstream first',
  not_found: 'the list of the same noun shows what there is, for instance sallyport client list',
  client_state: 'sallyport client show <id> says where it stands',
  client_exists: 'choose another --id; ids of removed clients stay taken',
  clean_up_changed: 'look at the preview again, without --yes',
  invalid_client: 'sallyport client add --help shows an example',
  keys_sealed: 'start with the SALLYPORT_SECRET, or the data folder, that the keys were made with',
  busy: 'try again in a moment',
}

const hintsBySystemCode: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop the other server on this port, or set SALLYPORT_PORT',
  EACCES: 'run as a user who may do this, or choose another port or folder',
  ENOSPC: 'make room on the disk',
  ECONNREFUSED: 'is the database running, and SALLYPORT_DATABASE_URL right?',
  ENOTFOUND: 'is the host name in SALLYPORT_DATABASE_URL right?',
}

/** Turns any fault into lines for a terminal and an exit code. */
export function faultWords(error: unknown): FaultWords {
  if (error instanceof ConfigError) return { lines: error.message.split('\n'), exitCode: 1, isOurs: false }
  if (error instanceof CommandFault) {
    return { lines: withHint(error.message, error.hint), exitCode: error instanceof UsageFault ? 2 : 1, isOurs: false }
  }
  if (error instanceof AppError) {
    const hint = hintsByCode[error.code] ?? 'sallyport --help lists the commands'
    return { lines: withHint(error.message, hint), exitCode: 1, isOurs: false }
  }
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = hintsBySystemCode[code]
  if (known !== undefined) return { lines: withHint(message, known), exitCode: 1, isOurs: false }
  if (error instanceof Error && error.name === 'MigrationError') {
    return {
      lines: withHint(message, 'restore the database, or run the version that it belongs to'),
      exitCode: 1,
      isOurs: false,
    }
  }
  return {
    lines: withHint(message, 'this was not foreseen; the line above it in the log says more'),
    exitCode: 1,
    isOurs: true,
  }
}

function withHint(message: string, hint: string): string[] {
  return [inStyle(message), `hint: ${hint}`]
}

// Words of pages are sentences; at the terminal they are lower case, in one line, without a full stop.
function inStyle(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '')
  const isName = /^\p{Lu}{2}|^\p{Lu}\w*[_\d]/u.test(line)
  return isName ? line : `${line.charAt(0).toLowerCase()}${line.slice(1)}`
}
