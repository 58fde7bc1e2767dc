import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Middleware } from 'koa'

/** The files that pages load, read once. */
export interface Assets {
  /** Address of a file with its digest in the name: `/assets/sallyport.1a2b3c4d5e6f.css`. */
  address(name: string): string
  /** Serves `/assets/*`; everything else goes on. */
  middleware(): Middleware
}

interface Asset {
  readonly content: Buffer
  readonly type: string
  readonly etag: string
  readonly cacheControl: string
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
}
const defaultDir = fileURLToPath(new URL('../../assets', import.meta.url))
const prefix = '/assets/'
// Lists of the console renew and search themselves with it; the pages of passkeys load the other one, and no page both.
const fromPackages = createRequire(import.meta.url)
const htmx = fromPackages.resolve('htmx.org/dist/htmx.min.js')
// What browsers spell differently of passkeys, from the makers of the library that checks them. Its package exports modules
// only; the one file that needs no build lies beside them.
const webauthn = join(dirname(fromPackages.resolve('@simplewebauthn/browser')), '../dist/bundle/index.umd.min.js')

/**
 * Reads the assets of a folder. A name with the digest may be kept for ever; the plain name is revalidated by ETag.
 *
 * @param made further files by name, which are made at the start and lie in no folder
 * @param dir default: `assets/` beside `src/` or `dist/`
 */
export function createAssets(made: ReadonlyMap<string, Uint8Array> = new Map(), dir: string = defaultDir): Assets {
  const byName = new Map<string, Asset>()
  const addresses = new Map<string, string>()
  const files = readdirSync(dir).map((name): [string, Uint8Array] => [name, readFileSync(join(dir, name))])
  const ofPackages = [
    ['htmx.js', readFileSync(htmx)],
    ['webauthn.js', readFileSync(webauthn)],
  ] as const
  for (const [name, bytes] of [...files, ...ofPackages, ...made]) {
    const extension = extname(name)
    const type = types[extension]
    if (type === undefined) continue
    const content = Buffer.from(bytes)
    // 12 base64url characters = 72 bits: enough to tell versions apart, and no one else names our files.
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, 12)
    const digestName = `${name.slice(0, -extension.length)}.${digest}${extension}`
    const etag = `"${digest}"`
    byName.set(digestName, { content, type, etag, cacheControl: 'public, max-age=31536000, immutable' })
    byName.set(name, { content, type, etag, cacheControl: 'no-cache' })
    addresses.set(name, `${prefix}${digestName}`)
  }

  return {
    address(name) {
      const address = addresses.get(name)
      if (address === undefined) throw new Error(`there is no asset ${name}`)
      return address
    },
    middleware: () => serve(byName),
  }
}

function serve(byName: ReadonlyMap<string, Asset>): Middleware {
  return async function serveAsset(ctx, next) {
    const asset = ctx.path.startsWith(prefix) ? byName.get(ctx.path.slice(prefix.length)) : undefined
    if (asset === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next()
    ctx.state.route = '/assets/:name'
    ctx.status = 200
    ctx.set('Cache-Control', asset.cacheControl)
    ctx.set('ETag', asset.etag)
    ctx.type = asset.type
    if (ctx.fresh) ctx.status = 304
    else ctx.body = asset.content
  }
}
