// Room: clients/introspects. About the tokens of which MCP servers an operator's client may ask at /introspect (RFC 7662): the rule for
// it, the act of console and command line, who may ask for a server. Serves no path; the answer is provider/introspection.ts.
import { canonicalResource } from '../../oauth/resource-uri.ts'
import type { AppError } from '../../runtime/app-error.ts'
import type { Client } from '../client.ts'

/** How many MCP servers one client may ask about; the file has the same bound. */
const most = 100

/**
 * Reads the MCP servers that a client shall ask about.
 *
 * @param refuse makes the error of a reason, in words for the operator
 * @returns canonical identifiers, each once, sorted
 */
export function introspectedOf(
  texts: readonly string[],
  { token_endpoint_auth_method }: Pick<Client['metadata'], 'token_endpoint_auth_method'>,
  refuse: (reason: string) => AppError,
): readonly string[] {
  const identifiers = texts.map((text) => {
    const identifier = canonicalResource(text)
    if (identifier === null) throw refuse(`${text} is not the identifier of a resource`)
    return identifier
  })
  if (identifiers.length > most) throw refuse(`introspects has more than ${most} servers`)
  // RFC 7662 §4: whoever asks must be known.
  if (identifiers.length > 0 && token_endpoint_auth_method === 'none') {
    throw refuse('introspects needs a client that can prove itself')
  }
  return [...new Set(identifiers)].sort()
}
