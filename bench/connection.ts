// A keep-alive HTTP/1.1 connection that does no more than it must: the driver shares the machine with what it measures.
import { connect, type Socket } from 'node:net'

/** An answer; the body is read as bytes, one character each. */
export interface Answer {
  readonly status: number
  /** Status line and headers as they came. */
  readonly head: string
  readonly body: string
}

/** One connection, one request at a time. */
export class Connection {
  readonly #port: number
  #socket: Socket | undefined
  #received = ''
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Sends a finished request text. */
  request(text: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket ??= this.#open()
      this.#socket.write(text, 'latin1')
    })
  }

  /** Closes; the next request opens anew. Between measurements: servers close what has been idle for a few seconds. */
  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.removeAllListeners('close')
    socket?.destroy()
  }

  #open(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true })
    socket.setEncoding('latin1')
    socket.on('data', (part) => {
      this.#received += String(part)
      const answer = this.#complete()
      if (answer === null) return
      const waiting = this.#waiting
      this.#waiting = undefined
      waiting?.resolve(answer)
    })
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
    return socket
  }

  #fail(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#socket = undefined
    waiting?.reject(error)
  }

  /** The answer when all of it is here, else null. */
  #complete(): Answer | null {
    const text = this.#received
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return null
    const head = text.slice(0, end)
    const rest = end + 4
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    let body: string | null
    if (length !== undefined)
      body = text.length - rest < Number(length) ? null : text.slice(rest, rest + Number(length))
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) body = unchunk(text, rest)
    else body = ''
    if (body === null) return null
    this.#received = ''
    return { status: Number(head.slice(9, 12)), head, body }
  }
}

/** The chunks from `at` on joined, or null while some are missing. */
function unchunk(text: string, at: number): string | null {
  let body = ''
  for (;;) {
    const line = text.indexOf('\r\n', at)
    if (line < 0) return null
    const size = Number.parseInt(text.slice(at, line), 16)
    const next = line + 2 + size + 2
    if (text.length < next) return null
    if (size === 0) return body
    body += text.slice(line + 2, line + 2 + size)
    at = next
  }
}

/** The value of a header in the head of an answer. */
export function headerOf({ head }: Answer, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1]
}
