import { createServer } from 'node:net'

/** @throws Error that says which port is taken, with `consequence` */
export async function requireFreePort(port: number, consequence: string): Promise<void> {
  const probe = createServer()
  const isFree = await new Promise<boolean>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(new Error(`port ${port}: ${error.message}, ${consequence}`))
    })
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
  if (!isFree) throw new Error(`port ${port} is taken, ${consequence}`)
}
