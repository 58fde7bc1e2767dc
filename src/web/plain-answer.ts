import type { ServerResponse } from 'node:http'

/** Answers in one line of our own and ends the connection: for what is refused before its body was read. */
export function answerPlainly(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // The body was not read, and would be taken for the next request.
    Connection: 'close',
  })
  res.end(`${text}\n`)
}
