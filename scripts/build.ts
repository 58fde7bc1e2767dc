// `npm run build`: what the server and the verifier run from.
import { compile } from './compile.ts'

try {
  compile()
} catch {
  // The compiler has said what is wrong.
  process.exitCode = 1
}
