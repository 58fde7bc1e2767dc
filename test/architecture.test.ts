import { describe, expect, it } from 'vitest'
import { moduleGraph, readModules, roomOf, type SourceModule, strongComponents } from './support/source-modules.ts'

// The house as data. A new room gets its line here; imports go to lower layers only.
const layers: readonly (readonly string[])[] = [
  ['messages', 'oauth', 'crypto', 'net', 'runtime'],
  ['config', 'db', 'web'],
  ['audit', 'health', 'limits', 'mail', 'metrics', 'revocations'],
  ['accounts', 'credentials', 'clients', 'logos', 'resources', 'keys'],
  ['login', 'consent', 'federation', 'doctor'],
  ['provider', 'me', 'admin'],
  // The files directly in src/: the server is put together there, and nowhere else.
  ['composition'],
  ['main.ts', 'cli'],
]

// The only imports between rooms of one layer, each with its reason.
const sidewaysEdges: readonly { from: string; to: string; because: string }[] = [
  { from: 'login', to: 'consent', because: 'is this client known to this person?' },
  { from: 'main.ts', to: 'cli', because: 'the process without arguments is the command serve' },
]

const bannedFolders = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'lib', 'shared']
const longestFile = 250

const modules = readModules('src')
const verifierModules = readModules('verifier/src')
const graph = moduleGraph(modules)

