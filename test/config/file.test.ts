import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/faults.ts'
import { loadConfig } from '../../src/config/load.ts'
import { describeConfig } from '../../src/config/print.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-file-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const clientSecret = 'canary-0123456789-abcdefghijklmnopqrstuvw'
const documentUrl = 'https://client.example/oauth/metadata.json'
const document = { client_id: documentUrl, client_name: 'A client', redirect_uris: ['https://client.example/cb'] }

function load(yaml: string) {
  const path = join(folder, 'sallyport.yaml')
  writeFileSync(path, yaml)
  return loadConfig({ SALLYPORT_DATA_DIR: folder, SALLYPORT_CONFIG: path })
}

function faultsOf(yaml: string) {
  try {
    load(yaml)
  } catch (error) {
    if (error instanceof ConfigError)
      return error.faults.map(({ name, problem, cure }) => `${name}: ${problem} → ${cure}`)
    throw error
  }
  return []
}

const whole = `
resources:
  - identifier: HTTP://LocalHost:9728/mcp/
    name: Notes
    aliases: [http://127.0.0.1:9728/mcp, http://localhost:9728/mcp]
    token_lifetime_seconds: 600
    signing_alg: EdDSA
    scopes:
      notes:read:  { description: Read your notes, risk: read, default: true, tools: [search_notes, read_note] }
      notes:write: { description: Change your notes, risk: write }
clients:
  - client_id: nightly-report
    client_name: Nightly report
    grant_types: [client_credentials]
    token_endpoint_auth_method: client_secret_basic
    client_secret_file: ./secrets/nightly-report
    resources: { "http://localhost:9728/mcp": [notes:read] }
    introspects: [http://LOCALHOST:9728/mcp/]
metadata_documents:
  ${documentUrl}: documents/client.json
registration: { mode: closed }
upstreams: []
`

