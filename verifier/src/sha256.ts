/** SHA-256 of the UTF-8 of a text, base64url without padding, 43 characters: at once where the runtime can, else as a promise. */
export type Sha256 = (text: string) => string | Promise<string>

/**
 * Chooses how to hash. WebCrypto only hashes asynchronously, which costs more than the lookup that the hash is for (40 µs against 0.4
 * on Node 24). So the one-shot hash of node:crypto is taken where it can be had without an import: Node, Bun, Deno and Workers with
 * Node compatibility offer it through `process.getBuiltinModule`. Everywhere else WebCrypto does it.
 *
 * @param runtime the global object
 */
export function chooseSha256(runtime: object): Sha256 {
  const hash = findOneShotHash(runtime)
  return hash === undefined ? hashByWebCrypto : (text) => hash('sha256', text, 'base64url')
}

type OneShotHash = (algorithm: 'sha256', text: string, encoding: 'base64url') => string

// Parse boundary: what a runtime calls `process` is not described by any standard, so each step is looked at before it is taken.
function findOneShotHash(runtime: object): OneShotHash | undefined {
  const { process } = runtime as { process?: { getBuiltinModule?: unknown } | null }
  if (typeof process?.getBuiltinModule !== 'function') return undefined
  const crypto: { hash?: unknown } | undefined = process.getBuiltinModule('node:crypto')
  if (typeof crypto?.hash !== 'function') return undefined
  const hash = crypto.hash as OneShotHash
  // A runtime that only imitates Node may have the name and not the thing.
  try {
    return hash('sha256', '', 'base64url') === '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' ? hash : undefined
  } catch {
    return undefined
  }
}

const encoder = new TextEncoder()

async function hashByWebCrypto(text: string): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))
}

function encodeBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

/** How this runtime hashes. */
export const sha256: Sha256 = chooseSha256(globalThis)
