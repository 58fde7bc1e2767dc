import { changesAt } from '../../keys/key.ts'
import { type Call, type Command, jsonOption } from '../command.ts'
import { list, shortTime } from '../terminal.ts'

/** Signing keys. */
export const keyCommands: readonly Command[] = [
  { name: 'key list', doc: 'list the signing keys, oldest first', options: [jsonOption], run: listKeys },
  {
    name: 'key rotate',
    doc: 'begin the change to new signing keys; tokens that are out stay good',
    options: [
      {
        flags: '--now',
        doc: 'the keys may be known to others: replace them at once, tokens that are out become invalid',
      },
      jsonOption,
    ],
    run: rotateKeys,
  },
]

async function listKeys(call: Call): Promise<undefined> {
  const { keys } = await call.rooms()
  await keys.load()
  const rows = keys.keys().map((key) => ({ ...key, changesAt: changesAt(key, keys.policy) }))
  list(call.terminal, rows, {
    json: call.options.flag('json'),
    columns: [
      { title: 'KID', of: ({ kid }) => kid },
      { title: 'ALG', of: ({ alg }) => alg },
      { title: 'STATE', of: ({ state }) => state },
      { title: 'CREATED', of: ({ createdAt }) => shortTime(createdAt) },
      { title: 'NEXT CHANGE', of: (row) => shortTime(row.changesAt) },
    ],
    nothing: 'there is no signing key yet: the first start of the server makes one',
  })
}

const outcomes = {
  activated: 'signs now',
  published: 'is published and signs later',
  waiting: 'was published before and signs later',
  replaced: 'signs now; the older keys are withdrawn',
} as const

async function rotateKeys(call: Call): Promise<undefined> {
  const { keys } = await call.rooms()
  await keys.load()
  const reports = await keys.rotate({ now: call.options.flag('now'), author: { actor: 'operator' } })
  list(call.terminal, reports, {
    json: call.options.flag('json'),
    columns: [
      { title: 'ALG', of: ({ alg }) => alg },
      { title: 'KID', of: ({ kid }) => kid },
      { title: 'OUTCOME', of: ({ outcome }) => outcomes[outcome] },
      { title: 'SIGNS FROM', of: ({ activatesAt }) => shortTime(activatesAt) },
    ],
    nothing: 'there is no key to rotate',
  })
}
