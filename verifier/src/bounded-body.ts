/** Bytes as they come in, one after another: the body of a Request, or an IncomingMessage of Node. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>

/**
 * Reads bytes up to a limit.
 *
 * @returns undefined when there were more; the rest is then not read
 * @throws what the source throws
 */
export async function readBounded(source: ByteSource, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  const next = 'getReader' in source ? readerOf(source) : iteratorOf(source)
  for (let chunk = await next.read(); chunk !== undefined; chunk = await next.read()) {
    length += chunk.byteLength
    if (length > maxBytes) {
      // Not waited for: one half of a cloned body is only done when the other one is, too.
      next.cancel().catch(() => {})
      return undefined
    }
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

interface ChunkReader {
  read(): Promise<Uint8Array | undefined>
  cancel(): Promise<void>
}

function readerOf(stream: ReadableStream<Uint8Array>): ChunkReader {
  const reader = stream.getReader()
  return { read: async () => (await reader.read()).value, cancel: () => reader.cancel() }
}

// Not `for await`: leaving it early destroys the socket of Node, and with it the answer that says why.
function iteratorOf(source: AsyncIterable<Uint8Array | string>): ChunkReader {
  const iterator = source[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return {
    read: async () => {
      const { done, value } = await iterator.next()
      if (done) return undefined
      return typeof value === 'string' ? encoder.encode(value) : value
    },
    cancel: async () => {},
  }
}
