// Reads source files as data for the tests about the house: their imports, their text without comments, their cycles.
import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** One import or re-export of a file. */
export interface SourceImport {
  readonly specifier: string
  /** Path from the root of the repository when it is a file of ours. */
  readonly target: string | undefined
  readonly isTypeOnly: boolean
}

/** One source file. */
export interface SourceModule {
  /** From the root of the repository. */
  readonly path: string
  /** As `roomOf` gives it. */
  readonly room: string
  readonly text: string
  /** Without comments. */
  readonly code: string
  readonly lines: number
  readonly imports: readonly SourceImport[]
}

/** All TypeScript files of a folder, generated ones excepted. */
export function readModules(folder: string): SourceModule[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root })
    .filter((path) => !path.includes('/generated/'))
    .sort()
    .map(readModule)
}

/** The room of a file: its folder in `src`, `main.ts`, or `composition` for the other files that lie directly there. */
export function roomOf(path: string): string {
  const [step = path, ...deeper] = path.replace(/^(verifier\/)?src\//, '').split('/')
  return deeper.length > 0 || step === 'main.ts' ? step : 'composition'
}

/** Who imports whom at run time; imports of types alone are gone there and make no cycle. */
export function moduleGraph(modules: readonly SourceModule[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    modules.map(({ path, imports }) => [
      path,
      imports.flatMap(({ target, isTypeOnly }) => (target === undefined || isTypeOnly ? [] : target)),
    ]),
  )
}

/** Groups of files that import each other in a circle (Tarjan's strongly connected components of more than one file). */
export function strongComponents(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []

  function visit(node: string): void {
    index.set(node, index.size)
    low.set(node, index.get(node) ?? 0)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.indexOf(node))
    if (component.length > 1 || graph.get(node)?.includes(node)) found.push(component.sort())
  }

  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}

function readModule(path: string): SourceModule {
  const text = readFileSync(join(root, path), 'utf8')
  const code = withoutComments(text)
  return {
    path,
    room: roomOf(path),
    text,
    code,
    lines: text.split('\n').length - 1,
    imports: importsOf(path, code),
  }
}

const importPattern =
  /^\s*(?:import|export)\s+(type\s)?([^'"`;]*?)\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

function importsOf(path: string, code: string): SourceImport[] {
  return [...code.matchAll(importPattern)].map(([, type, names, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? ''
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
    return { specifier, target, isTypeOnly: type !== undefined || (names !== undefined && hasOnlyTypes(names)) }
  })
}

// `import { type A, type B } from` leaves nothing to import at run time.
function hasOnlyTypes(names: string): boolean {
  const listed = /^\{([^}]*)\}\s*$/s.exec(names)?.[1]
  const items = listed?.split(',').filter((item) => item.trim() !== '')
  return items !== undefined && items.length > 0 && items.every((item) => item.trim().startsWith('type '))
}

function withoutComments(text: string): string {
  const strings = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replace(strings, (_match, string: string | undefined) => string ?? '')
}