describe('rooms and layers', () => {
  it('every room has a layer', () => {
    const known = layers.flat()
    expect(roomsOf(modules).filter((room) => !known.includes(room))).toEqual([])
  })

  it('imports go downwards only', () => {
    const wrong = modules.flatMap((module) =>
      module.imports
        .filter(({ target }) => target !== undefined && !isAllowed(module.room, roomOf(target)))
        .map(({ target }) => `${module.path} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('every edge inside a layer that is allowed joins rooms of one layer', () => {
    for (const { from, to } of sidewaysEdges) expect(layerOf(from)).toBe(layerOf(to))
  })

  it('no file imports itself over others', () => {
    expect(strongComponents(graph)).toEqual([])
  })

  it('no folder is a drawer for everything', () => {
    const folders = new Set([...modules, ...verifierModules].flatMap(({ path }) => path.split('/').slice(1, -1)))
    expect([...folders].filter((folder) => bannedFolders.includes(folder))).toEqual([])
  })
})

describe('each power has its place', () => {
  const inDatabase = (path: string) =>
    path.startsWith('src/db/') || path.startsWith('src/provider/adapter/') || path.endsWith('/store.ts')
  const inHttp = (path: string) =>
    path.startsWith('src/web/') || path.endsWith('/routes.ts') || layerOf(roomOf(path)) >= layerOf('provider')

  it.each<[string, (module: SourceModule) => boolean, (path: string) => boolean]>([
    ['Prisma and the database drivers', importsOf(/^(@prisma\/|better-sqlite3$|pg$|.*\/db\/generated\/)/), inDatabase],
    ['the Prisma client of the database', contains(/\.prisma\b/), inDatabase],
    ['SQL', contains(/['"`]\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|PRAGMA|BEGIN)\s/), inDatabase],
    ['oidc-provider', importsOf(/^oidc-provider/), (path) => path.startsWith('src/provider/')],
    ['koa', importsOf(/^(koa|@koa\/)/), inHttp],
    ['the environment', contains(/\bprocess\s*\.\s*env\b|\bloadEnvFile\b/), (path) => path.startsWith('src/config/')],
    [
      'the clock',
      contains(/\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\()/),
      (path) => path.startsWith('src/runtime/'),
    ],
    // Whatever goes out goes through net/, where it is checked (F01–F08). Its own servers a room may listen with.
    [
      'bare fetch',
      contains(/(?<![\w.$]|function )fetch\(|\bglobalThis\.fetch\b|\bnew (?:WebSocket|EventSource)\b/),
      (path) => path.startsWith('src/net/'),
    ],
    [
      'modules that can do nothing but connect, or ask for names',
      importsOf(/^(?:undici|(?:node:)?(?:dns(?:\/promises)?|tls|https|http2|dgram)|axios|got|node-fetch)$/),
      (path) => path.startsWith('src/net/'),
    ],
    ['outgoing connections of http and net', connects, (path) => path.startsWith('src/net/')],
    ['key sets by themselves', contains(/\bcreateRemoteJWKSet\b/), (path) => path.startsWith('src/net/')],
    ['mail', importsOf(/^nodemailer/), (path) => path.startsWith('src/mail/')],
  ])('%s', (_power, uses, isAtHome) => {
    const strangers = modules.filter((module) => uses(module) && !isAtHome(module.path)).map(({ path }) => path)
    expect(strangers).toEqual([])
  })

  it('F16 no name is asked for by the system, whose few threads a stranger could fill', () => {
    const asking = modules
      .filter(({ path }) => path.startsWith('src/net/'))
      .filter(contains(/\b(?:lookup|getaddrinfo)\(/))
    expect(asking.map(({ path }) => path)).toEqual([])
  })

  it("nothing reaches into oidc-provider's private files", () => {
    expect(modules.filter(importsOf(/^oidc-provider\//)).map(({ path }) => path)).toEqual([])
  })

  it('the verifier imports jose and Node only', () => {
    const foreign = verifierModules.flatMap(({ imports, path }) =>
      imports
        .filter(({ specifier }) => !/^(\.\.?\/|jose$|node:)/.test(specifier))
        .map(({ specifier }) => `${path} → ${specifier}`),
    )
    expect(foreign).toEqual([])
  })
})

describe('habits', () => {
  const all = [...modules, ...verifierModules]

  it.each<[string, RegExp]>([
    ['Math.random makes no identifier', /\bMath\.random\b/],
    ['any is not a way out', /\bas any\b|<any>|:\s*any\b/],
    ['exports are named', /^export default\b/m],
  ])('%s', (_habit, pattern) => {
    expect(all.filter(contains(pattern)).map(({ path }) => path)).toEqual([])
  })

  it('a lint rule is switched off with a reason only', () => {
    const bare = all.filter(({ text }) =>
      /biome-ignore(?![^\n]*: \S{3,})|@ts-(ignore|nocheck)|@ts-expect-error\s*$/m.test(text),
    )
    expect(bare.map(({ path }) => path)).toEqual([])
  })

  it(`no file is longer than ${longestFile} lines, tables of records excepted`, () => {
    const tables = /^src\/(config\/schema\.ts|messages\/(en|de)\/)/
    const long = all.filter(({ path, lines }) => lines > longestFile && !tables.test(path))
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
  })
})

function contains(pattern: RegExp): (module: SourceModule) => boolean {
  return ({ code }) => pattern.test(code)
}

function importsOf(pattern: RegExp): (module: SourceModule) => boolean {
  return ({ imports }) => imports.some(({ specifier }) => pattern.test(specifier))
}

/** Whether it takes from Node's `http` or `net` what opens a connection; servers and types are no such thing. */
function connects({ code }: SourceModule): boolean {
  if (/\bimport\s+(?!type\b)(?:\w+|\*\s*as\s+\w+)\s+from\s+['"](?:node:)?(?:http|net)['"]/.test(code)) return true
  return [...code.matchAll(/\bimport\s+\{([^}]*)\}\s+from\s+['"](?:node:)?(?:http|net)['"]/g)].some(([, names = '']) =>
    names
      .split(',')
      .some((name) => /^(?:request|get|Agent|ClientRequest|connect|createConnection|Socket)\b/.test(name.trim())),
  )
}

function isAllowed(from: string, to: string): boolean {
  if (from === to || layerOf(from) > layerOf(to)) return true
  return sidewaysEdges.some((edge) => edge.from === from && edge.to === to)
}

function layerOf(room: string): number {
  return layers.findIndex((rooms) => rooms.includes(room))
}

function roomsOf(of: readonly SourceModule[]): string[] {
  return [...new Set(of.map(({ room }) => room))]
}
