import type Router from '@koa/router'
import type { Context } from 'koa'
import type { AuditEvent } from '../audit/events.ts'
import { type Client, redirectHosts } from '../clients/client.ts'
import { makeOperatorClient } from '../clients/operator-client.ts'
import { revokeAllOfClient } from '../consent/revoke.ts'
import { dayWords, type Moment } from '../consent/words.ts'
import type { Resource } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { validate } from '../web/validate.ts'
import {
  blankClient,
  type ClientFields,
  clientDraft,
  clientFieldsSchema,
  clientKinds,
  readClientFields,
} from './client-form.ts'
import { type AdminRoutesDeps, authorOf, confirmWord, requireConfirmed } from './console.ts'

const pageSize = 50

interface ClientRow {
  readonly id: string
  readonly claimedName: string
  readonly provenHost: string | null
  readonly origin: string
  readonly state: Client['state']
  readonly setByFile: boolean
  readonly redirectHosts: readonly string[]
  readonly created: Moment
}

interface ClientsPage extends PageLocals {
  readonly clients: readonly ClientRow[]
  readonly text: string
  /** Id of the last row when there are more. */
  readonly after: string | undefined
  readonly confirmWord: string
}

interface NewClientPage extends PageLocals {
  readonly fields: ClientFields
  readonly kinds: typeof clientKinds
  readonly resources: readonly Resource[]
  readonly faults: readonly string[]
}

interface SecretPage extends PageLocals {
  readonly client: Client
  readonly secret: string | undefined
}

const origins: Readonly<Record<Client['origin'], string>> = {
  document: 'by its document',
  registered: 'registered itself',
  operator: 'added here',
}

/** `/admin/clients`: list, block, unblock, remove, add by hand. Ids of documents are URLs, so they travel as fields. */
export function clientPages(router: Router, deps: AdminRoutesDeps): void {
  router.get('/clients', async (ctx) => {
    const text = (ctx.URL.searchParams.get('q') ?? '').slice(0, 200)
    const last = ctx.URL.searchParams.get('after')
    const after = last === null ? undefined : ((await deps.clients.find(last)) ?? undefined)
    const clients = await deps.clients.list({ text: text === '' ? undefined : text, after, limit: pageSize })
    const page: ClientsPage = {
      title: 'Clients',
      page: 'clients',
      area: 'admin',
      clients: clients.map(clientRow),
      text,
      after: clients.length === pageSize ? clients.at(-1)?.id : undefined,
      confirmWord,
    }
    ctx.state.render(ctx, 'admin/clients', page)
  })

  router.get('/clients/new', (ctx) => showForm(ctx, deps, blankClient))
  router.post('/clients', (ctx) => addClient(ctx, deps))

  router.post('/clients/block', async (ctx) => {
    const client = await changeable(deps, await readForm(ctx))
    const event: AuditEvent = { ...authorOf(ctx), type: 'client.blocked', clientId: client.id }
    await deps.clients.block(client.id, [deps.audit.statement(event)])
    seeOther(ctx, '/admin/clients')
  })

  router.post('/clients/unblock', async (ctx) => {
    const client = await changeable(deps, await readForm(ctx))
    const event: AuditEvent = { ...authorOf(ctx), type: 'client.unblocked', clientId: client.id }
    await deps.clients.unblock(client.id, [deps.audit.statement(event)])
    seeOther(ctx, '/admin/clients')
  })

  router.post('/clients/remove', async (ctx) => {
    const form = await readForm(ctx)
    const client = await changeable(deps, form)
    requireConfirmed(form)
    const author = authorOf(ctx)
    const detail = { origin: client.origin, clientName: client.claimedName }
    const event: AuditEvent = { ...author, type: 'client.removed', clientId: client.id, detail }
    // The client first: afterwards nothing new can be made of the consents that end next.
    await deps.clients.remove(client.id, [deps.audit.statement(event)])
    await revokeAllOfClient(deps.revocation, client.id, author)
    seeOther(ctx, '/admin/clients')
  })
}

async function addClient(ctx: Context, deps: AdminRoutesDeps): Promise<void> {
  const fields = readClientFields(await readForm(ctx))
  const checked = validate(clientFieldsSchema, fields)
  if (!checked.ok) return showForm(ctx, deps, fields, Object.values(checked.faults))
  const draft = clientDraft(checked.value, await deps.resources.store.list())
  if (typeof draft === 'string') return showForm(ctx, deps, fields, [draft])
  const present = await deps.clients.find(draft.clientId)
  if (present !== null && present.state !== 'removed') {
    return showForm(ctx, deps, fields, ['There is a client with this id already. Choose another one.'])
  }
  try {
    const { client, madeSecret } = makeOperatorClient(draft, deps.clock.now())
    const detail = {
      origin: client.origin,
      clientName: client.claimedName,
      redirectHosts: redirectHosts(client.metadata),
    }
    const event: AuditEvent = { ...authorOf(ctx), type: 'client.registered', clientId: client.id, detail }
    await deps.clients.save(client, [deps.audit.statement(event)])
    showSecret(ctx, client, madeSecret)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'invalid_client')) throw error
    return showForm(ctx, deps, fields, [error.message])
  }
}

// The answer to the post itself, not a redirect: the secret is shown once and stored nowhere it could be fetched again.
function showSecret(ctx: Context, client: Client, secret: string | undefined): void {
  const page: SecretPage = { title: 'Client added', page: 'client', area: 'admin', client, secret }
  ctx.state.render(ctx, 'admin/client-added', page)
}

async function showForm(
  ctx: Context,
  deps: AdminRoutesDeps,
  fields: ClientFields,
  faults: readonly string[] = [],
): Promise<void> {
  const page: NewClientPage = {
    title: 'Add a client',
    page: 'client',
    area: 'admin',
    fields,
    kinds: clientKinds,
    resources: await deps.resources.store.list(),
    faults,
  }
  ctx.state.render(ctx, 'admin/client-new', page, faults.length === 0 ? 200 : 400)
}

async function changeable(deps: AdminRoutesDeps, form: URLSearchParams): Promise<Client> {
  const client = await deps.clients.find(form.get('client_id') ?? '')
  if (client === null || client.state === 'removed') {
    throw new AppError('not_found', 404, 'This client is not registered here (any more).')
  }
  if (client.setByFile) {
    throw new AppError('set_by_file', 409, 'This client is set by the configuration file. Change it there.')
  }
  return client
}

function clientRow(client: Client): ClientRow {
  return {
    id: client.id,
    claimedName: client.claimedName,
    provenHost: client.provenHost,
    origin: origins[client.origin],
    state: client.state,
    setByFile: client.setByFile,
    redirectHosts: redirectHosts(client.metadata),
    created: dayWords(client.createdAt),
  }
}
