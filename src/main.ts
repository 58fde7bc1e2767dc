// The server as a process: what `npm start` and the image run. The same as `sallyport serve`.
import { run } from './cli/program.ts'

process.umask(0o077)
process.exitCode = await run(['serve'])
