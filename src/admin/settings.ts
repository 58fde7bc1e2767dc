import type Router from '@koa/router'
import type { Config } from '../config/config.ts'
import { type Limit, type LimitKind, type LimitName, limitNames, limitTable } from '../config/limit-table.ts'
import { type DescribedSetting, describeSettings } from '../config/print.ts'
import type { SettingKey } from '../config/schema.ts'
import type { Format } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import type { AdminRoutesDeps } from './console.ts'

type Group = keyof Messages['adminSettings']['groups']

interface SettingRow {
  readonly name: string
  readonly value: string
  readonly isCode: boolean
  readonly from: string
  readonly setByFile: boolean
  readonly isChanged: boolean
}

interface LimitRow {
  readonly name: LimitName
  readonly rules: readonly string[]
  readonly counted: string
  readonly setByFile: boolean
}

interface SettingsPage extends PageLocals {
  readonly groups: readonly { readonly heading: string; readonly rows: readonly SettingRow[] }[]
  /** Undefined: limits are off. */
  readonly limits: readonly LimitRow[] | undefined
  readonly configPath: string | undefined
  readonly fileHolds: string
}

const groupOf: readonly (readonly [Group, RegExp])[] = [
  ['clients', /^(?:registration|client|metadataDocument|userAgent)/],
  ['lifetimes', /Seconds$/],
  ['look', /^brand/],
  ['mail', /^(?:smtp|mail)/],
  ['server', /^(?:issuer|host|port|databaseUrl|dataDir|secrets|configPath|trustedProxies|admin)/],
]

/** `/admin/settings`: what counts in this process and where it comes from; the same as `sallyport config print`. */
export function settingsPages(router: Router, deps: AdminRoutesDeps): void {
  router.get('/settings', (ctx) => {
    ctx.state.render(ctx, 'admin/settings', settingsPage(ctx.state.messages, ctx.state.format, deps.config))
  })
}

function settingsPage({ adminSettings: words }: Messages, format: Format, config: Config): SettingsPage {
  const described = describeSettings(config)
  const groups: readonly Group[] = ['server', 'clients', 'lifetimes', 'look', 'mail', 'operation']
  const { resources, clients, metadataDocuments } = config.file
  return {
    title: words.title,
    page: 'settings',
    area: 'admin',
    groups: groups
      .map((group) => ({
        heading: words.groups[group],
        rows: described.filter(({ key }) => groupFor(key) === group).map((one) => settingRow(words, one)),
      }))
      .filter(({ rows }) => rows.length > 0),
    limits: config.rateLimits
      ? limitNames.map((name) => limitRow(words, format, name, config.limits[name]))
      : undefined,
    configPath: config.configPath,
    fileHolds: fill(words.file.holds, {
      resources: resources.length,
      clients: clients.length,
      documents: metadataDocuments.size,
    }),
  }
}

function settingRow(words: Messages['adminSettings'], setting: DescribedSetting): SettingRow {
  const { name, value, secret, from, foundAs = '' } = setting
  return {
    name,
    value: secret ? (value === undefined ? words.notSet : words.set) : (value ?? words.none),
    isCode: !secret && value !== undefined,
    from: fill(words.origins[from], { name: foundAs }),
    setByFile: from === 'file',
    isChanged: from === 'environment' || from === 'secret_file' || from === 'file',
  }
}

function limitRow(
  words: Messages['adminSettings'],
  format: Format,
  name: LimitName,
  limit: Limit | undefined,
): LimitRow {
  const ownDefault: Limit = limitTable[name]
  const rules = Object.entries(limit?.by ?? {}).map(([by, { points, windowSeconds }]) =>
    fill(words.limits.rule[by as LimitKind], {
      points: format.number(points),
      window: format.duration(windowSeconds),
    }),
  )
  return {
    name,
    rules: limit === undefined ? [words.limits.isOff] : rules,
    counted: words.limits[ownDefault.counted],
    setByFile: JSON.stringify(limit?.by) !== JSON.stringify(ownDefault.by),
  }
}

function groupFor(key: SettingKey): Group {
  return groupOf.find(([, pattern]) => pattern.test(key))?.[0] ?? 'operation'
}