describe('the file', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'secrets'))
    mkdirSync(join(folder, 'documents'))
    writeFileSync(join(folder, 'secrets', 'nightly-report'), `${clientSecret}\n`)
    writeFileSync(join(folder, 'documents', 'client.json'), JSON.stringify(document))
  })

  it('is read whole, with canonical identifiers and the files it names beside it', () => {
    const config = load(whole)
    expect(config.registration).toBe('closed')
    expect(config.file.resources).toEqual([
      {
        identifier: 'http://localhost:9728/mcp',
        name: 'Notes',
        aliases: ['http://127.0.0.1:9728/mcp'],
        tokenLifetimeSeconds: 600,
        signingAlg: 'EdDSA',
        secondFactor: 'never',
        scopes: [
          {
            name: 'notes:read',
            description: 'Read your notes',
            risk: 'read',
            isDefault: true,
            tools: ['search_notes', 'read_note'],
          },
          { name: 'notes:write', description: 'Change your notes', risk: 'write', isDefault: false, tools: [] },
        ],
      },
    ])
    expect(config.file.clients).toMatchObject([
      { clientId: 'nightly-report', clientSecret, grantTypes: ['client_credentials'] },
    ])
    expect(config.file.clients[0]?.resources).toEqual(new Map([['http://localhost:9728/mcp', ['notes:read']]]))
    expect(config.file.clients[0]?.introspects).toEqual(['http://localhost:9728/mcp'])
    expect(config.file.metadataDocuments).toEqual(new Map([[documentUrl, document]]))
  })

  it('is printed without its secrets', () => {
    expect(JSON.stringify(describeConfig(load(whole)))).not.toContain('canary')
  })

  it('may be empty', () => {
    expect(load('').file.resources).toEqual([])
  })

  it('that does not exist is refused', () => {
    expect(() => loadConfig({ SALLYPORT_DATA_DIR: folder, SALLYPORT_CONFIG: join(folder, 'none.yaml') })).toThrow(
      /SALLYPORT_CONFIG: cannot be read/,
    )
  })

  it('that contradicts the environment is refused', () => {
    const path = join(folder, 'sallyport.yaml')
    writeFileSync(path, 'registration: { mode: closed }')
    const env = { SALLYPORT_DATA_DIR: folder, SALLYPORT_CONFIG: path, SALLYPORT_REGISTRATION: 'open' }
    expect(() => loadConfig(env)).toThrow(/SALLYPORT_REGISTRATION: is open, but the file says closed/)
  })

  it('has the redirect hosts that are let in; a list in the environment must be the same one', () => {
    expect(load('registration: { mode: hosts, hosts: [claude.ai, "*.example.com", "cursor:"] }')).toMatchObject({
      registration: 'hosts',
      registrationHosts: ['claude.ai', '*.example.com', 'cursor:'],
    })
    expect(faultsOf('registration: { mode: hosts }')).toEqual([
      expect.stringMatching(/^SALLYPORT_REGISTRATION: is hosts, but the list is empty/),
    ])
    expect(faultsOf('registration: { mode: hosts, hosts: [localhost] }')).toEqual([
      expect.stringMatching(/^sallyport\.yaml: registration\.hosts\[0\]: localhost is an address of this computer/),
    ])
    const path = join(folder, 'sallyport.yaml')
    writeFileSync(path, 'registration: { mode: hosts, hosts: [claude.ai] }')
    const env = { SALLYPORT_DATA_DIR: folder, SALLYPORT_CONFIG: path, SALLYPORT_REGISTRATION_HOSTS: 'chatgpt.com' }
    expect(() => loadConfig(env)).toThrow(/SALLYPORT_REGISTRATION_HOSTS: is another list than that of the file/)
  })

  it('names every unknown member with the one that was meant', () => {
    const faults = faultsOf(
      'resorces: []\nregistration: { mode: open, token: x }\nresources: [{ identifier: "https://a.example", name: A, scopes: {}, token_lifetime: 3 }]',
    )
    expect(faults).toEqual([
      expect.stringMatching(/^sallyport\.yaml: resources\[0\]\.token_lifetime: .* → did you mean/),
      expect.stringMatching(/^sallyport\.yaml: registration\.token: /),
      'sallyport.yaml: resorces: is no member that this file can have → did you mean resources?',
    ])
  })

  it.each([
    ['a: [', /line 1/],
    ['resources: []\nresources: []', /unique/],
    ['resources: !!python/object []', /tag/],
    ['- a list', /the file: invalid input/],
  ])('%j is refused as YAML', (yaml, problem) => {
    expect(faultsOf(yaml)[0]).toMatch(problem)
  })
})

describe('MCP servers of the file', () => {
  it.each([
    ['[{ identifier: "notes", name: A, scopes: {} }]', /resources\[0\]\.identifier: is no resource identifier/],
    [
      '[{ identifier: "https://a.example", name: A, scopes: {}, token_lifetime_seconds: 7200 }]',
      /token_lifetime_seconds/,
    ],
    ['[{ identifier: "https://a.example", name: A, scopes: {}, signing_alg: HS256 }]', /signing_alg/],
    ['[{ identifier: "https://a.example", name: A, scopes: { "a b": { description: x, risk: read } } }]', /scope name/],
    [
      '[{ identifier: "https://a.example", name: A, scopes: { a: { description: x, risk: huge } } }]',
      /scopes\.a\.risk/,
    ],
    [
      '[{ identifier: "https://a.example", name: A, scopes: {} }, { identifier: "https://A.example/", name: B, scopes: {} }]',
      /second time/,
    ],
  ])('%s is refused', (resources, problem) => {
    expect(faultsOf(`resources: ${resources}`)[0]).toMatch(problem)
  })
})

