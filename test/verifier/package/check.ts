// `npm run check:package`: the verifier as it would be published. publint, are-the-types-wrong, every sub-path imported, sizes.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { rolldown } from 'rolldown'
import { buildPackage, root, run } from './build.ts'

const built = buildPackage()
try {
  process.exitCode = await check()
} finally {
  built.remove()
}

async function check(): Promise<number> {
  const { messages } = await publint({ pkgDir: built.folder, strict: true, pack: false })
  const manifest = JSON.parse(readFileSync(join(built.folder, 'package.json'), 'utf8'))
  for (const message of messages) say(`publint: ${formatMessage(message, manifest)}`)
  say(`publint: ${messages.length === 0 ? 'clean' : `${messages.length} faults`}`)
  // Fails with the whole table when there is a fault.
  run('attw', ['--pack', built.folder, '--profile', 'esm-only', '--format', 'ascii'])
  say('are the types wrong: clean')
  for (const subpath of built.subpaths) {
    const name = ['@sallyport/verifier', subpath].filter((part) => part !== '').join('/')
    const script = join(built.project, 'import.mjs')
    writeFileSync(script, `console.log(Object.keys(await import('${name}')).join(' '))`)
    say(`${name}: ${await bundleSizes(name)}; exports ${run('node', [script], built.project).trim()}`)
  }
  const installed = sizeOf(built.folder) + sizeOf(join(root, 'node_modules', 'jose'))
  say(`installed with jose: ${(installed / 1024).toFixed(0)} KiB, 2 packages`)
  return messages.length === 0 ? 0 : 1
}

/** What a sub-path weighs in a program, with all that it imports. */
async function bundleSizes(name: string): Promise<string> {
  const entry = join(built.project, 'entry.mjs')
  writeFileSync(entry, `export * from '${name}'`)
  const sizes: string[] = []
  for (const external of [['jose'], []]) {
    const bundle = await rolldown({ input: entry, external, cwd: built.project, logLevel: 'silent' })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    const code = output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('')
    const [raw, gzip, brotli] = [Buffer.byteLength(code), gzipSync(code).length, brotliCompressSync(code).length]
    sizes.push(`${external.length > 0 ? 'alone' : 'with jose'} ${kib(raw)} (gzip ${kib(gzip)}, brotli ${kib(brotli)})`)
    await bundle.close()
  }
  return sizes.join(', ')
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
