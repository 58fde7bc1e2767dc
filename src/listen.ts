import type { Server } from 'node:http'
import type { Config } from './config/config.ts'

// Ours: how long requests in progress may take after SIGTERM (K28); below the 9.5 s after which the process ends anyway.
const drainMilliseconds = 8_000

/** Listens where the settings say. @returns where, for example `http://127.0.0.1:8414` */
export async function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>): Promise<{ url: string }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server.off('error', reject) && undefined))
  })
  const address = server.address()
  const heardOn = typeof address === 'object' && address !== null ? address.port : port
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${heardOn}` }
}

/** Takes no new connection, lets requests in progress end, and cuts off what has not ended in eight seconds (K28). */
export async function drain(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), drainMilliseconds)
  // A connection becomes idle when its last request is answered, and would be kept for the next one that must not come.
  const looking = setInterval(() => server.closeIdleConnections(), 100)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearTimeout(late)
  clearInterval(looking)
}