describe("operator's clients of the file", () => {
  it.each([
    [
      '{ client_id: a, client_name: A, redirect_uris: ["https://a.example/cb"] }',
      /client_secret_basic without a secret/,
    ],
    ['{ client_id: a, client_name: A, token_endpoint_auth_method: none }', /redirect_uris: is missing/],
    [
      '{ client_id: a, client_name: A, token_endpoint_auth_method: none, redirect_uris: ["javascript:alert(1)"] }',
      /redirect_uris\[0\]/,
    ],
    [
      '{ client_id: a, client_name: A, token_endpoint_auth_method: none, grant_types: [client_credentials] }',
      /without a proof/,
    ],
    [
      '{ client_id: a, client_name: A, token_endpoint_auth_method: private_key_jwt, grant_types: [client_credentials] }',
      /public keys/,
    ],
    ['{ client_id: a, client_name: A, grant_types: [client_credentials], client_secret_file: none }', /cannot be read/],
    [
      '{ client_id: a, client_name: A, grant_types: [client_credentials], client_secret: inline }',
      /client_secret: is no member/,
    ],
    [
      '{ client_id: "https://a.example/x", client_name: A, token_endpoint_auth_method: none, redirect_uris: ["https://a.example/cb"] }',
      /letters, digits/,
    ],
    ['{ client_id: a, client_name: A, grant_types: [password] }', /grant_types/],
    [
      '{ client_id: a, client_name: A, token_endpoint_auth_method: none, redirect_uris: ["https://a.example/cb"], introspects: ["https://a.example"] }',
      /introspects: without a proof/,
    ],
    [
      '{ client_id: a, client_name: A, grant_types: [client_credentials], introspects: [a] }',
      /is no resource identifier/,
    ],
  ])('%s is refused', (client, problem) => {
    expect(faultsOf(`clients: [${client}]`).join('\n')).toMatch(problem)
  })

  it('a weak secret is refused and not repeated', () => {
    writeFileSync(join(folder, 'weak'), 'hunter2')
    const faults = faultsOf(
      'clients: [{ client_id: a, client_name: A, grant_types: [client_credentials], client_secret_file: weak }]',
    )
    expect(faults).toHaveLength(1)
    expect(faults[0]).not.toContain('hunter2')
  })

  it('a ceiling of scopes that the MCP server does not have is refused', () => {
    writeFileSync(join(folder, 'secret-of-a'), clientSecret)
    const resources =
      'resources: [{ identifier: "https://a.example", name: A, scopes: { s: { description: x, risk: read } } }]'
    const client =
      '{ client_id: a, client_name: A, grant_types: [client_credentials], client_secret_file: secret-of-a, resources: { "https://a.example/": [t] } }'
    expect(faultsOf(`${resources}\nclients: [${client}]`)).toEqual([
      expect.stringContaining('t is no scope of https://a.example'),
    ])
  })
})

describe('pinned documents', () => {
  function pin(name: string, content: unknown): void {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }

  it('every bad one is named', () => {
    pin('foreign.json', { ...document, client_id: 'https://other.example/x' })
    pin('broken.json', '{')
    pin('secret.json', {
      ...document,
      client_id: 'https://c.example/d',
      token_endpoint_auth_method: 'client_secret_post',
    })
    pin('redirect.json', { ...document, client_id: 'https://d.example/d', redirect_uris: ['http://evil.example/cb'] })
    pin('good.json', document)
    const yaml = `metadata_documents:
  https://a.example/d: foreign.json
  https://b.example/d: broken.json
  https://c.example/d: secret.json
  https://d.example/d: redirect.json
  https://e.example/d: missing.json
  http://f.example/d: good.json
  ${documentUrl}: good.json`
    const faults = faultsOf(yaml)
    for (const [letter, problem] of [
      ['a', 'is the document of "https://other.example/x"'],
      ['b', 'cannot be read'],
      ['c', 'wants a shared secret'],
      ['d', 'has the redirect URI "http://evil.example/cb"'],
      ['e', 'cannot be read'],
      ['f', 'is no https URL'],
    ] as const) {
      expect(faults.filter((fault) => fault.includes(`://${letter}.example/d]`))[0]).toContain(problem)
    }
    expect(faults.some((fault) => fault.includes(`[${documentUrl}]`))).toBe(false)
  })
})
