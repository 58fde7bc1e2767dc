// Room: credentials. What proves that a person is who they say: passwords, second factors, and the guard that counts guesses
// at either (throttle/). The hash of a password is a column of the account, the forms are those of login/. Serves no path.
import { argon2id, hash, verify } from 'argon2'
import { AppError } from '../runtime/app-error.ts'
import { createHashQueue, type HashLoad } from './hash-queue.ts'
import { isTooLarge, type PasswordFault, passwordFault } from './password-rules.ts'

export { type PasswordFault, passwordFault } from './password-rules.ts'

/** Cost of one hash. */
export interface PasswordParameters {
  readonly memoryKibibytes: number
  readonly iterations: number
  readonly parallelism: number
}

/** Makes and checks password hashes, as many at once as the machine bears. */
export interface Passwords {
  /** A PHC string, `$argon2id$v=19$m=…`, of a password that `passwordFault` accepts. */
  hash(password: string): Promise<string>
  /**
   * Compares with a stored hash. Without one (unknown account, account without a password) it does the same work against a
   * hash that nothing fits, so that the time tells nothing (threat G14).
   *
   * @throws AppError `busy` (503) when too many hashes are waiting
   */
  verify(stored: string | undefined, password: string): Promise<boolean>
  /** How many hashes run and wait, for the metrics. */
  load(): HashLoad
  /** `passwordFault` with what everybody knows of this server beside what is known of the person. */
  fault(password: string, about?: readonly string[]): PasswordFault | null
  /** Was the hash made with less than today's parameters? */
  needsRehash(stored: string): boolean
}

// OWASP Password Storage: 19 MiB, 2 passes, 1 lane, the first of its equal choices. About 46 ms of one core (M14).
const defaultParameters: PasswordParameters = { memoryKibibytes: 19_456, iterations: 2, parallelism: 1 }
// Upper bounds on what a stored hash may ask for: a poisoned row must not take the machine's memory (threat G18).
// Eight at once are a gigabyte at the very most.
const largest: PasswordParameters = { memoryKibibytes: 131_072, iterations: 10, parallelism: 8 }

/**
 * Makes the password desk of a process: its queue holds for all hashes together.
 *
 * @param context names that everybody who attacks this server tries: its own
 */
export function createPasswords(
  parameters: PasswordParameters = defaultParameters,
  context: readonly string[] = [],
): Passwords {
  const options = {
    type: argon2id,
    memoryCost: parameters.memoryKibibytes,
    timeCost: parameters.iterations,
    parallelism: parameters.parallelism,
    hashLength: 32,
  } as const
  // Ours: eight at a time are more than the thread pool has hands for; 64 in line wait about 1.5 s on two cores (M14).
  const inTurn = createHashQueue({ running: 8, waiting: 64 })
  const emptyHash = `$argon2id$v=19$m=${options.memoryCost},t=${options.timeCost},p=${options.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

  return {
    async hash(password) {
      if (isTooLarge(password)) throw new AppError('password_too_long', 400, 'This password is too long.')
      const text = password.normalize('NFC')
      if (isTooLarge(text)) throw new AppError('password_too_long', 400, 'This password is too long.')
      const stored = await inTurn(() => hash(text, options))
      // The package writes p before t; the reference implementation reads m, t, p only.
      return stored.replace(/,p=(\d+),t=(\d+)\$/, ',t=$2,p=$1$')
    },
    async verify(stored, password) {
      if (isTooLarge(password)) return false
      const text = password.normalize('NFC')
      if (isTooLarge(text)) return false
      const cost = stored === undefined ? null : parse(stored)
      const usable = stored !== undefined && cost !== null && !exceeds(cost, largest)
      const matches = await inTurn(() => verify(usable ? stored : emptyHash, text))
      return usable && matches
    },
    load: inTurn.load,
    fault: (password, about = []) => passwordFault(password, [...context, ...about]),
    needsRehash(stored) {
      const cost = parse(stored)
      return cost === null || exceeds(parameters, cost)
    },
  }
}

const phc = /^\$argon2id\$v=19\$([a-z]=\d{1,9}(?:,[a-z]=\d{1,9})*)\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,171}$/

// Null for everything that is no argon2id hash of version 1.3; the order of the parameters is the writer's.
function parse(stored: string): PasswordParameters | null {
  const text = phc.exec(stored)?.[1]
  if (text === undefined) return null
  const values = new Map(text.split(',').map((pair): [string, number] => [pair.slice(0, 1), Number(pair.slice(2))]))
  const memoryKibibytes = values.get('m')
  const iterations = values.get('t')
  const parallelism = values.get('p')
  if (memoryKibibytes === undefined || iterations === undefined || parallelism === undefined) return null
  return { memoryKibibytes, iterations, parallelism }
}

function exceeds(one: PasswordParameters, bound: PasswordParameters): boolean {
  return (
    one.memoryKibibytes > bound.memoryKibibytes ||
    one.iterations > bound.iterations ||
    one.parallelism > bound.parallelism
  )
}
