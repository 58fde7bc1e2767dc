import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { Rooms } from '../rooms.ts'
import { UsageFault } from './faults.ts'
import type { Terminal } from './terminal.ts'

/** An option of a command, in commander's spelling. */
export interface OptionLine {
  /** `--name <name>`; `…` after the value's name: may be repeated. */
  readonly flags: string
  readonly doc: string
}

/** What a command gets. */
export interface Call {
  readonly env: Environment
  readonly terminal: Terminal
  /** Values of the arguments by their names. */
  readonly args: Readonly<Record<string, string>>
  readonly options: Options
  /** Reads and checks the settings. */
  config(): Config
  /** Opens the rooms; they are closed when the command has ended. */
  rooms(): Promise<Rooms>
}

/** One line of the table of commands. */
export interface Command {
  /** `user add`. */
  readonly name: string
  /** Names of the arguments, all needed. */
  readonly args?: readonly string[]
  readonly doc: string
  readonly options?: readonly OptionLine[]
  readonly example?: string
  /** @returns the exit code, 0 when absent */
  readonly run: (call: Call) => Promise<number | undefined>
}

/** Options as given, read by type. */
export interface Options {
  flag(name: string): boolean
  text(name: string): string | undefined
  all(name: string): readonly string[]
  wholeNumber(name: string): number | undefined
}

/** The option that every listing has. */
export const jsonOption: OptionLine = { flags: '--json', doc: 'print JSON' }

/** Reads what commander has parsed. */
export function createOptions(given: Readonly<Record<string, unknown>>): Options {
  const text = (name: string) => {
    const value = given[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    flag: (name) => given[name] === true,
    text,
    all(name) {
      const value = given[name]
      return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
    },
    wholeNumber(name) {
      const value = text(name)
      if (value === undefined) return undefined
      if (/^\d{1,9}$/.test(value)) return Number(value)
      throw new UsageFault(
        `--${name} must be a whole number, not ${JSON.stringify(value)}`,
        `write --${name} 300, for instance`,
      )
    },
  }
}

/** The value of an argument that the table says is needed. */
export function argument(call: Pick<Call, 'args'>, name: string): string {
  const value = call.args[name]
  if (value === undefined) throw new UsageFault(`the argument ${name} is missing`, 'add --help to see how it is called')
  return value
}
