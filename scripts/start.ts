// `npm start`: builds when there is no build or a source is younger, then becomes the server.
import { existsSync } from 'node:fs'
import { compile, isCompiled } from './compile.ts'

// In an installed copy or an image there are no sources, and nothing to build.
if (existsSync(new URL('../tsconfig.build.json', import.meta.url)) && !isCompiled()) {
  process.stderr.write('building (once, a few seconds) …\n')
  try {
    compile()
  } catch {
    process.stderr.write(
      'sallyport: the build failed\nhint: run `npm ci` again, then `npm run build` to see the fault\n',
    )
    process.exit(1)
  }
}

// npm starts a shell that starts us, and hands a signal to the shell alone, which dies of it. Who loses the shell was meant.
const shell = process.ppid
setInterval(() => {
  if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM')
}, 500).unref()

// In this very process: what a service manager or a container sends to it reaches the server without a middleman.
const main = new URL('../dist/main.js', import.meta.url)
await import(main.href)
