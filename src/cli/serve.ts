import type { Config } from '../config/config.ts'
import { createLogger } from '../runtime/logger.ts'
import { banner } from './banner.ts'
import { openApp } from './open.ts'
import type { Terminal } from './terminal.ts'

// Orchestrators kill after 30 s or, more often, 10 s; what has not ended by then is cut off by us, with a line in the log.
const drainMilliseconds = 9500

/**
 * Runs the server until it is asked to stop.
 *
 * On SIGTERM or SIGINT it takes no new connection, finishes what it has begun and ends, within 10 s (threat K28);
 * a second signal ends it at once. A fault that nobody caught ends it in the same way, with exit code 1 and a line that says so:
 * nobody knows what state it has left behind, and a supervisor starts a fresh process (threat K14).
 * @returns the exit code
 */
export async function serve(config: Config, terminal: Terminal): Promise<number> {
  const asked = stopRequest()
  const logger = createLogger({ level: config.logLevel })
  const failed = unexpectedFault((error, source) =>
    logger.fatal({ err: error, source }, 'an unexpected fault: finishing what is in progress, then ending'),
  )
  const app = await openApp(config, logger)
  let isFault = false
  try {
    const { url } = await app.listen()
    const [setupLink, resources] = await Promise.all([app.setupLink(), app.rooms.resources.store.list()])
    terminal.stderr.write(banner({ url, issuer: config.issuer, setupLink, hasResources: resources.length > 0 }))
    const cause = await Promise.race([asked, failed])
    isFault = cause === 'fault'
    if (!isFault) logger.info({ signal: cause }, 'stopping')
  } catch (error) {
    await app.close()
    throw error
  }
  const late = Symbol('late')
  const { promise: deadline, resolve } = Promise.withResolvers<typeof late>()
  const timer = setTimeout(() => resolve(late), drainMilliseconds)
  const outcome = await Promise.race([app.close(), deadline])
  clearTimeout(timer)
  if (outcome !== late) return isFault ? 1 : 0
  logger.error({ seconds: drainMilliseconds / 1000 }, 'requests did not end in time and were cut off')
  process.exit(1)
}

// Listening from the first moment: a signal during the start must end it, too, and not be lost.
function stopRequest(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let count = 0
  const onSignal = (signal: NodeJS.Signals) => {
    count += 1
    if (count > 1) process.exit(1)
    resolve(signal)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return promise
}

/** Settles at the first fault that nobody caught; the ones after it are told, too, and change nothing. */
function unexpectedFault(tell: (error: unknown, source: string) => void): Promise<'fault'> {
  const { promise, resolve } = Promise.withResolvers<'fault'>()
  // A rejection that nobody waits for arrives here as well, because Node makes an exception of it.
  process.on('uncaughtException', (error, source) => {
    tell(error, source)
    resolve('fault')
  })
  return promise
}
