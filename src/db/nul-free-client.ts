import pg from 'pg'

/**
 * A connection that sends no NUL character: PostgreSQL has none in text and answers with an error, so that a stranger's
 * `%00` would be a fault of ours (threat K13). It becomes U+FFFD, which no value of ours holds: a look-up finds nothing, and
 * what is kept of a stranger's words is kept readable. SQLite has the character and needs none of this.
 *
 * Every query of the process goes through here, Prisma's as well, because the pool makes its connections of this class.
 */
export class NulFreeClient extends pg.Client {
  // The library's own signature: a query object of its own, a description, or a text, and values beside it.
  override query(...args: unknown[]): never {
    const [first, second, ...rest] = args
    const changed = [withoutNulValues(first), Array.isArray(second) ? second.map(withoutNul) : second, ...rest]
    // Parse boundary: the overloads of pg meet in one implementation, which looks at what it is given as this one does.
    return Reflect.apply(super.query, this, changed) as never
  }
}

function withoutNulValues(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || !('values' in config) || !Array.isArray(config.values))
    return config
  // Changed in place: a cursor or a query object of the library is more than its members.
  if (config.values.some(hasNul)) config.values = config.values.map(withoutNul)
  return config
}

function hasNul(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\0')
}

function withoutNul(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value
}
