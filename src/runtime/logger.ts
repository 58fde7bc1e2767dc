import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import type { prettyFactory } from 'pino-pretty'
import { escapeInvisible, keepEscaped } from './invisible.ts'
import { redactMembers, redactText } from './redaction.ts'

export type { Logger } from 'pino'

/** How to log. */
export interface LoggerOptions {
  /** `silent`, or the lowest level that is written. */
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** For people at a terminal instead of JSON lines; default: when standard output is one. */
  readonly pretty?: boolean
  /** Where the lines go; default: standard output. */
  readonly destination?: DestinationStream
}

/**
 * Makes the process's log: one JSON object a line, without secrets.
 *
 * Members with a secret's name are replaced at any depth, and values that look like live tokens, codes or credentials are
 * replaced in the finished line, so that a secret inside a message or a stack does not get out either (threat K12).
 */
export function createLogger({ level, pretty, destination }: LoggerOptions): Logger {
  const readable = pretty ?? (destination === undefined && process.stdout.isTTY === true)
  const sink = destination ?? standardOutput()
  return pino(
    {
      level,
      base: undefined,
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (object) => {
          const clean = redactMembers(object)
          return isRecord(clean) ? clean : {}
        },
      },
      serializers: { err: redactMembers, error: redactMembers },
    },
    redacting(readable ? prettyStream(sink) : sink),
  )
}

let stdout: ReturnType<typeof pino.destination> | undefined

// Asynchronous writing lets lines of one burst share a system call; the rest is flushed when the process ends.
function standardOutput(): DestinationStream {
  if (stdout === undefined) {
    const opened = pino.destination({ dest: 1, sync: false })
    process.once('exit', () => opened.flushSync())
    stdout = opened
  }
  return stdout
}

function redacting(sink: DestinationStream): DestinationStream {
  return { write: (line: string) => sink.write(escapeInvisible(redactText(line))) }
}

// Loaded only when wanted: a server that logs JSON should not pay for it at start.
function prettyStream(sink: DestinationStream): DestinationStream {
  const load: (id: string) => { prettyFactory: typeof prettyFactory } = createRequire(import.meta.url)
  const format = load('pino-pretty').prettyFactory({
    translateTime: 'SYS:HH:MM:ss',
    colorize: process.stdout.isTTY === true,
  })
  return { write: (line: string) => sink.write(format(keepEscaped(line)) ?? '') }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
