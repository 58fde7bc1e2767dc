import type { Actor } from '../../audit/events.ts'
import { blockHost, unblockHost } from '../../clients/blocked-hosts/block.ts'
import { argument, type Command, jsonOption } from '../command.ts'
import { list, say } from '../terminal.ts'

const operator = { actor: 'operator' } as const satisfies { actor: Actor }

/** Hosts whose clients are refused. */
export const hostCommands: readonly Command[] = [
  {
    name: 'host list',
    doc: 'list the hosts whose clients are refused',
    options: [jsonOption],
    async run({ options, rooms, terminal }) {
      const { hostDesk } = await rooms()
      const blocked = await hostDesk.blockedHosts.list()
      list(terminal, blocked, {
        json: options.flag('json'),
        columns: [
          { title: 'HOST', of: ({ host }) => host },
          { title: 'BLOCKED SINCE', of: ({ since }) => since.toISOString().slice(0, 10) },
        ],
        nothing: 'no host is blocked',
      })
    },
  },
  {
    name: 'host block',
    args: ['host'],
    doc: 'refuse every client whose document lies on the host or below it, and end what they hold',
    example: 'sallyport host block evil.example',
    async run(call) {
      const { hostDesk } = await call.rooms()
      const { host, consents } = await blockHost(hostDesk, argument(call, 'host'), operator, 'command_line')
      say(call.terminal, `blocked ${host}${consents > 0 ? `, ${consents} consents withdrawn` : ''}`)
    },
  },
  {
    name: 'host unblock',
    args: ['host'],
    doc: 'let clients of a blocked host ask again',
    async run(call) {
      const { hostDesk } = await call.rooms()
      say(call.terminal, `unblocked ${await unblockHost(hostDesk, argument(call, 'host'), operator, 'command_line')}`)
    },
  },
]
