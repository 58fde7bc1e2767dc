#!/usr/bin/env node
// The program `sallyport`.
import { run } from './program.ts'

// Files are for this user alone: the database, its logs, the secret.
process.umask(0o077)
// `sallyport audit list | head`: the reader went away, which is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await run(process.argv.slice(2))
