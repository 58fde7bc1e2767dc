#!/usr/bin/env node
// The program `sallyport`.
import { run } from './program.ts'

// Files are for this user alone: the database, its logs, the secret.
process.umask(0o077)
process.exitCode = await run(process.argv.slice(2))
