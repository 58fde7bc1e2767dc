import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// `lists/` beside `src/` or `dist/`; its README says where the list comes from.
const file = fileURLToPath(new URL('../../lists/common-passwords.txt', import.meta.url))
let loaded: ReadonlySet<string> | undefined

/**
 * Passwords that everybody tries first and that the rule on length alone would let through, lower case. Read when the first
 * password is chosen: most starts of the server never need them.
 *
 * @throws Error when the file is not there: no password is accepted then
 * @see ASVS 5.0, 6.2.4
 */
export function commonPasswords(): ReadonlySet<string> {
  loaded ??= new Set(readFileSync(file, 'utf8').trim().split('\n'))
  return loaded
}
