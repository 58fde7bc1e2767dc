import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestApp } from '../support/app.ts'
import { freePort } from '../support/app.ts'
import type { TokenAnswer } from '../support/flow.ts'
import { type Params, tokenAt } from './stage.ts'

/** When the process dies: around the commit of a unit with conditions, or right before its n-th look at the database. */
export type KillPoint = 'before commit' | 'after commit' | number

const entry = fileURLToPath(new URL('./server-process.ts', import.meta.url))

/** A server in a process of its own, on the database of another. */
export interface ServerProcess {
  token(form: Params): Promise<Pick<TokenAnswer, 'status' | 'body'>>
  /** Sends a request during which the process is killed. @returns whether it died before it could answer */
  dieDuring(form: Params, point: KillPoint): Promise<boolean>
  kill(): Promise<void>
}

/** Starts a server process beside `app`; call `kill` at the end. */
export async function startProcess(app: TestApp): Promise<ServerProcess> {
  const port = await freePort()
  const settings = {
    ISSUER: app.issuer,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: app.dataDir,
    DATABASE_URL: app.address.kind === 'sqlite' ? `file:${app.address.file}` : app.address.url,
    SQLITE_SYNCHRONOUS: 'FULL',
    RATE_LIMITS: 'off',
  }
  const child = fork(entry, {
    env: {
      PATH: process.env.PATH,
      ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`SALLYPORT_${name}`, value])),
    },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let complaints = ''
  child.stderr?.on('data', (part: Buffer) => {
    complaints += part.toString()
  })
  await message(child, 'listening', () => complaints)
  const at = { issuer: app.issuer, config: { ...app.config, port } }
  const token = (form: Params) => tokenAt(at, form)
  return {
    token,
    async dieDuring(form, point) {
      const died = once(child, 'exit')
      child.send({ point })
      await message(child, 'armed', () => complaints)
      const answered = await token(form).then(
        () => true,
        () => false,
      )
      if (!answered) await died
      return !answered && child.signalCode === 'SIGKILL'
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const died = once(child, 'exit')
      child.kill('SIGKILL')
      await died
    },
  }
}

async function message(child: ChildProcess, expected: string, complaints: () => string): Promise<void> {
  const [said] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`the server process ended: ${complaints()}`)
    }),
  ])
  if (said !== expected) throw new Error(`the server process said ${String(said)} instead of ${expected}`)
}
