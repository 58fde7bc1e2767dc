// What a stranger reads first must be true: each command, setting, link and piece of code on the pages exists and fits.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { commands } from '../../src/cli/program.ts'
import { fileSchema } from '../../src/config/file-schema.ts'
import { prefix, type Setting, settings } from '../../src/config/schema.ts'
import { type Block, readPages, root } from './markdown.ts'

const pages = readPages()
const blocks = pages.flatMap((page) => page.blocks)
const operate = pages.find(({ path }) => path === 'docs/operate.md')?.text ?? ''
const allSettings: readonly Setting[] = Object.values(settings)

describe('commands on the pages', () => {
  it('every script of npm exists', () => {
    const unknown = found(/\bnpm (?:run ([\w:-]+)|(start|test)\b)(?:.* --workspace ([\w/-]+))?/g).filter(
      ({ words: [script, short, workspace = '.'] }) => !scriptsOf(workspace).includes(script ?? short ?? ''),
    )
    expect(unknown).toEqual([])
  })

  it('every command of sallyport exists, with every option', () => {
    const called = found(/^(?:\w+=\S+ )*(?:npx )?sallyport (.+)$|\bdist\/cli\/main\.js (.+)$/g)
    expect(called.length).toBeGreaterThan(10)
    expect(called.flatMap(({ where, words: [npx, direct] }) => faultsOf(where, npx ?? direct ?? ''))).toEqual([])
  })

  it('the command line of docs/operate.md lists every command and no other', () => {
    const section = operate.split('## Command line')[1]?.split('\n## ')[0] ?? ''
    const listed = [...section.matchAll(/^\| (`.+`) +\|/gm)].flatMap(({ 1: cell = '' }) =>
      [...cell.matchAll(/`([^`]+)`/g)].flatMap(({ 1: span = '' }) => {
        const [noun = '', verbs] = span.split(' ')
        return verbs === undefined ? [noun] : verbs.split('\\|').map((verb) => `${noun} ${verb}`)
      }),
    )
    expect(listed.toSorted()).toEqual(commands.map(({ name }) => name).toSorted())
  })
})

describe('settings on the pages', () => {
  it('every name with our prefix is a setting', () => {
    const known = allSettings.flatMap(({ name, secret }) => [name, ...(secret === true ? [`${name}_FILE`] : [])])
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(new RegExp(`\\b${prefix}([A-Z_]+)\\b`, 'g'))]
        .filter(({ 1: name = '' }) => !known.includes(name))
        .map(([name]) => `${path}: ${name}`),
    )
    expect(unknown).toEqual([])
  })

  it('the settings of docs/operate.md are all there are', () => {
    const section = operate.split('## Settings')[1]?.split('\n## ')[0] ?? ''
    const names = [...section.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(({ 1: name }) => name)
    const known = allSettings.map(({ name }) => name)
    expect(known.filter((name) => !names.includes(name))).toEqual([])
    // Beside the names stands one value in capitals, and names in full, which the test above has looked at.
    const others = names.filter((name = '') => !known.some((setting) => setting === name) && !name.startsWith(prefix))
    expect(others).toEqual(['FULL'])
  })
})

describe('links on the pages', () => {
  it('every relative link leads to a file, and to a heading of it', () => {
    const broken = pages.flatMap(({ path, links }) =>
      links
        .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, target))
        .map((to) => `${path} → ${to}`),
    )
    expect(broken).toEqual([])
  })

  it('every decision is in the list of decisions', () => {
    const list = pages.find(({ path }) => path === 'docs/decisions/README.md')
    const written = pages.flatMap(({ path }) => /^docs\/decisions\/(\d.+)$/.exec(path)?.[1] ?? [])
    expect(list?.links).toEqual(written.toSorted())
  })
})

describe('code on the pages', () => {
  it('every block of JavaScript or TypeScript passes the type checker', () => {
    const checked = blocks.filter(({ language }) => /^[jt]s$/.test(language))
    const paths = checked.map(({ path }) => path)
    for (const page of ['README.md', 'docs/verifier.md', 'verifier/README.md']) expect(paths).toContain(page)
    expect(typeFaults(checked)).toEqual('')
  })

  it('every block of YAML is a configuration file that is taken', () => {
    const documents = blocks.filter(({ language }) => /^ya?ml$/.test(language))
    expect(documents).not.toEqual([])
    for (const { text } of documents) expect(fileSchema.safeParse(parse(text)).error?.issues ?? []).toEqual([])
  })

  it('every block of JSON is JSON', () => {
    for (const { text } of blocks.filter(({ language }) => language === 'json')) {
      expect(() => JSON.parse(text)).not.toThrow()
    }
  })
})

interface Found {
  readonly where: string
  readonly words: readonly (string | undefined)[]
}

function found(pattern: RegExp): Found[] {
  return pages.flatMap(({ path, code }) =>
    code.flatMap((line) =>
      [...line.matchAll(pattern)].map((match) => ({ where: `${path}: ${line}`, words: match.slice(1) })),
    ),
  )
}

function scriptsOf(folder: string): string[] {
  const file = z.looseObject({ scripts: z.record(z.string(), z.string()).default({}) })
  const { scripts } = file.parse(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')))
  return Object.keys(scripts)
}

function faultsOf(where: string, call: string): string[] {
  if (call.startsWith('…')) return []
  const [noun = '', verb = ''] = call.split(' ')
  if (noun.startsWith('--')) return ['--help', '--version'].includes(noun) ? [] : [where]
  const command = commands.find(({ name }) => name === noun || name === `${noun} ${verb}`)
  if (command === undefined) return [where]
  const known = ['--help', ...(command.options ?? []).map(({ flags }) => flags.split(' ')[0])]
  return [...call.matchAll(/(?<= )--[a-z-]+/g)]
    .filter(([option]) => !known.includes(option))
    .map(([option]) => `${where}: ${option}`)
}

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? from : join(dirname(from), path)
  if (!existsSync(join(root, file))) return false
  return anchor === undefined || pages.find((page) => page.path === file)?.anchors.has(anchor) === true
}

/** What the type checker says to the blocks, each a module of its own beside a handler; empty when it is content. */
function typeFaults(modules: readonly Block[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-readme-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(
      join(folder, 'mcp.ts'),
      `export const mcpHandler: import('express').RequestHandler = (_req, res) => void res.end()\n`,
    )
    for (const { path, line, text } of modules) {
      writeFileSync(join(folder, `${path.replaceAll('/', '-')}-line-${line}.ts`), `${text}\nexport {}\n`)
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(checkerOptions()))
    execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', folder], { cwd: folder, stdio: 'pipe' })
    return ''
  } catch (error) {
    const { stdout } = z.object({ stdout: z.instanceof(Buffer) }).parse(error)
    return stdout.toString()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// The package as it will be published has these doors and no other; behind each stands its source, so that no build is needed.
function checkerOptions(): unknown {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'verifier', 'package.json'), 'utf8'))
  const { exports: doors } = z
    .object({ exports: z.record(z.string(), z.object({ types: z.string() })) })
    .parse(manifest)
  const paths = Object.entries(doors).map(([door, { types }]) => [
    `@sallyport/verifier${door.slice(1)}`,
    [join(root, 'verifier', types.replace('./dist/', 'src/').replace('.d.ts', '.ts'))],
  ])
  return {
    compilerOptions: {
      target: 'es2023',
      lib: ['es2024', 'dom', 'dom.iterable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      paths: Object.fromEntries(paths),
    },
    include: ['*.ts'],
  }
}
