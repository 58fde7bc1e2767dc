import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultClaimNames, judgeClaims } from '../../verifier/src/claims.ts'
import { marksOfToken } from '../../verifier/src/revocation-document.ts'
import { type BuiltPackage, buildPackage, root, run } from './package/build.ts'

let built: BuiltPackage
beforeAll(() => {
  built = buildPackage()
}, 120_000)
afterAll(() => built.remove())

/** The code blocks of a page that are programs, each with the line that it begins in. */
function blocksOf(page: string): readonly { readonly name: string; readonly code: string }[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, at) => ({
    name: `${page.replaceAll(/\W+/g, '-')}-${at + 1}`,
    code: match[1] ?? '',
  }))
}

describe('the package', () => {
  test('V54 is made of jose and nothing else, and needs no module of Node', () => {
    const files = globSync('dist/**/*.js', { cwd: built.folder })
    expect(files.length).toBeGreaterThan(20)
    const imported = files.flatMap((file) =>
      [...readFileSync(join(built.folder, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map(
        ([, specifier = '']) => specifier,
      ),
    )
    expect([...new Set(imported.filter((specifier) => !specifier.startsWith('./')))]).toEqual(['jose'])
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(built.folder, 'package.json'), 'utf8'))
    expect([Object.keys(dependencies), peerDependencies]).toEqual([['jose'], undefined])
  })

  test('can be imported by every sub-path, with types', () => {
    expect(built.subpaths).toEqual(['', 'fetch', 'express', 'koa', 'hono', 'fastify', 'mcp'])
    const lines = built.subpaths.map(
      (path, at) => `import * as x${at} from '@sallyport/verifier${path === '' ? '' : `/${path}`}'`,
    )
    const uses = `if ([${built.subpaths.map((_, at) => `x${at}`).join(', ')}].some((one) => Object.keys(one).length === 0)) throw new Error('empty')`
    writeFileSync(join(built.project, 'subpaths.ts'), `${lines.join('\n')}\n${uses}\n`)
    compileProject(['subpaths.ts'])
    run('node', ['subpaths.ts'], built.project)
  })

  test('has types that a project without those of Node or of the web can read', () => {
    writeFileSync(
      join(built.project, 'bare.ts'),
      "import { createVerifier } from '@sallyport/verifier'\nexport const make = createVerifier\n",
    )
    compileProject(['bare.ts'], { lib: ['es2023', 'dom'], types: [], skipLibCheck: true })
  })
})

describe('the documentation', () => {
  const blocks = ['verifier/README.md', 'docs/verifier.md'].flatMap(blocksOf)

  test('is made of programs that compile', () => {
    expect(blocks.length).toBeGreaterThan(12)
    for (const { name, code } of blocks) writeFileSync(join(built.project, `${name}.ts`), code)
    compileProject(blocks.map(({ name }) => `${name}.ts`))
  }, 60_000)

  test('and run: each is loaded, and each that is a server refuses who has no token', () => {
    writeFileSync(
      join(built.project, 'run.ts'),
      `for (const name of ${JSON.stringify(blocks.map(({ name }) => name))}) {
        const module = await import('./' + name + '.ts')
        const ask = (path) => new Request('https://mcp.example' + path, { method: 'POST', body: '{}' })
        const servers = [module.default, module.hono].filter((one) => one?.fetch !== undefined)
        for (const server of servers) {
          const answer = await server.fetch(ask('/mcp'))
          if (answer.status !== 401 || !answer.headers.get('www-authenticate')?.startsWith('Bearer ')) throw new Error(name)
          const document = await server.fetch(new Request('https://mcp.example/.well-known/oauth-protected-resource/mcp'))
          if ((await document.json()).resource !== 'https://mcp.example/mcp') throw new Error(name)
          console.log(name, 'serves')
        }
        if (module.app?.inject) {
          const answer = await module.app.inject({ method: 'POST', url: '/mcp', payload: {} })
          if (answer.statusCode !== 401) throw new Error(name)
          console.log(name, 'injects')
        }
      }
      console.log('all run')`,
    )
    const said = run('node', ['--no-warnings', 'run.ts'], built.project)
    expect(said).toContain('all run')
    expect(said.match(/serves/g)).toHaveLength(3)
    expect(said.match(/injects/g)).toHaveLength(1)
  }, 60_000)

  test('V43 gives the right mark for its example', async () => {
    const text = readFileSync(join(root, 'docs/verifier.md'), 'utf8')
    const [, sub = '', iss = '', mark] = /the account `(\w+)` of `([^`]+)` has the mark `([\w-]{43})`/.exec(text) ?? []
    const policy = {
      issuer: iss,
      audience: 'a',
      acceptAudienceArrays: false,
      claimNames: defaultClaimNames,
      maxLifetimeSeconds: 60,
      clockSkewSeconds: 0,
      dpop: undefined,
    }
    const claims = { iss, sub, aud: 'a', client_id: 'c', jti: 'j', iat: 1, exp: 2 }
    const verdict = judgeClaims(claims, policy, true, 1)
    if (!verdict.ok) throw new Error(verdict.reason)
    expect((await marksOfToken(verdict.claims, 'a'))[1]).toBe(mark)
  })
})

function compileProject(files: readonly string[], more: Record<string, unknown> = {}): void {
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: true,
    erasableSyntaxOnly: true,
    ...more,
  }
  writeFileSync(join(built.project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  run('tsc', ['-p', 'tsconfig.json'], built.project)
}
