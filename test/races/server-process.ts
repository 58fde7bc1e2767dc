// A server in a process of its own that can be killed at a chosen moment. Started by `process.ts`; settings come as for
// any server, the moment of death comes as a message.
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import type { KillPoint } from './process.ts'

const config = loadConfig(process.env)
const logger = createLogger({ level: 'warn', pretty: false, destination: process.stderr })
const app = await createApp({ config, secrets: [Buffer.alloc(32, 7)], logger })

let point: KillPoint | undefined
let calls = 0

// No handler, no `finally`, no flush: the process is gone before the next line.
const die = (): void => void process.kill(process.pid, 'SIGKILL')

const { database } = app.rooms
const { commit } = database
database.commit = async (unit) => {
  const isArmed = point !== undefined && unit.conditions.length > 0
  if (isArmed && (point === 'before commit' || point === calls)) die()
  calls += 1
  const done = await commit(unit)
  if (isArmed && point === 'after commit') die()
  return done
}
const { get } = database.sql
database.sql.get = async (text, params) => {
  if (point === calls) die()
  calls += 1
  return get(text, params)
}

process.on('message', (message: { readonly point: KillPoint }) => {
  point = message.point
  calls = 0
  process.send?.('armed')
})

await app.listen()
process.send?.('listening')
