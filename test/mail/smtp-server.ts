// A mail server of a few lines on a real socket: it takes letters, or does what a bad one does.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A letter as it arrived. */
export interface Arrived {
  readonly from: string
  readonly to: readonly string[]
  readonly source: string
  /** Header by name, lower case, unfolded. */
  readonly headers: ReadonlyMap<string, string>
  /** The parts by content type, decoded. */
  readonly parts: ReadonlyMap<string, string>
}

/** How the server behaves. */
export interface MailServerOptions {
  readonly mode?: 'takes' | 'refuses_recipient' | 'silent' | 'hangs_up' | 'refuses_sign_in'
  /** Offers STARTTLS with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** A running mail server. */
export interface MailServer {
  readonly port: number
  readonly letters: readonly Arrived[]
  /** Every line that a client sent. */
  readonly heard: readonly string[]
  /** The next letter, or the one that has arrived already. */
  letter(index?: number): Promise<Arrived>
}

/** Starts it; it is closed when the test ends. */
export async function startMailServer({ mode = 'takes', tls }: MailServerOptions = {}): Promise<MailServer> {
  const letters: Arrived[] = []
  const heard: string[] = []
  const waiting: (() => void)[] = []
  const sockets = new Set<Socket>()

  function converse(socket: Socket, isSecure: boolean): void {
    let text = ''
    let from = ''
    let to: string[] = []
    let inData = false
    const answer = (line: string) => socket.write(`${line}\r\n`)
    const take = (source: string): void => {
      letters.push(parse(source, from, to))
      to = []
      for (const wake of waiting.splice(0)) wake()
    }
    const onLine = (line: string): void => {
      heard.push(line)
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO') {
        const offers = [
          tls !== undefined && !isSecure ? 'STARTTLS' : '',
          mode === 'refuses_sign_in' ? 'AUTH PLAIN' : '',
        ]
        for (const one of offers.filter(Boolean)) answer(`250-${one}`)
        answer('250 8BITMIME')
      } else if (verb === 'STAR' && tls !== undefined) {
        answer('220 go on')
        socket.removeAllListeners('data')
        const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(tls) })
        secure.on('error', () => socket.destroy())
        converse(secure, true)
      } else if (verb === 'STAR') answer('502 5.5.1 not here')
      else if (verb === 'AUTH') answer('535 5.7.8 no')
      else if (verb === 'MAIL') {
        from = /<(.*?)>/.exec(line)?.[1] ?? ''
        answer('250 ok')
      } else if (verb === 'RCPT') {
        if (mode === 'refuses_recipient') return void answer(`550 5.1.1 no ${line} here`)
        to.push(/<(.*?)>/.exec(line)?.[1] ?? '')
        answer('250 ok')
      } else if (verb === 'DATA') {
        inData = true
        answer('354 go on')
      } else if (verb === 'QUIT') {
        answer('221 bye')
        socket.end()
      } else answer('250 ok')
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (;;) {
        const end = inData ? text.indexOf('\r\n.\r\n') : text.indexOf('\r\n')
        if (end < 0) return
        const piece = text.slice(0, end)
        text = text.slice(end + (inData ? 5 : 2))
        if (inData) {
          inData = false
          take(piece)
          answer('250 taken')
        } else onLine(piece)
      }
    })
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    if (mode === 'silent') return
    if (mode === 'hangs_up') return void socket.destroy()
    converse(socket, false)
    socket.write('220 mail.example ready\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    letters,
    heard,
    async letter(index = 0) {
      for (;;) {
        const found = letters[index]
        if (found !== undefined) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}

function parse(source: string, from: string, to: readonly string[]): Arrived {
  const [head = '', ...rest] = source.split('\r\n\r\n')
  const headers = headersOf(head)
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1] ?? ''
  const parts = rest
    .join('\r\n\r\n')
    .split(`--${boundary}`)
    .map((part) => part.replace(/^\r\n/, ''))
    .filter((part) => /content-type/i.test(part))
    .map((part): [string, string] => {
      const [own = '', ...body] = part.split('\r\n\r\n')
      const type = headersOf(own).get('content-type')?.split(';')[0] ?? ''
      return [type, decode(body.join('\r\n\r\n'), headersOf(own).get('content-transfer-encoding') ?? '')]
    })
  return { from, to: [...to], source, headers, parts: new Map(parts) }
}

function headersOf(text: string): ReadonlyMap<string, string> {
  const lines = text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')
  return new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      decodeWords(line.slice(line.indexOf(':') + 1).trim()),
    ]),
  )
}

// RFC 2047
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?= =\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([QB])\?(.*?)\?=/gi, (_all, kind: string, word: string) =>
      decode(
        kind.toUpperCase() === 'Q' ? word.replaceAll('_', ' ') : word,
        kind.toUpperCase() === 'Q' ? 'quoted-printable' : 'base64',
      ),
    )
}

function decode(text: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return Buffer.from(text, 'latin1').toString('utf8')
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
