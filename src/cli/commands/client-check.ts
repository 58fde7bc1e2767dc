import { readFile } from 'node:fs/promises'
import { dryRun } from '../../clients/dry-run/dry-run.ts'
import { messagesFor } from '../../messages/messages.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault } from '../faults.ts'
import { say, writeJson } from '../terminal.ts'

const { registration: words } = messagesFor('en')
// What a client may register at most, and a little more, so that the check can say that it is too much.
const longestFile = 20_000

/** `client check`: whether a client would get in, and why. */
export const clientCheckCommand: Command = {
  name: 'client check',
  args: ['client'],
  doc: 'say whether a client would get in, and why: a client id, the address of a document, a file with its JSON; exit code 1 when it would be refused',
  options: [{ flags: '--fetch', doc: 'fetch the document; otherwise its address alone is judged' }, jsonOption],
  example: 'sallyport client check https://claude.ai/oauth/client.json --fetch',
  run: check,
}

async function check(call: Call): Promise<number> {
  const { options, terminal } = call
  const given = argument(call, 'client')
  const rooms = await call.rooms()
  const { dryRunDesk } = await import('../../dry-run-desk.ts')
  const run = await dryRun(dryRunDesk(rooms), await subjectOf(given), { mayFetch: options.flag('fetch') })
  if (options.flag('json')) writeJson(terminal, run)
  else {
    say(terminal, `${run.outcome}: ${inStyle(words.reasons[run.reason])}`)
    if (run.claimedName !== undefined) say(terminal, `name (claimed)  ${run.claimedName}`)
    if (run.words !== undefined) say(terminal, `told            ${run.words}`)
    for (const { uri, isIn } of run.redirects) say(terminal, `answers to      ${uri}${isIn ? '' : '  (not let in)'}`)
    if (run.lookAlike !== undefined) say(terminal, `looks like      ${run.lookAlike.claimedName} (${run.lookAlike.id})`)
    if (run.outcome === 'untold') say(terminal, 'nothing was fetched: add --fetch to know more')
  }
  return run.outcome === 'refused' ? 1 : 0
}

// Ids have no slash and no dot at their end: what looks like a path, or is JSON by its name, is a file.
async function subjectOf(given: string): Promise<string> {
  if (/^https:\/\//i.test(given) || !/[/\\]|\.json$/i.test(given)) return given
  try {
    const text = await readFile(given, 'utf8')
    if (text.length > longestFile) throw new CommandFault(`${given} is too large`, 'a registration has 16 kB at most')
    // An empty file is no id either.
    return text.trim() === '' ? '{' : text
  } catch (error) {
    if (error instanceof CommandFault) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandFault(`cannot read ${given} (${reason})`, 'name a file with what the client would register')
  }
}

function inStyle(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '')
}
