import type { z } from 'zod'
import { accent } from './accent.ts'
import { proxyUrl } from './egress-proxy.ts'
import {
  addressRanges,
  databaseUrl,
  email,
  hostNames,
  issuer,
  line,
  lineOf,
  listenHost,
  oneOf,
  onOff,
  password,
  redirectHosts,
  secrets,
  wholeNumber,
} from './setting-types.ts'
import { sender, smtpUrl } from './smtp.ts'
import { version } from './version.ts'

/** What there is to know about one setting. */
export interface Setting {
  /** Without the prefix. */
  readonly name: string
  readonly type: z.ZodType<unknown, string>
  /** As one would write it; undefined: none. */
  readonly default: string | undefined
  /** For people, in the order of reading; the first one is the summary. */
  readonly doc: string
  /** What to write instead of a faulty value. */
  readonly cure: string
  /** Never printed, and also read from the file that `<NAME>_FILE` names. */
  readonly secret?: boolean
  /** A customary name that counts when ours is absent. */
  readonly alsoNamed?: string
}

/** Every setting's name begins with it. */
export const prefix = 'SALLYPORT_'

const day = 86_400
const registrationModes = ['open', 'hosts', 'approval', 'token', 'closed'] as const
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Every setting there is. One entry makes a setting: its type, default, words and cure; `.env.example` is written from here. */
export const settings = {
  issuer: {
    name: 'ISSUER',
    type: issuer,
    default: 'http://localhost:8414',
    doc: 'public origin, a path is allowed; https unless loopback; no trailing slash; the default follows the port',
    cure: 'write the address that clients reach, like https://auth.example.com',
  },
  host: {
    name: 'HOST',
    type: listenHost,
    default: '127.0.0.1',
    doc: 'address to listen on (0.0.0.0 in the image)',
    cure: 'write an address of this machine, like 127.0.0.1 or 0.0.0.0',
  },
  port: {
    name: 'PORT',
    type: wholeNumber(0, 65_535),
    default: '8414',
    doc: 'port to listen on',
    cure: 'write a free port, like 8414',
    alsoNamed: 'PORT',
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    type: databaseUrl,
    default: 'file:./data/sallyport.db',
    doc: 'file:<path> (SQLite) or postgresql://user:password@host:5432/name; the default lies in the data folder',
    cure: 'write file:./data/sallyport.db or postgresql://user:password@host:5432/name',
    secret: true,
    alsoNamed: 'DATABASE_URL',
  },
  dataDir: {
    name: 'DATA_DIR',
    type: line,
    default: './data',
    doc: 'folder of the generated secret and the embedded database',
    cure: 'name a folder that this user may write',
  },
  secrets: {
    name: 'SECRET',
    type: secrets,
    default: undefined,
    doc: 'at least 32 random bytes, base64url; seals keys and signs cookies; several, comma-separated, to rotate; made in the data folder when absent',
    cure: 'make one with: node -p "crypto.randomBytes(32).toString(\'base64url\')"',
    secret: true,
  },
  adminEmail: {
    name: 'ADMIN_EMAIL',
    type: email,
    default: undefined,
    doc: 'with the password below: the first administrator, made on an empty database',
    cure: 'write an address like admin@example.com',
  },
  adminPassword: {
    name: 'ADMIN_PASSWORD',
    type: password,
    default: undefined,
    doc: 'password of the first administrator; remove it after the first start',
    cure: 'choose a longer one that is used nowhere else',
    secret: true,
  },
  configPath: {
    name: 'CONFIG',
    type: line,
    default: undefined,
    doc: 'path of the YAML file with MCP servers, clients and pinned documents',
    cure: 'name a YAML file that this user may read',
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    type: addressRanges,
    default: '',
    doc: 'addresses or ranges, comma-separated, whose forwarding headers count',
    cure: 'list only your own proxies, like 10.0.0.5,172.16.0.0/12',
  },
  registration: {
    name: 'REGISTRATION',
    type: oneOf(registrationModes),
    default: 'open',
    doc: 'who may register a client: open, hosts (answers go to hosts of the list below), approval (an administrator lets each one in), token (with an initial access token), closed',
    cure: 'write open, hosts, approval, token or closed',
  },
  registrationHosts: {
    name: 'REGISTRATION_HOSTS',
    type: redirectHosts,
    default: '',
    doc: 'redirect hosts of "hosts", comma-separated: app.example.com, *.example.com (every host below it), loopback (this computer), cursor: (an app)',
    cure: 'write entries like claude.ai,*.example.com,loopback,cursor:',
  },
  clientUnusedHours: {
    name: 'CLIENT_UNUSED_HOURS',
    type: wholeNumber(0, 87_600),
    default: '24',
    doc: 'hours after which a client that registered and was never used is removed; 0: never',
    cure: 'write hours, 24 is a good choice',
  },
  clientIdleDays: {
    name: 'CLIENT_IDLE_DAYS',
    type: wholeNumber(0, 3650),
    default: '90',
    doc: 'days after which a client without a live connection is removed; 0: never',
    cure: 'write days, 90 is a good choice',
  },
  clientMetadataDocuments: {
    name: 'CLIENT_METADATA_DOCUMENTS',
    type: oneOf(['on', 'listed', 'pinned', 'off']),
    default: 'on',
    doc: 'clients that are known by the URL of their document: on, listed (hosts below), pinned (documents of the file, nothing is fetched), off',
    cure: 'write on, listed, pinned or off',
  },
  metadataDocumentHosts: {
    name: 'METADATA_DOCUMENT_HOSTS',
    type: hostNames,
    default: '',
    doc: 'hosts of client documents, comma-separated: the list of "listed"; a host named here may also lie on an internal address',
    cure: 'write host names like clients.example.com,localhost',
  },
  egressAllowedHosts: {
    name: 'EGRESS_ALLOWED_HOSTS',
    type: hostNames,
    default: '',
    doc: 'hosts, comma-separated, that this server may fetch from although they lie on internal addresses: providers upstream, MCP servers, documents and keys of clients',
    cure: 'write host names like keycloak.corp.example,10.0.0.7',
  },
  egressProxy: {
    name: 'EGRESS_PROXY',
    type: proxyUrl,
    default: undefined,
    doc: 'proxy for everything that this server fetches from public addresses: http://proxy.example:3128, with name:password@ where it asks for them',
    cure: 'write it like http://proxy.example:3128, special characters of name and password as %40',
    secret: true,
  },
  userAgent: {
    name: 'USER_AGENT',
    type: line,
    default: `Sallyport/${version}`,
    doc: 'how we name ourselves when we fetch a client document',
    cure: 'write one line like Sallyport/1.0 (+https://auth.example.com)',
  },
  refreshGraceSeconds: {
    name: 'REFRESH_GRACE_SECONDS',
    type: wholeNumber(0, 300),
    default: '30',
    doc: 'seconds in which a used refresh token answers again with the same successor; 0 turns it off',
    cure: 'write seconds, 30 is a good choice',
  },
  refreshIdleSeconds: {
    name: 'REFRESH_IDLE_SECONDS',
    type: wholeNumber(60, 3650 * day),
    default: String(30 * day),
    doc: 'seconds after which an unused refresh token ends (30 days)',
    cure: `write seconds, ${30 * day} are 30 days`,
  },
  refreshAbsoluteSeconds: {
    name: 'REFRESH_ABSOLUTE_SECONDS',
    type: wholeNumber(60, 3650 * day),
    default: String(90 * day),
    doc: 'seconds after which a connection ends however much it is used (90 days)',
    cure: `write seconds, ${90 * day} are 90 days`,
  },
  sessionIdleSeconds: {
    name: 'SESSION_IDLE_SECONDS',
    type: wholeNumber(60, 30 * day),
    default: '1800',
    doc: 'seconds after which an unused browser session ends (30 minutes)',
    cure: 'write seconds, 1800 are 30 minutes',
  },
  sessionAbsoluteSeconds: {
    name: 'SESSION_ABSOLUTE_SECONDS',
    type: wholeNumber(60, 90 * day),
    default: '43200',
    doc: 'seconds after which a browser session ends however much it is used (12 hours)',
    cure: 'write seconds, 43200 are 12 hours',
  },
  passwordSignIn: {
    name: 'PASSWORD_SIGN_IN',
    type: onOff,
    default: 'on',
    doc: 'off: nobody signs in with a password of this server, only with a provider of "upstreams" or a passkey; the setup link goes on working',
    cure: 'write on or off',
  },
  adminSecondFactor: {
    name: 'ADMIN_SECOND_FACTOR',
    type: oneOf(['required', 'optional']),
    default: 'required',
    doc: 'required: the console opens only to who has signed in with two factors; optional: whoever has set one up is asked for it',
    cure: 'write required or optional',
  },
  secondFactor: {
    name: 'SECOND_FACTOR',
    type: oneOf(['optional', 'required']),
    default: 'optional',
    doc: 'required: everybody signs in with two factors, and sets the second one up at the next sign-in; optional: whoever has set one up is asked for it',
    cure: 'write optional or required',
  },
  rateLimits: {
    name: 'RATE_LIMITS',
    type: onOff,
    default: 'on',
    doc: 'off for load tests and behind a gateway that limits; guesses at passwords and codes are slowed all the same',
    cure: 'write on or off',
  },
  sqliteSynchronous: {
    name: 'SQLITE_SYNCHRONOUS',
    type: oneOf(['FULL', 'NORMAL']),
    default: 'FULL',
    doc: 'NORMAL trades the last commits before a power cut for speed',
    cure: 'write FULL or NORMAL',
  },
  migrate: {
    name: 'MIGRATE',
    type: onOff,
    default: 'on',
    doc: 'off: the operator runs `sallyport migrate`',
    cure: 'write on or off',
  },
  smtp: {
    name: 'SMTP_URL',
    type: smtpUrl,
    default: undefined,
    doc: 'mail server for invitations and forgotten passwords: smtps://name:password@host, or smtp://… with STARTTLS (?tls=off for a relay next door); without it administrators copy the links',
    cure: 'write it like smtps://name:password@mail.example.com, special characters of name and password as %40',
    secret: true,
  },
  mailFrom: {
    name: 'MAIL_FROM',
    type: sender,
    default: undefined,
    doc: 'sender of the mail, like Acme ID <id@example.com> (in .env with quotes)',
    cure: 'write an address of yours that the mail server lets you send from',
  },
  brandName: {
    name: 'BRAND_NAME',
    type: lineOf(40),
    default: 'Sallyport',
    doc: 'how this server calls itself on its pages and in its mail',
    cure: 'write a name of up to 40 characters, like Acme ID',
  },
  brandLogo: {
    name: 'BRAND_LOGO',
    type: line,
    default: undefined,
    doc: 'path of a PNG or SVG file of at most 64 kB, shown beside the name; square ones fit best',
    cure: 'name a PNG or SVG file of at most 64 kB that this user may read',
  },
  brandAccent: {
    name: 'BRAND_ACCENT',
    type: accent,
    default: undefined,
    doc: 'colour of buttons and links, like 1f5f5b (with a # it needs quotes in .env); or two, comma-separated, for light and dark pages; the contrast to the pages must be 4.5:1',
    cure: 'write a colour that passes: the nearest is named above',
  },
  metricsPort: {
    name: 'METRICS_PORT',
    type: wholeNumber(1, 65_535),
    default: undefined,
    doc: 'port of a listener of its own for Prometheus, `/metrics`; without it nothing is counted',
    cure: 'write a free port, or remove the setting',
  },
  metricsHost: {
    name: 'METRICS_HOST',
    type: listenHost,
    default: '127.0.0.1',
    doc: 'address that the Prometheus listener listens on; nobody signs in there, so let only your monitoring reach it',
    cure: 'write an address of this machine, like 127.0.0.1',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    type: oneOf(logLevels),
    default: 'info',
    doc: 'fatal, error, warn, info, debug, trace or silent; JSON lines on standard output, readable on a terminal',
    cure: 'write info',
  },
} as const satisfies Record<string, Setting>

/** The members of the table. */
export type SettingKey = keyof typeof settings

/** The checked values of all settings; undefined where there is neither a value nor a default. */
export type SettingValues = {
  readonly [Key in SettingKey]:
    | z.output<(typeof settings)[Key]['type']>
    | ((typeof settings)[Key]['default'] extends string ? never : undefined)
}
