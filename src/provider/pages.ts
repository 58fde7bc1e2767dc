import type { Context } from 'koa'
import { type Configuration, errors } from 'oidc-provider'
import type { Client } from '../clients/client.ts'
import { type ErrorFacts, errorPage } from '../web/error-page.ts'
import type { RenderRefusal } from './authorize-request.ts'

/** What the error pages may know of the client that sent the person here. */
export interface PageLookups {
  /** The client in whichever state, removed ones included. */
  readonly anyClient: (clientId: string) => Promise<Client | null>
}

type Words = Pick<ErrorFacts, 'heading' | 'message' | 'steps'>

const words: Readonly<Record<string, Words>> = {
  invalid_client: {
    heading: 'This client is not known here',
    message: 'The program that sent you here uses a registration that this server does not have.',
    steps: [
      'Go back to the program, remove this connection there and add it again: it will register anew.',
      'If it was set up by hand, check its client id with the administrator of this server.',
    ],
  },
  removed: {
    heading: 'This client was removed from this server',
    message: 'The program that sent you here still uses a registration that has been removed.',
    steps: [
      'Go back to the program, remove or sign out of this connection there, and connect again: it will register anew.',
    ],
  },
  blocked: {
    heading: 'This client is blocked',
    message: 'An administrator of this server has blocked the program that sent you here.',
    steps: ['If you need it, ask the administrator of this server.'],
  },
  invalid_redirect_uri: {
    heading: 'This request would send you somewhere else',
    message: 'The address to which the answer should go is not one that this client has registered.',
    steps: ['Nothing was sent anywhere. Close this page and start again from the program you were using.'],
  },
  invalid_target: {
    heading: 'This MCP server is not known here',
    message: 'The program asked for access to an MCP server that is not registered with this authorization server.',
    steps: ['An administrator can add it under «MCP servers», also under the other spellings that clients use.'],
  },
  invalid_scope: {
    heading: 'This permission does not exist',
    message: 'The program asked for permissions that the MCP server does not have.',
  },
  access_denied: { heading: 'You said no', message: 'Nothing was allowed and nothing was shared.' },
  login_required: { message: 'The program asked for an answer without a page, but you are not signed in here.' },
  consent_required: { message: 'The program asked for an answer without a page, but you have not allowed this yet.' },
  session_not_found: {
    heading: 'This page has had its time',
    message: 'The request behind it is finished, has expired, or was begun in another browser.',
    steps: ['Go back to the program you were using and connect again.'],
  },
  already_answered: {
    heading: 'This was answered already',
    message: 'Another tab of this browser has finished this request.',
    steps: ['Go back to the program; if it is not connected, connect again.'],
  },
  temporarily_unavailable: {
    message: 'The server cannot write at the moment, so nothing was allowed.',
    steps: ['Wait a moment and try again from the program you were using.'],
  },
  server_error: {
    heading: 'Something went wrong here',
    message: 'That was our fault; it has been written to the log.',
  },
}

const otherwise: Words = { message: 'The program that sent you here made a request that this server cannot answer.' }

/** Makes an error page for a code of ours or of the protocol. */
export function protocolErrorPage(ctx: Context, status: number, code: string, extra: Partial<ErrorFacts> = {}): void {
  errorPage(ctx, { code, status, ...otherwise, ...words[code], ...extra })
}

/**
 * The library's `renderError`: what cannot be sent back to a client ends here. A client that was removed is told apart
 * from one that never was, because the person can do something about it.
 */
export function createRenderError({ anyClient }: PageLookups): NonNullable<Configuration['renderError']> {
  return async function renderError(ctx, out, error) {
    // A second click on a link that was good once, the back button: the person did nothing wrong.
    if (error instanceof errors.SessionNotFound) return protocolErrorPage(ctx, ctx.status, 'session_not_found')
    const clientId: unknown = ctx.oidc.params?.client_id ?? ctx.query.client_id
    const known = typeof clientId === 'string' ? await anyClient(clientId) : null
    const special = out.error === 'invalid_client' ? stateWords(known) : undefined
    const technical = typeof out.error_description === 'string' ? [`For its developer: ${out.error_description}.`] : []
    const chosen = special ?? words[out.error] ?? otherwise
    protocolErrorPage(ctx, ctx.status, out.error, { ...chosen, steps: [...(chosen.steps ?? []), ...technical] })
  }
}

function stateWords(client: Client | null): Words | undefined {
  if (client === null) return undefined
  const name = `“${client.claimedName}”`
  if (client.state === 'removed') {
    return { ...words.removed, message: `${name} still uses a registration that has been removed.` } as Words
  }
  if (client.state === 'blocked') return words.blocked
  return undefined
}

/** The page between a refusal and a client that nobody vouched for: where it would go, and a link, no jump; or no link. */
export function createRenderRefusal({ anyClient }: PageLookups): RenderRefusal {
  return async function renderRefusal(ctx, { error, target }) {
    if (target === undefined) return protocolErrorPage(ctx, 400, error)
    const clientId: unknown = ctx.oidc?.entities.Client?.clientId
    const client = typeof clientId === 'string' ? await anyClient(clientId) : null
    const name = client === null ? 'the program' : `“${client.claimedName}”`
    const url = new URL(target)
    const place = url.host === '' ? url.protocol : url.host
    protocolErrorPage(ctx, 400, error, {
      continueTo: { href: target, label: `Back to ${name} at ${place}` },
    })
  }
}
