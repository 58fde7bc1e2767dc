import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type Fault, nearest } from './faults.ts'
import { prefix, type Setting, settings } from './schema.ts'

/** Names and texts, as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The text of a setting and the name it was found under. */
export interface Found {
  readonly name: string
  readonly text: string
}

/**
 * The environment of this process, completed by `.env` in the working folder; what is set outside wins.
 * The only place where the environment is read.
 */
export function readEnvironment(): Environment {
  const file = resolve('.env')
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return { ...kept, ...process.env }
}

/**
 * Looks a setting up: its own name, its file for a secret, the customary name, in this order. An empty text counts as absent,
 * because composing tools pass empty values for variables that nobody set.
 *
 * @param faults gets what is wrong with the look-up itself
 */
export function findSetting(env: Environment, setting: Setting, faults: Fault[]): Found | undefined {
  const name = `${prefix}${setting.name}`
  const own = present(env[name])
  const fileName = `${name}_FILE`
  const file = setting.secret === true ? present(env[fileName]) : undefined
  if (own !== undefined && file !== undefined) {
    faults.push({ name, problem: `is set together with ${fileName}`, cure: 'keep one of the two' })
  }
  if (own !== undefined) return { name, text: own }
  if (file !== undefined) return readSecretSetting(fileName, file, faults)
  const customary = setting.alsoNamed === undefined ? undefined : present(env[setting.alsoNamed])
  return customary === undefined || setting.alsoNamed === undefined
    ? undefined
    : { name: setting.alsoNamed, text: customary }
}

/** Faults for names under our prefix that are no setting: a mistyped name must not silently mean the default. */
export function unknownNames(env: Environment): Fault[] {
  const known = knownNames()
  // Kubernetes adds these for every service of the namespace, so a service that bears our name floods the prefix.
  const linked = env[`${prefix}SERVICE_HOST`] !== undefined
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known)
      const remove = linked
        ? 'set enableServiceLinks: false in the pod, or rename the service'
        : 'remove it; .env.example lists every setting'
      return { name, problem: 'is no setting', cure: meant === undefined || linked ? remove : `did you mean ${meant}?` }
    })
}

/** The content of a secret's file without the newline that editors and `echo` leave at its end. */
export function readSecretFile(path: string): string {
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
}

function readSecretSetting(name: string, file: string, faults: Fault[]): Found | undefined {
  try {
    const text = readSecretFile(file)
    if (text !== '') return { name, text }
    faults.push({ name, problem: `the file ${file} is empty`, cure: 'put the secret into it, and nothing else' })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    faults.push({ name, problem: `cannot be read (${reason})`, cure: 'name a file that this user may read' })
  }
  return undefined
}

function knownNames(): string[] {
  return Object.values(settings).flatMap((setting: Setting) =>
    setting.secret === true
      ? [`${prefix}${setting.name}`, `${prefix}${setting.name}_FILE`]
      : [`${prefix}${setting.name}`],
  )
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}
