import type { Messages } from '../messages/messages.ts'

/** A program whose settings we can say something about. */
export interface ClientProgram {
  readonly key: keyof Messages['provider']['programs']
  readonly name: string
}

interface Mark extends ClientProgram {
  readonly claims: RegExp
  readonly redirects: RegExp
}

// What each registers, as of the payloads in test/fixtures. Both marks are needed: a name alone is a claim, and so is a
// loopback address. The advice is harmless where somebody lies, but must not make a stranger look known.
const marks: readonly Mark[] = [
  {
    key: 'claude',
    name: 'Claude',
    claims: /^claude(?:\.ai)?$/i,
    redirects: /^https:\/\/claude\.(?:ai|com)\/api\/mcp\/auth_callback$/,
  },
  {
    key: 'claudeCode',
    name: 'Claude Code',
    claims: /^claude code\b/i,
    redirects: /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?\/callback$/,
  },
  { key: 'chatgpt', name: 'ChatGPT', claims: /^chatgpt\b/i, redirects: /^https:\/\/chatgpt\.com\/connector/ },
  {
    key: 'vscode',
    name: 'VS Code',
    claims: /^(?:visual studio code|vs ?code)\b/i,
    redirects:
      /^(?:https:\/\/vscode\.dev\/redirect|vscode(?:-insiders)?:\/\/|http:\/\/(?:127\.0\.0\.1|localhost):33418\/?$)/,
  },
  {
    key: 'cursor',
    name: 'Cursor',
    claims: /^cursor\b/i,
    redirects: /^(?:cursor:\/\/anysphere\.|https:\/\/(?:www\.)?cursor\.com\/)/,
  },
  {
    key: 'inspector',
    name: 'MCP Inspector',
    claims: /^mcp inspector\b/i,
    redirects: /^http:\/\/(?:localhost|127\.0\.0\.1):6274\/oauth\/callback/,
  },
]

/** The program that a client seems to be, by its claimed name together with a registered redirect URI; else undefined. */
export function programOf(claimedName: string, redirectUris: readonly string[]): ClientProgram | undefined {
  return marks.find(
    ({ claims, redirects }) => claims.test(claimedName) && redirectUris.some((uri) => redirects.test(uri)),
  )
}

/**
 * The same for a client that is not registered here, as after a removal of its rows: by the redirect URI alone, and only
 * where that belongs to one program.
 */
export function programOfRedirect(redirectUri: string): ClientProgram | undefined {
  return marks.find(({ key, redirects }) => key !== 'claudeCode' && redirects.test(redirectUri))
}
