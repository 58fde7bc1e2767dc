// What the benchmark may be asked: options of the command line.
import { parseArgs } from 'node:util'
import { isOperation, type OperationName, operationNames } from './operations.ts'
import { isPeer, type PeerName, peerNames } from './peers.ts'

/** How a run is made. */
export interface BenchOptions {
  readonly rounds: number
  /** Length of one measurement. */
  readonly seconds: number
  readonly operations: readonly OperationName[]
  readonly peers: readonly PeerName[]
  readonly connections: number
  /** Measure start-up and idle memory too. */
  readonly startup: boolean
  /** Instead of measuring: where the time of these operations goes, on the first of our peers. */
  readonly profile: boolean
  readonly logLevel: string
}

const usage = `npm run bench -- [options]
  --rounds <n>       rounds, all peers in each, order reversed every other round (8)
  --seconds <s>      length of one measurement (0.9)
  --connections <n>  keep-alive connections, each in a closed loop (16)
  --only <names>     operations or peers, comma-separated; the peer that the others are compared with stays
                     operations: ${operationNames.join(', ')}, startup
                     peers: ${peerNames.join(', ')}
  --quick            three short rounds, about 50 seconds
  --log <level>      log level of our servers (silent); lines go nowhere
  --profile          where the time goes, instead of measuring
`

/** Reads the command line; null when it was wrong or help was asked for, which has then been shown. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        connections: { type: 'string', default: '16' },
        only: { type: 'string', default: '' },
        log: { type: 'string', default: 'silent' },
        quick: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) throw new RangeError('')
    const only = values.only.split(',').filter((name) => name !== '')
    const unknown = only.filter((name) => !isOperation(name) && !isPeer(name) && name !== 'startup')
    if (unknown.length > 0) throw new RangeError(`--only: unknown ${unknown.join(', ')}`)
    const peers = only.filter(isPeer)
    const operations = only.filter(isOperation)
    const nothingNamed = operations.length === 0 && !only.includes('startup')
    return {
      rounds: positive('rounds', values.rounds ?? (values.quick ? '3' : '8')),
      seconds: positive('seconds', values.seconds ?? (values.quick ? '0.35' : '0.9')),
      connections: positive('connections', values.connections),
      operations: nothingNamed ? operationNames : operations,
      peers: peers.length === 0 ? peerNames : peerNames.filter((name) => name === 'bare' || peers.includes(name)),
      startup: only.includes('startup') || (only.length === 0 && !values.quick),
      profile: values.profile,
      logLevel: values.log,
    }
  } catch (error) {
    const reason = error instanceof Error && error.message !== '' ? `bench: ${error.message}\n` : ''
    process.stderr.write(`${reason}${usage}`)
    return null
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new RangeError(`--${name}: ${text} is not a number above zero`)
  return value
}
