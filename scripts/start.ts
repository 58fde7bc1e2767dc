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

// In this very process: signals of npm, a service manager or a container reach the server without a middleman.
const main = new URL('../dist/main.js', import.meta.url)
await import(main.href)
