import { bearerParameters } from '../resources/bearer-challenge.ts'
import type { Heard } from './wire.ts'

/** What a `WWW-Authenticate` says to a client. */
export interface Challenge {
  readonly header: string
  /** Null: there is no Bearer challenge in it. */
  readonly parameters: ReadonlyMap<string, string> | null
  readonly isWellFormed: boolean
}

/** Reads the challenge of an answer. */
export function challengeOf(heard: Heard): Challenge {
  const header = 'fault' in heard ? '' : (heard.headers.get('www-authenticate') ?? '')
  return { header, parameters: bearerParameters(header), isWellFormed: isWellFormed(header.slice(0, 4096)) }
}

const tokenText = "[\\w!#$%&'*+.^`|~-]+"
const parameter = new RegExp(`${tokenText}[ \\t]{0,4}=[ \\t]{0,4}(?:"(?:[^"\\\\]|\\\\.)*"|${tokenText})`, 'y')
const scheme = new RegExp(`${tokenText}(?= |,|$)`, 'y')
const token68 = /[\w.~+/-]+=*(?=[ \t]*(?:,|$))/y
const comma = /[ \t]{0,8},[ \t]{0,8}/y
const space = / {1,8}/y

/** RFC 9110 §11.6.1: challenges and their parameters, with a comma between any two, values that are no tokens in quotes. */
function isWellFormed(header: string): boolean {
  let at = 0
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const match = pattern.exec(header)
    if (match === null) return false
    at += match[0].length
    return true
  }
  let hasScheme = false
  do {
    if (hasScheme && take(parameter)) continue
    if (!take(scheme)) return false
    hasScheme = true
    if (take(space) && !take(parameter) && !take(token68)) return false
  } while (take(comma))
  return at === header.length
}
