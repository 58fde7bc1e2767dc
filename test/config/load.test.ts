import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Environment } from '../../src/config/environment.ts'
import { ConfigError } from '../../src/config/faults.ts'
import { loadConfig } from '../../src/config/load.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const goodSecret = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7 + 3)).toString('base64url')

function load(env: Environment) {
  return loadConfig({ SALLYPORT_DATA_DIR: folder, ...env })
}

function faultsOf(env: Environment): readonly { name: string; problem: string; cure: string }[] {
  try {
    load(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

describe('defaults', () => {
  it('an empty environment is a complete configuration', () => {
    const config = load({})
    expect(config).toMatchObject({
      issuer: 'http://localhost:8414',
      host: '127.0.0.1',
      port: 8414,
      database: { kind: 'sqlite', file: join(folder, 'sallyport.db') },
      secrets: undefined,
      registration: 'open',
      clientMetadataDocuments: 'on',
      metadataDocumentHosts: [],
      trustedProxies: [],
      refreshGraceSeconds: 30,
      refreshIdleSeconds: 2_592_000,
      refreshAbsoluteSeconds: 7_776_000,
      sessionIdleSeconds: 1800,
      sessionAbsoluteSeconds: 43_200,
      adminSecondFactor: 'required',
      rateLimits: true,
      sqliteSynchronous: 'FULL',
      migrate: true,
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
      logLevel: 'info',
    })
    expect(config.userAgent).toMatch(/^Sallyport\/\d/)
  })

  it('the local issuer follows the port unless it is set', () => {
    expect(load({ SALLYPORT_PORT: '9000' }).issuer).toBe('http://localhost:9000')
    expect(load({ SALLYPORT_PORT: '9000', SALLYPORT_ISSUER: 'https://auth.example.com' }).issuer).toBe(
      'https://auth.example.com',
    )
  })

  it('an empty value counts as absent', () => {
    expect(load({ SALLYPORT_ISSUER: '', SALLYPORT_SECRET: '' })).toMatchObject({
      issuer: 'http://localhost:8414',
      secrets: undefined,
    })
  })

  it('PORT and DATABASE_URL count when ours are absent, and only then', () => {
    const url = 'postgresql://user:pw@db.example/sallyport'
    expect(load({ PORT: '3000', DATABASE_URL: url })).toMatchObject({
      port: 3000,
      database: { kind: 'postgresql', url },
    })
    expect(load({ PORT: '3000', SALLYPORT_PORT: '3001' }).port).toBe(3001)
    expect(faultsOf({ DATABASE_URL: 'mysql://db' })[0]?.name).toBe('DATABASE_URL')
  })
})

describe('issuer', () => {
  it.each([
    'https://auth.example.com',
    'https://example.com/auth',
    'https://example.com:8443',
    'http://localhost:1',
    'http://127.0.0.1:8414',
    'http://[::1]:8414',
  ])('%s is accepted', (issuer) => {
    expect(load({ SALLYPORT_ISSUER: issuer }).issuer).toBe(issuer)
  })

  it.each([
    ['http://auth.example.com', /loopback only/],
    ['http://localhost.example.com', /loopback only/],
    ['http://0.0.0.0:8414', /loopback only/],
    ['https://auth.example.com/', /trailing slash/],
    ['https://auth.example.com/a/', /trailing slash/],
    ['https://auth.example.com?x=1', /neither query nor fragment/],
    ['https://auth.example.com#', /neither query nor fragment/],
    ['https://me:pw@auth.example.com', /user name/],
    ['https://Auth.example.com', /plainest form, https:\/\/auth\.example\.com/],
    ['https://auth.example.com:443', /plainest form/],
    ['https://auth.example.com/a/../b', /plainest form/],
    ['ftp://auth.example.com', /https URL/],
    ['auth.example.com', /absolute URL/],
  ])('%s is refused', (issuer, problem) => {
    const [fault, ...rest] = faultsOf({ SALLYPORT_ISSUER: issuer })
    expect(fault).toMatchObject({ name: 'SALLYPORT_ISSUER', problem: expect.stringMatching(problem) })
    expect(rest).toEqual([])
  })
})

describe('secrets', () => {
  it('several secrets are read in their order', () => {
    const other = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index * 5)).toString('base64url')
    const { secrets } = load({ SALLYPORT_SECRET: `${goodSecret},${other}` })
    expect(secrets?.map((secret) => Buffer.from(secret).toString('base64url'))).toEqual([goodSecret, other])
  })

  it.each([
    ['tiny-canary', /too short/],
    ['a'.repeat(43), /placeholder/],
    ['changeme-changeme-changeme-changeme-changeme-ok', /placeholder/],
    ['not base64url at all, really not, is it? no no', /base64url/],
    [`${goodSecret},tiny-canary`, /too short/],
  ])('%s is refused and not repeated', (secret, problem) => {
    const faults = faultsOf({ SALLYPORT_SECRET: secret })
    expect(faults[0]).toMatchObject({ name: 'SALLYPORT_SECRET', problem: expect.stringMatching(problem) })
    expect(new ConfigError(faults).message).not.toContain(secret)
  })

  it('a secret comes from a file, without its trailing newline', () => {
    const file = join(folder, 'given')
    writeFileSync(file, `${goodSecret}\r\n`)
    expect(load({ SALLYPORT_SECRET_FILE: file }).secrets).toEqual(load({ SALLYPORT_SECRET: goodSecret }).secrets)
  })

  it('a secret given twice, an empty and a missing file are refused', () => {
    const empty = join(folder, 'empty')
    writeFileSync(empty, '\n')
    expect(faultsOf({ SALLYPORT_SECRET: goodSecret, SALLYPORT_SECRET_FILE: empty })[0]?.problem).toMatch(
      /together with/,
    )
    expect(faultsOf({ SALLYPORT_SECRET_FILE: empty })[0]?.problem).toMatch(/is empty/)
    expect(faultsOf({ SALLYPORT_SECRET_FILE: join(folder, 'none') })[0]?.problem).toMatch(/cannot be read/)
  })

  it('a setting that is no secret has no file', () => {
    expect(faultsOf({ SALLYPORT_ISSUER_FILE: '/x' })[0]?.name).toBe('SALLYPORT_ISSUER_FILE')
  })

  it('a password inside a database URL is not repeated', () => {
    const [fault] = faultsOf({ SALLYPORT_DATABASE_URL: 'mysql://root:canary-password@db' })
    expect(fault?.problem).not.toContain('canary-password')
  })
})

describe('names', () => {
  it('an unknown name under our prefix is refused with the one that was meant', () => {
    expect(faultsOf({ SALLYPORT_ISUER: 'https://a.example' })).toEqual([
      { name: 'SALLYPORT_ISUER', problem: 'is no setting', cure: 'did you mean SALLYPORT_ISSUER?' },
    ])
  })

  it('the variables that Kubernetes makes for a service of our name get a cure of their own', () => {
    const faults = faultsOf({ SALLYPORT_SERVICE_HOST: '10.0.0.1', SALLYPORT_PORT_8414_TCP: 'tcp://10.0.0.1:8414' })
    expect(faults.map(({ cure }) => cure)).toEqual(faults.map(() => expect.stringContaining('enableServiceLinks')))
  })
})

describe('report', () => {
  it('names every fault at once, each with its cure', () => {
    const faults = faultsOf({
      SALLYPORT_ISSUER: 'http://auth.example.com',
      SALLYPORT_PORT: 'eighty',
      SALLYPORT_REGISTRATION: 'everybody',
      SALLYPORT_TRUSTED_PROXIES: '10.0.0.1, 0.0.0.0/0, proxy',
      SALLYPORT_SESSION_IDLE_SECONDS: '90000',
      SALLYPORT_ADMIN_EMAIL: 'admin@example.com',
      SALLYPORT_NONSENSE_NAME: 'x',
    })
    expect(faults.map(({ name }) => name).sort()).toEqual([
      'SALLYPORT_ADMIN_EMAIL',
      'SALLYPORT_ISSUER',
      'SALLYPORT_NONSENSE_NAME',
      'SALLYPORT_PORT',
      'SALLYPORT_REGISTRATION',
      'SALLYPORT_SESSION_IDLE_SECONDS',
      'SALLYPORT_TRUSTED_PROXIES',
      'SALLYPORT_TRUSTED_PROXIES',
    ])
    const lines = new ConfigError(faults).message.split('\n')
    expect(lines[0]).toBe('the configuration has 8 faults')
    expect(lines.filter((line) => line.startsWith('hint: '))).toHaveLength(8)
  })
})

describe('rules over several settings', () => {
  it.each<[string, Environment]>([
    ['SALLYPORT_ADMIN_EMAIL', { SALLYPORT_ADMIN_PASSWORD: 'a long pass phrase' }],
    ['SALLYPORT_REFRESH_IDLE_SECONDS', { SALLYPORT_REFRESH_IDLE_SECONDS: '7776001' }],
    ['SALLYPORT_CLIENT_METADATA_DOCUMENTS', { SALLYPORT_CLIENT_METADATA_DOCUMENTS: 'listed' }],
    ['SALLYPORT_METRICS_PORT', { SALLYPORT_METRICS_PORT: '8414' }],
    ['SALLYPORT_REGISTRATION', { SALLYPORT_REGISTRATION: 'hosts' }],
    ['SALLYPORT_REGISTRATION_HOSTS', { SALLYPORT_REGISTRATION_HOSTS: '*.com' }],
  ])('%s', (name, env) => {
    expect(faultsOf(env).map((fault) => fault.name)).toEqual([name])
  })
})

describe('data folder', () => {
  it('one that cannot be made is refused', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(faultsOf({ SALLYPORT_DATA_DIR: join(file, 'data') })).toMatchObject([
      { name: 'SALLYPORT_DATA_DIR', problem: `${file} is no folder` },
    ])
    expect(faultsOf({ SALLYPORT_DATABASE_URL: `file:${file}/x.db` })).toMatchObject([
      { name: 'SALLYPORT_DATABASE_URL' },
    ])
  })

  it('is not asked for where nothing is written', () => {
    const env = { SALLYPORT_DATA_DIR: '/proc/none', SALLYPORT_SECRET: goodSecret, DATABASE_URL: 'postgresql://u@h/d' }
    expect(load(env).secrets).toHaveLength(1)
  })
})
