// Bytes as they are, for what no client library sends and for what a server does with a connection.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection that keeps everything it got. */
export class RawSocket {
  readonly socket: Socket
  /** Settles when the connection is closed, by whomever. */
  readonly closed: Promise<void>
  #text = ''
  readonly #waiting: { pattern: RegExp; resolve: () => void; reject: (error: Error) => void }[] = []

  constructor(issuer: string) {
    const { port } = new URL(issuer)
    this.socket = connect(Number(port), '127.0.0.1')
    // A reset is one of the ways in which a server may close.
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1')
      this.#tell()
    })
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        for (const { pattern, reject } of this.#waiting) reject(new Error(`closed before ${pattern}: ${this.#text}`))
        resolve()
      })
    })
  }

  /** Everything received so far. */
  get text(): string {
    return this.#text
  }

  /** The statuses of the answers so far, in order. */
  get statuses(): number[] {
    return [...this.#text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))
  }

  async connected(): Promise<void> {
    if (this.socket.connecting) await once(this.socket, 'connect')
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'))
  }

  /** Waits until what was received matches. */
  async until(pattern: RegExp): Promise<string> {
    if (!pattern.test(this.#text)) {
      await new Promise<void>((resolve, reject) => this.#waiting.push({ pattern, resolve, reject }))
    }
    return this.#text
  }

  close(): void {
    this.socket.destroy()
  }

  #tell(): void {
    for (const { pattern, resolve } of this.#waiting) if (pattern.test(this.#text)) resolve()
  }
}

/** Sends these bytes and waits until the server closes the connection. */
export async function sayAndListen(issuer: string, text: string): Promise<RawSocket> {
  const raw = new RawSocket(issuer)
  raw.send(text)
  await raw.closed
  return raw
}
