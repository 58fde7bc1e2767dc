import type { Client } from '../../clients/client.ts'

/** A client for a terminal: the digest of a secret is no secret, but nothing good comes of carrying it about. */
export function shown({ secretDigest, ...client }: Client) {
  return { ...client, hasSecret: secretDigest !== null }
}
