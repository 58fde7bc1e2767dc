import { join, resolve } from 'node:path'
import type { Config, DatabaseConfig } from './config.ts'
import { crossChecks, type Readings } from './cross-checks.ts'
import { dataDirFaults } from './data-dir.ts'
import { type Environment, findSetting, unknownNames } from './environment.ts'
import { ConfigError, type Fault, quoted } from './faults.ts'
import { loadFile, noFile } from './file.ts'
import { type BrandLogo, loadLogo } from './logo.ts'
import { prefix, type Setting, type SettingKey, type SettingValues, settings } from './schema.ts'

/**
 * Reads and checks every setting and the YAML file. Writes nothing.
 *
 * @param env the environment, from `readEnvironment()` or made by a test
 * @throws ConfigError with every fault at once, each with its cure
 */
export function loadConfig(env: Environment): Config {
  const faults: Fault[] = unknownNames(env)
  const { values, given, origins } = readSettings(env, faults)
  const file = values.configPath === undefined ? noFile : loadFile(resolve(values.configPath), faults)
  const readings: Readings = { values, given, file }
  const logo = values.brandLogo === undefined ? undefined : loadLogo(resolve(values.brandLogo), faults)
  const config = { ...compose(readings, logo), origins }
  for (const check of crossChecks) faults.push(...check(readings))
  // Faults of single values leave holes in what the folder check looks at.
  if (faults.length === 0) faults.push(...dataDirFaults(config))
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze(config)
}

/** What decides where this machine fetches from. */
export type EgressSettings = Pick<Config, 'egressAllowedHosts' | 'egressProxy'>

/**
 * Reads and checks these settings alone, for commands that need no server and still have to get out as it does.
 *
 * @throws ConfigError
 */
export function loadEgressSettings(env: Environment): EgressSettings {
  const faults = unknownNames(env).filter(({ name }) => name.startsWith(`${prefix}EGRESS_`))
  const { values } = readSettings(env, faults, ['egressAllowedHosts', 'egressProxy'])
  if (faults.length > 0) throw new ConfigError(faults)
  return { egressAllowedHosts: values.egressAllowedHosts, egressProxy: values.egressProxy }
}

function readSettings(
  env: Environment,
  faults: Fault[],
  keys = Object.keys(settings) as readonly SettingKey[],
): Omit<Readings, 'file'> & { origins: Config['origins'] } {
  const values: Record<string, unknown> = {}
  const given = new Set<SettingKey>()
  const origins = new Map<string, string>()
  for (const key of keys) {
    const setting: Setting = settings[key]
    const found = findSetting(env, setting, faults)
    if (found !== undefined) {
      given.add(key)
      origins.set(key, found.name)
    }
    const text = found?.text ?? setting.default
    if (text === undefined) continue
    const parsed = setting.type.safeParse(text)
    if (parsed.success) values[key] = parsed.data
    else {
      const name = found?.name ?? `${prefix}${setting.name}`
      const shown = setting.secret === true ? '' : `, but is ${quoted(text)}`
      for (const { message } of parsed.error.issues)
        faults.push({ name, problem: `${message}${shown}`, cure: setting.cure })
    }
  }
  // The table's types made the values; a hole only exists together with a fault, and then nothing is returned.
  return { values: values as SettingValues, given, origins }
}

function compose({ values, given, file }: Readings, logo: BrandLogo | undefined): Omit<Config, 'origins'> {
  const dataDir = resolve(values.dataDir ?? '.')
  return {
    // A person who only changes the port means the local address at that port.
    issuer: given.has('port') && !given.has('issuer') ? `http://localhost:${values.port}` : values.issuer,
    host: values.host,
    port: values.port,
    database: given.has('databaseUrl')
      ? database(values.databaseUrl ?? '')
      : { kind: 'sqlite', file: join(dataDir, 'sallyport.db') },
    dataDir,
    secrets: values.secrets,
    adminEmail: values.adminEmail,
    adminPassword: values.adminPassword,
    trustedProxies: values.trustedProxies,
    registration: given.has('registration') ? values.registration : (file.registration?.mode ?? values.registration),
    registrationHosts: given.has('registrationHosts')
      ? values.registrationHosts
      : (file.registration?.hosts ?? values.registrationHosts),
    clientUnusedHours: values.clientUnusedHours,
    clientIdleDays: values.clientIdleDays,
    clientMetadataDocuments: values.clientMetadataDocuments,
    metadataDocumentHosts: values.metadataDocumentHosts,
    egressAllowedHosts: values.egressAllowedHosts,
    egressProxy: values.egressProxy,
    userAgent: values.userAgent,
    refreshGraceSeconds: values.refreshGraceSeconds,
    refreshIdleSeconds: values.refreshIdleSeconds,
    refreshAbsoluteSeconds: values.refreshAbsoluteSeconds,
    sessionIdleSeconds: values.sessionIdleSeconds,
    sessionAbsoluteSeconds: values.sessionAbsoluteSeconds,
    passwordSignIn: values.passwordSignIn,
    adminSecondFactor: values.adminSecondFactor,
    secondFactor: values.secondFactor,
    rateLimits: values.rateLimits,
    limits: file.limits,
    sqliteSynchronous: values.sqliteSynchronous,
    migrate: values.migrate,
    smtp: values.smtp,
    mailFrom: values.mailFrom,
    brandName: values.brandName,
    brandLogo: logo,
    brandAccent: values.brandAccent,
    metricsPort: values.metricsPort,
    metricsHost: values.metricsHost,
    logLevel: values.logLevel,
    configPath: values.configPath === undefined ? undefined : resolve(values.configPath),
    file,
  }
}

function database(url: string): DatabaseConfig {
  return url.startsWith('file:')
    ? { kind: 'sqlite', file: resolve(url.slice('file:'.length)) }
    : { kind: 'postgresql', url }
}
