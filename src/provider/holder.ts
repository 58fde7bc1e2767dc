import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'

/** The provider in force. Signing keys change by building a new one and swapping it here, without a restart. */
export interface ProviderHolder {
  /** The provider of this moment. */
  current(): Provider
  /** Its request handler, made once for each provider. */
  handle(req: IncomingMessage, res: ServerResponse): void
  /** Puts another provider in force; requests in progress end on the one they began on. */
  swap(provider: Provider): void
}

/** Makes a holder around the first provider. */
export function createProviderHolder(first: Provider): ProviderHolder {
  let provider = first
  let handler = first.callback()
  return {
    current: () => provider,
    handle: (req, res) => void handler(req, res),
    swap(next) {
      provider = next
      handler = next.callback()
    },
  }
}
