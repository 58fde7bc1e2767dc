import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CleanCopy, commandEnvironment, freePort, makeCleanCopy, startServer } from './clean-copy.ts'

const root = join(import.meta.dirname, '..', '..')
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const serveCommand = jsonCommand(/^CMD (\[.*\])$/m)
const healthCommand = jsonCommand(/^HEALTHCHECK .*CMD (\[.*\])$/m)

let copy: CleanCopy
let port: number
let env: Record<string, string>

beforeAll(async () => {
  copy = makeCleanCopy()
  port = await freePort()
  env = { SALLYPORT_DATA_DIR: copy.dataDir, SALLYPORT_PORT: String(port), NODE_ENV: 'production' }
})
afterAll(() => copy.remove())

describe('a clean folder, by the commands of the Dockerfile', () => {
  it('is built', () => {
    expect(dockerfile).toMatch(/^RUN npm run build$/m)
    execFileSync('npm', ['run', 'build'], { cwd: copy.folder, env: commandEnvironment({}), stdio: 'pipe' })
    for (const file of ['dist/main.js', 'dist/cli/main.js', 'verifier/dist/index.js']) {
      expect(statSync(join(copy.folder, file)).size).toBeGreaterThan(0)
    }
  })

  it('starts from nothing, is healthy, prints the link and no secret, and ends on SIGTERM (G20, K12, K32)', async () => {
    const server = await startServer(serveCommand, copy.folder, env)
    const health = execFileSync(...command(healthCommand), {
      cwd: copy.folder,
      env: commandEnvironment(env),
      encoding: 'utf8',
    })
    expect(JSON.parse(health)).toMatchObject({ status: 'ready' })
    const metadata = await fetch(`http://localhost:${port}/.well-known/oauth-authorization-server`)
    expect(await metadata.json()).toMatchObject({ issuer: `http://localhost:${port}` })

    const link = /http:\/\/localhost:\d+\/setup\/[\w-]{43}/.exec(server.stderr())?.[0] ?? ''
    expect((await fetch(link)).status).toBe(200)
    const secret = readFileSync(join(copy.dataDir, 'secret'), 'utf8').trim()
    expect(await server.stop()).toBe(0)
    const printed = server.stdout() + server.stderr()
    expect(printed).not.toContain(secret)
    // The link stands in the words for the person, and in no log line.
    expect(server.stdout()).not.toContain(link.split('/').at(-1))
    for (const line of server.stdout().trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })

  it('keeps secret and database for this user alone', () => {
    expect(statSync(copy.dataDir).mode & 0o777).toBe(0o700)
    for (const file of ['secret', 'sallyport.db']) expect(statSync(join(copy.dataDir, file)).mode & 0o077).toBe(0)
  })

  it('prints no link any more once there is an administrator, by npm start as well (G20)', async () => {
    execFileSync('node', ['dist/cli/main.js', 'user', 'add', 'ada@example.com', '--admin', '--password-stdin'], {
      cwd: copy.folder,
      env: commandEnvironment(env),
      input: 'correct horse battery\n',
    })
    const server = await startServer(['node', 'scripts/start.ts'], copy.folder, env)
    expect(server.stderr()).not.toContain('/setup/')
    expect(server.stderr()).not.toContain('building')
    expect(server.stderr()).toContain('next: ')
    expect(await server.stop('SIGINT')).toBe(0)
  })

  it('runs where nothing but the data folder may be written, no process started, and no shell found (K32)', async () => {
    // Node refuses by itself what a read-only file system and a container without a shell would refuse.
    const [program = '', ...args] = serveCommand
    const rights = ['--permission', '--allow-fs-read=*', `--allow-fs-write=${copy.dataDir}`, '--allow-addons']
    const server = await startServer([program, ...rights, ...args], copy.folder, { ...env, SHELL: '/nonexistent' })
    const registered = await fetch(`http://localhost:${port}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://127.0.0.1/cb'], token_endpoint_auth_method: 'none' }),
    })
    expect(registered.status).toBe(201)
    expect((await fetch(`http://localhost:${port}/sign-in`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
    expect(server.stdout() + server.stderr()).not.toMatch(/ERR_ACCESS_DENIED|"level":"(?:error|fatal)"/)
  })

  it('a request in progress is answered after SIGTERM, and the end comes within 10 s (K28)', async () => {
    const server = await startServer(serveCommand, copy.folder, env)
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    const body = 'grant_type=refresh_token&refresh_token=none&client_id=none'
    const head = [
      'POST /token HTTP/1.1',
      `Host: localhost:${port}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 10)}`)
    // Another request, answered in full, shows that the first one has reached the server.
    await (await fetch(`http://localhost:${port}/healthz`, { headers: { connection: 'close' } })).text()
    const begun = performance.now()
    const stopped = server.stop()
    socket.write(body.slice(10))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 40[01] /)
    expect(answer).toContain('invalid_client')
    expect(await stopped).toBe(0)
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})

describe('the Dockerfile', () => {
  it('runs as a user without rights, keeps data in a volume, and needs no shell to run (K32)', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '))
    expect(last).toMatch(/^USER 10001:10001$/m)
    expect(last).toMatch(/^VOLUME \/data$/m)
    expect(last).toMatch(/SALLYPORT_HOST=0\.0\.0\.0/)
    expect(last).toMatch(/SALLYPORT_DATA_DIR=\/data/)
    expect(last.indexOf('USER ')).toBeLessThan(last.indexOf('CMD ["node", "dist/main.js"]'))
    expect(serveCommand).toEqual(['node', 'dist/main.js'])
  })

  it('copies only what git knows, and nothing that is ignored', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n')
    const wanted = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? line.slice(1) : []))
    for (const path of wanted) expect(tracked.some((file) => file === path || file.startsWith(`${path}/`))).toBe(true)
  })
})

function jsonCommand(pattern: RegExp): string[] {
  const text = pattern.exec(dockerfile)?.[1] ?? '[]'
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed.map(String) : []
}

function command([program = '', ...args]: readonly string[]): [string, string[]] {
  return [program, args]
}
