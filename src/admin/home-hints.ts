import type { Messages } from '../messages/messages.ts'
import { metadataUrls } from '../resources/protection.ts'
import type { Resource } from '../resources/resource.ts'

/** A text to copy, and what it is. */
export interface CopyableText {
  readonly name: string
  readonly value: string
}

/** How one client is connected. */
export interface ClientHint extends CopyableText {
  readonly text: string
}

/** Every address that somebody may have to type in, computed from issuer and identifier alone (RFC 8414 §3.1, RFC 9728 §3.1). */
export function addressesOf(
  words: Messages['adminHome'],
  issuer: string,
  chosen: Resource | undefined,
): readonly CopyableText[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname === '/' ? '' : pathname
  const own = [
    { name: words.connect.issuer, value: issuer },
    { name: words.connect.metadata, value: `${origin}/.well-known/oauth-authorization-server${path}` },
  ]
  if (chosen === undefined) return own
  return [
    { name: words.connect.server, value: chosen.identifier },
    ...own,
    { name: words.connect.serverMetadata, value: metadataUrls(chosen.identifier)[0] },
  ]
}

/** What each well-known client is told, typed or given. */
export function hintsOf(words: Messages['adminHome'], { name, identifier }: Resource): readonly ClientHint[] {
  const { clients } = words.connect
  const short =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'mcp'
  // An identifier may hold a quotation mark only percent-encoded, so it is one word to a shell when quoted.
  const address = /^[\w:/.~-]+$/.test(identifier) ? identifier : `'${identifier.replaceAll("'", '%27')}'`
  const json = JSON.stringify({ name: short, type: 'http', url: identifier }).replaceAll("'", '%27')
  return [
    { name: 'Claude Code', text: clients.claudeCode, value: `claude mcp add --transport http ${short} ${address}` },
    { name: 'Claude', text: clients.claude, value: identifier },
    { name: 'ChatGPT', text: clients.chatgpt, value: identifier },
    { name: 'VS Code', text: clients.vscode, value: `code --add-mcp '${json}'` },
    {
      name: 'Cursor',
      text: clients.cursor,
      value: JSON.stringify({ mcpServers: { [short]: { url: identifier } } }, null, 2),
    },
    {
      name: 'MCP Inspector',
      text: clients.inspector,
      value: `npx @modelcontextprotocol/inspector --transport http --server-url ${address}`,
    },
  ]
}
