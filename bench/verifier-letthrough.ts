// Speed is worth nothing without what is checked for it: tokens that no resource server should take, and who takes them.
import { base64url } from 'jose'
import { printTable } from './report.ts'
import type { Contender, Issuer } from './verifier-contenders.ts'

/** Prints, for each verifier, which bad tokens it accepts. @throws Error when one refuses a good token: then it is set up wrong */
export async function listLetThrough(contenders: readonly Contender[], issuer: Issuer): Promise<void> {
  const { audience, mint } = issuer
  const now = Math.floor(Date.now() / 1000)
  const [head = '', body = '', signature = ''] = (await mint({})).split('.')
  const forged = base64url.encode(new TextDecoder().decode(base64url.decode(body)).replace('account-', 'admin-'))
  const bad: Readonly<Record<string, string>> = {
    forged: `${head}.${forged}.${signature}`,
    'for another': await mint({ aud: 'https://other.example/mcp' }),
    expired: await mint({ iat: now - 900, exp: now - 600 }),
    'typ JWT': await mint({}, { typ: 'JWT' }),
    'several audiences': await mint({ aud: [audience, 'https://other.example/mcp'] }),
    'ten years': await mint({ exp: now + 315_360_000 }),
    'issued in a day': await mint({ iat: now + 86_400, exp: now + 86_700 }),
    'no exp': await mint({ exp: undefined }),
    'bound to a key': await mint({ cnf: { jkt: 'A'.repeat(43) } }),
    '1 MB': await mint({ filler: 'x'.repeat(1_000_000) }),
  }
  process.stdout.write('\nWhat each lets through (ES256), set up as in the tables above\n')
  const rows: string[][] = []
  for (const contender of contenders) {
    if (!(await accepts(contender, await mint({})))) throw new Error(`${contender.name} refuses a good token`)
    const taken: string[] = []
    for (const [name, token] of Object.entries(bad)) if (await accepts(contender, token)) taken.push(name)
    rows.push([contender.name, taken.length === 0 ? 'none of them' : taken.join(', ')])
  }
  printTable(['verifier', `accepts, of ${Object.keys(bad).join(', ')}`], rows)
}

async function accepts({ verify }: Contender, token: string): Promise<boolean> {
  try {
    await verify(token)
    return true
  } catch {
    return false
  }
}
