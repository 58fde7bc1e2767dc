import type { App } from '../app.ts'
import type { Config } from '../config/config.ts'
import { makeDataDir } from '../config/data-dir.ts'
import { loadOrCreateSecrets } from '../config/secrets.ts'
import { migrate } from '../db/database.ts'
import type { Rooms } from '../rooms.ts'
import { systemClock } from '../runtime/clock.ts'
import { createLogger, type Logger } from '../runtime/logger.ts'

// What builds the server is loaded late: `--help`, `config check` and `health` need none of it.

/** Builds the server of a configuration; nothing listens yet. Makes folder, secret and schema where they are missing. */
export async function openApp(config: Config, logger: Logger): Promise<App> {
  const secrets = await prepare(config, logger)
  const { createApp } = await import('../app.ts')
  return createApp({ config, secrets, logger })
}

/** Opens the rooms alone, for a command; the server may run beside it. Makes folder, secret and schema like a start. */
export async function openRoomsOf(config: Config): Promise<Rooms> {
  const logger = commandLogger(config)
  const secrets = await prepare(config, logger)
  const { openRooms } = await import('../rooms.ts')
  return openRooms({ config, secrets, logger, clock: systemClock })
}

/** Migrates alone. @returns the names of the migrations applied */
export function migrateDatabase(config: Config): Promise<string[]> {
  makeDataDir(config)
  return migrate(config.database, { logger: commandLogger(config) })
}

/** The log of a command that is no server: warnings and worse, to standard error, so that standard output stays the answer. */
export function commandLogger(config: Pick<Config, 'logLevel'>): Logger {
  const isChatty = config.logLevel === 'debug' || config.logLevel === 'trace'
  return createLogger({ level: isChatty ? config.logLevel : 'warn', destination: process.stderr })
}

async function prepare(config: Config, logger: Logger): Promise<readonly Uint8Array[]> {
  const secrets = loadOrCreateSecrets(config)
  makeDataDir(config)
  if (config.migrate) await migrate(config.database, { logger })
  return secrets
}
