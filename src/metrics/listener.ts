import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { KeptMetrics } from './metrics.ts'

/** Where the metrics are read. */
export interface MetricsListener {
  listen(): Promise<{ readonly url: string }>
  close(): Promise<void>
}

/** What the listener needs. */
export interface MetricsListenerOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Pick<KeptMetrics, 'text' | 'contentType'>
  /** Told when the numbers could not be read. */
  readonly failed: (error: unknown) => void
}

/**
 * The listener of METRICS_PORT: `GET /metrics` and nothing else. No sign-in stands before it, so it listens on loopback unless
 * METRICS_HOST says otherwise, and what it answers holds no secret and nothing that a stranger wrote (threat K33).
 */
export function createMetricsListener({ host, port, metrics, failed }: MetricsListenerOptions): MetricsListener {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000, maxHeaderSize: 8192 }, (req, res) => {
    answer(req, res, metrics).catch((error: unknown) => {
      failed(error)
      if (!res.headersSent) res.writeHead(503, plain)
      res.end()
    })
  })
  // Ours: one Prometheus, and somebody who looks.
  server.maxConnections = 20
  return {
    listen: () => listenOn(server, host, port),
    async close() {
      if (!server.listening) return
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

const plain = { 'Content-Length': '0', 'Cache-Control': 'no-store' }

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  metrics: Pick<KeptMetrics, 'text' | 'contentType'>,
): Promise<void> {
  if (req.url !== '/metrics') return void res.writeHead(404, plain).end()
  if (req.method !== 'GET') return void res.writeHead(405, { ...plain, Allow: 'GET' }).end()
  const text = await metrics.text()
  const headers = {
    'Content-Type': metrics.contentType,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  }
  res.writeHead(200, headers).end(text)
}

async function listenOn(server: Server, host: string, port: number): Promise<{ url: string }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server.off('error', reject) && undefined))
  })
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics` }
}
