// `node scripts/common-passwords.ts <passwords.json>`: writes lists/common-passwords.txt anew. The argument is the list of the
// npm package @zxcvbn-ts/language-common (MIT), fetched by hand into a folder that is thrown away: it is no dependency. Taken
// are its most frequent entries that our rule on length lets through, and ours beside them (lists/own-passwords.txt).
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Ours: ASVS 6.2.4 asks for 3,000; ten thousand take a megabyte of memory, once a password is chosen, and no time.
const most = 10_000
const folder = join(import.meta.dirname, '..', 'lists')
const [source] = process.argv.slice(2)
if (source === undefined) throw new Error('name the passwords.json of the package')

const said: unknown = JSON.parse(readFileSync(source, 'utf8'))
if (!Array.isArray(said)) throw new Error('this is no list')
const fits = (text: string): boolean => [...text].length >= 8 && [...text].length <= 128 && !/\s/.test(text)
const folded = said.map((one) => String(one).normalize('NFC').toLowerCase()).filter(fits)
const frequent = [...new Set(folded)].slice(0, most)
const own = readFileSync(join(folder, 'own-passwords.txt'), 'utf8').trim().split('\n')
// In the order of the alphabet: what changed is seen in a diff.
const all = [...new Set([...frequent, ...own])].sort()
writeFileSync(join(folder, 'common-passwords.txt'), `${all.join('\n')}\n`)
process.stdout.write(`${all.length} passwords\n`)
