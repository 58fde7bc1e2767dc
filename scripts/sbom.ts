// `npm run sbom`: the bill of materials of what is shipped, CycloneDX, from the lock file alone, on standard output.
// Not `npm sbom --omit dev`: that leaves out better-sqlite3, whose version comes from an override.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Component {
  readonly 'bom-ref': string
}

interface Bill {
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const root = join(import.meta.dirname, '..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly dev?: boolean; readonly devOptional?: boolean }>
  >
}
const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  stdio: ['ignore', 'pipe', 'pipe'],
})
const bill = JSON.parse(text) as Bill
const left = new Set(bill.components.filter(isDevelopment).map((component) => component['bom-ref']))
const shipped = {
  ...bill,
  components: bill.components.filter((component) => !left.has(component['bom-ref'])),
  dependencies: bill.dependencies
    .filter(({ ref }) => !left.has(ref))
    .map(({ dependsOn, ref }) => ({ ref, dependsOn: dependsOn.filter((one) => !left.has(one)) })),
}
process.stdout.write(`${JSON.stringify(shipped, null, 2)}\n`)

/** Needed to build or test only, or a peer that is wanted there only: the lock file knows, by path. */
function isDevelopment({ 'bom-ref': reference }: Component): boolean {
  const places = Object.entries(lock.packages).filter(([path, { version }]) => {
    const name = path.split('node_modules/').at(-1)
    return `${name}@${version}` === reference
  })
  return places.length > 0 && places.every(([, { dev, devOptional }]) => dev === true || devOptional === true)
}
