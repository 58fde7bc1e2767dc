import type Router from '@koa/router'
import type { Resource } from '../resources/resource.ts'
import type { PageLocals } from '../web/render.ts'
import type { AdminRoutesDeps } from './console.ts'

interface Hint {
  readonly label: string
  readonly value: string
}

interface HomePage extends PageLocals {
  readonly steps: readonly {
    readonly done: boolean
    readonly title: string
    readonly text: string
    readonly href: string | undefined
  }[]
  readonly addresses: readonly Hint[]
  readonly connect: { readonly resource: Resource; readonly hints: readonly Hint[] } | undefined
}

/** `/admin`: what is still to do until the first client works, and every address that somebody has to copy. */
export function homePage(router: Router, deps: AdminRoutesDeps): void {
  router.get('/', async (ctx) => {
    const [resources, clients, consents] = await Promise.all([
      deps.resources.store.list(),
      deps.clients.list({ limit: 1 }),
      deps.consents.list({ limit: 1, withRevoked: true }),
    ])
    const [first] = resources
    const page: HomePage = {
      title: 'Home',
      page: 'home',
      area: 'admin',
      steps: stepsOf(first !== undefined, clients.length > 0, consents.length > 0),
      addresses: addressesOf(deps.issuer),
      connect: first === undefined ? undefined : { resource: first, hints: connectHints(first) },
    }
    ctx.state.render(ctx, 'admin/home', page)
  })
}

function stepsOf(hasResource: boolean, hasClient: boolean, hasConsent: boolean): HomePage['steps'] {
  return [
    {
      done: hasResource,
      title: 'Add your MCP server',
      text: 'Its address, and the permissions it knows in words for people.',
      href: '/admin/resources/new',
    },
    {
      done: hasClient,
      title: 'Connect a client to it',
      text: 'Give the client the address of the MCP server; it registers here by itself.',
      href: undefined,
    },
    {
      done: hasConsent,
      title: 'Allow it',
      text: 'The client opens a page of this server, where a person signs in and allows or denies.',
      href: undefined,
    },
  ]
}

/** Every address of this server that somebody may have to type in, computed from the issuer alone (RFC 8414 §3.1). */
function addressesOf(issuer: string): readonly Hint[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname === '/' ? '' : pathname
  return [
    { label: 'Issuer', value: issuer },
    { label: 'Metadata', value: `${origin}/.well-known/oauth-authorization-server${path}` },
    { label: 'Keys', value: `${origin}${path}/jwks` },
    { label: 'Line for the protected resource metadata', value: `"authorization_servers": ["${issuer}"]` },
  ]
}

function connectHints({ name, identifier }: Resource): readonly Hint[] {
  const short =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'mcp'
  return [
    { label: 'Claude Code', value: `claude mcp add --transport http ${short} ${identifier}` },
    { label: 'Claude, ChatGPT, Cursor: add a connector with this address', value: identifier },
    { label: 'VS Code', value: `code --add-mcp '${JSON.stringify({ name: short, type: 'http', url: identifier })}'` },
    { label: 'Inspector', value: `npx @modelcontextprotocol/inspector --transport http --server-url ${identifier}` },
  ]
}
