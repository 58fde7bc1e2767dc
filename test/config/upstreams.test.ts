import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { describeConfig } from '../../src/config/print.ts'
import { createCli } from '../cli/run-cli.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'test-upstreams-'))
  writeFileSync(join(folder, 'secret'), 'canary-secret\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function envOf(yaml: string, settings: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(folder, 'config.yaml'), yaml)
  return { SALLYPORT_CONFIG: join(folder, 'config.yaml'), SALLYPORT_DATA_DIR: folder, ...settings }
}
const load = (yaml: string) => loadConfig(envOf(yaml))
const faultsOf = (yaml: string): string => {
  try {
    load(yaml)
    return ''
  } catch (error) {
    return String(error)
  }
}

const whole = `
upstreams:
  - id: firm
    preset: entra
    name: The firm
    client_id: abc
    client_secret_file: ./secret
    scopes: [openid, email]
    enabled: false
    keep_tokens_for: [https://tools.example/mcp]
    accounts:
      create: true
      tenants: [11111111-2222-3333-4444-555555555555]
      domains: [acme.example]
      groups_claim: roles
      groups: [staff]
      admin_groups: [admins]
      trusts_email: true
  - { id: gh, preset: github, name: GitHub, client_id: def, client_secret_file: secret }
`

describe('upstreams of the file', () => {
  it('are read whole; what is left out is the safe choice', () => {
    const { upstreams } = load(whole).file
    expect(upstreams).toEqual([
      {
        id: 'firm',
        preset: 'entra',
        name: 'The firm',
        issuer: undefined,
        clientId: 'abc',
        clientSecret: 'canary-secret',
        scopes: ['openid', 'email'],
        enabled: false,
        keepTokensFor: ['https://tools.example/mcp'],
        rules: {
          create: true,
          tenants: ['11111111-2222-3333-4444-555555555555'],
          domains: ['acme.example'],
          groupsClaim: 'roles',
          groups: ['staff'],
          adminGroups: ['admins'],
          trustsEmail: true,
        },
      },
      expect.objectContaining({
        id: 'gh',
        scopes: undefined,
        enabled: true,
        keepTokensFor: [],
        rules: {
          ...{ create: false, tenants: [], domains: [], groups: [], adminGroups: [] },
          ...{ groupsClaim: undefined, trustsEmail: false },
        },
      }),
    ])
  })

  it('are printed without their secrets', () => {
    const printed = JSON.stringify(describeConfig(load(whole)))
    expect(printed).toContain('"clientSecret":"set"')
    expect(printed).not.toContain('canary')
  })

  it.each([
    [
      'a mistyped member',
      'name: A, client_id: a, acounts: {}',
      /upstreams\[0\]\.acounts: is no member[\s\S]*did you mean accounts\?/,
    ],
    [
      'a mistyped rule',
      'name: A, client_id: a, accounts: { domain: [a.b] }',
      /upstreams\[0\]\.accounts\.domain[\s\S]*domains\?/,
    ],
    ['a preset that is none', 'name: A, client_id: a, preset: facebook', /upstreams\[0\]\.preset/],
    [
      'a true that is a text',
      'name: A, client_id: a, accounts: { create: "true" }',
      /upstreams\[0\]\.accounts\.create/,
    ],
    [
      'a secret in the open',
      'name: A, client_id: a, client_secret: hunter2',
      /upstreams\[0\]\.client_secret: is no member/,
    ],
    [
      'a secret file that is not there',
      'name: A, client_id: a, client_secret_file: ./none',
      /client_secret_file: cannot be read/,
    ],
    ['no client id', 'name: A', /upstreams\[0\]\.client_id/],
  ])('%s is refused by its place', (_case, members, fault) => {
    const faults = faultsOf(`upstreams: [{ id: a, ${members} }]`)
    expect(faults).toMatch(fault)
    expect(faults).not.toContain('hunter2')
  })

  it('an id that is there twice, or no id at all, is refused', () => {
    const two = '{ id: a, name: A, client_id: a }'
    expect(faultsOf(`upstreams: [${two}, ${two}]`)).toMatch(/upstreams\[1\]\.id: is there a second time/)
    expect(faultsOf('upstreams: [{ id: A/b, name: A, client_id: a }]')).toMatch(/lower-case letters/)
  })

  it('what a preset cannot do is told by config check, too (H10, H11)', async () => {
    const yaml = `upstreams:
  - { id: e, preset: entra, name: E, client_id: a, client_secret_file: secret, issuer: "https://login.microsoftonline.com/common/v2.0" }
  - { id: k, preset: keycloak, name: K, client_id: a, issuer: "http://login.acme.example" }`
    const { code, err } = await createCli(envOf(yaml))(['config', 'check'])
    expect(code).toBe(1)
    expect(err).toMatch(/upstream e: .*everybody can make a tenant[\s\S]*upstream k: .*no https address/)
    expect((await createCli(envOf(whole))(['config', 'check'])).code).toBe(0)
  })
})

it('PASSWORD_SIGN_IN=off and an administrator with a password contradict each other', () => {
  const settings = {
    SALLYPORT_PASSWORD_SIGN_IN: 'off',
    SALLYPORT_ADMIN_EMAIL: 'a@b.example',
    SALLYPORT_ADMIN_PASSWORD: 'correct horse battery',
  }
  expect(() => loadConfig(envOf('', settings))).toThrow(
    /PASSWORD_SIGN_IN: is off, so the administrator of the settings could not/,
  )
  expect(loadConfig(envOf('', { SALLYPORT_PASSWORD_SIGN_IN: 'off' })).passwordSignIn).toBe(false)
  expect(loadConfig(envOf('')).passwordSignIn).toBe(true)
})
