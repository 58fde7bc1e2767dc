import type { Config } from './config.ts'
import { prefix, type Setting, type SettingKey, settings } from './schema.ts'

/** Where a value comes from. `made`: generated at the first start. */
export type SettingOrigin = 'environment' | 'secret_file' | 'file' | 'default' | 'made'

// Addresses whose password alone is secret: it is taken out of what is told.
const toldWithoutPassword: ReadonlySet<SettingKey> = new Set<SettingKey>(['databaseUrl', 'smtp', 'egressProxy'])

/** One setting as it counts in this process. */
export interface DescribedSetting {
  readonly key: SettingKey
  /** As it is written in the environment. */
  readonly name: string
  /** Never a secret; undefined: no value. */
  readonly value: string | undefined
  /** Of a secret no value is told, only whether there is one. */
  readonly secret: boolean
  readonly from: SettingOrigin
  /** The name it was found under; undefined for a default. */
  readonly foundAs: string | undefined
  readonly doc: string
}

/** The effective settings for people, in the order of the table; what is secret is said to be set, its value is not. */
export function describeSettings(config: Config): readonly DescribedSetting[] {
  return (Object.keys(settings) as SettingKey[]).map((key) => {
    const setting: Setting = settings[key]
    const foundAs = config.origins.get(key)
    return {
      key,
      name: `${prefix}${setting.name}`,
      value: shownValue(config, key),
      secret: setting.secret === true && !toldWithoutPassword.has(key),
      from: originOf(config, key, foundAs),
      foundAs,
      doc: setting.doc,
    }
  })
}

/** The configuration for people, without secrets: every setting with its origin, and what the file holds. */
export function describeConfig(config: Config): Record<string, unknown> {
  const { file } = config
  return {
    settings: describeSettings(config).map(({ name, value, from, foundAs }) => ({ name, value, from, foundAs })),
    limits: config.rateLimits ? config.limits : 'off',
    file: {
      ...file,
      limits: undefined,
      clients: file.clients.map(({ clientSecret, resources, ...client }) => ({
        ...client,
        clientSecret: clientSecret === undefined ? undefined : 'set',
        resources: resources === undefined ? undefined : Object.fromEntries(resources),
      })),
      metadataDocuments: [...file.metadataDocuments.keys()],
      upstreams: file.upstreams.map(({ clientSecret, ...upstream }) => ({
        ...upstream,
        clientSecret: clientSecret === undefined ? undefined : 'set',
      })),
    },
  }
}

function originOf(config: Config, key: SettingKey, foundAs: string | undefined): SettingOrigin {
  if (foundAs !== undefined) return foundAs.endsWith('_FILE') ? 'secret_file' : 'environment'
  if (key === 'registration' && config.file.registration !== undefined) return 'file'
  if (key === 'registrationHosts' && (config.file.registration?.hosts.length ?? 0) > 0) return 'file'
  return key === 'secrets' ? 'made' : 'default'
}

/** Fails closed: a secret setting without a line of its own here is told as set, whatever it holds. */
function shownValue(config: Config, key: SettingKey): string | undefined {
  switch (key) {
    case 'databaseUrl':
      return config.database.kind === 'sqlite' ? `file:${config.database.file}` : withoutPassword(config.database.url)
    case 'smtp': {
      const { smtp } = config
      return smtp && `${smtp.host}:${smtp.port}${smtp.user === undefined ? '' : ', signed in'}`
    }
    case 'egressProxy': {
      const { egressProxy: proxy } = config
      return proxy && `${proxy.origin}${proxy.username === '' ? '' : ', signed in'}`
    }
    case 'brandLogo':
      return config.brandLogo?.path
    case 'brandAccent':
      return config.brandAccent && [...new Set(Object.values(config.brandAccent).map(String))].join(', ')
    case 'secrets':
      return 'set'
    case 'adminPassword':
      return config.adminPassword === undefined ? undefined : 'set'
    default: {
      const value: unknown = Reflect.get(config, key)
      if (value === undefined || value === null) return undefined
      const setting: Setting = settings[key]
      if (setting.secret === true) return 'set'
      if (typeof value === 'boolean') return value ? 'on' : 'off'
      return Array.isArray(value) ? value.join(', ') || undefined : String(value)
    }
  }
}

function withoutPassword(address: string): string {
  const url = new URL(address)
  if (url.password !== '') url.password = 'hidden'
  // libpq also takes the password as a parameter.
  for (const name of [...url.searchParams.keys()]) {
    if (/password|sslkey/i.test(name)) url.searchParams.set(name, 'hidden')
  }
  return url.href
}
