import type Router from '@koa/router'
import type { Context } from 'koa'
import { allowForEveryone } from '../clients/approvals/decide.ts'
import { addClient, blockClient, changeable, removeClient, unblockClient } from '../clients/change.ts'
import type { Client } from '../clients/client.ts'
import { setIntrospects } from '../clients/introspects/set.ts'
import type { Resource } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import type { PageLocals } from '../web/render.ts'
import { validate } from '../web/validate.ts'
import { introspectChoices, showClient } from './client-detail.ts'
import {
  blankClient,
  type ClientFault,
  type ClientFields,
  clientChoices,
  clientDraft,
  clientFieldsSchema,
  identifiersOf,
  readClientFields,
} from './client-form.ts'
import { clientPath, showClients } from './client-list.ts'
import { requireTyped } from './client-removal.ts'
import { type AdminRoutesDeps, authorOf } from './console.ts'

interface NewClientPage extends PageLocals {
  readonly fields: ClientFields
  readonly choices: typeof clientChoices
  readonly resources: readonly Resource[]
  readonly faults: readonly string[]
}

interface SecretPage extends PageLocals {
  readonly client: Client
  readonly secret: string | undefined
}

/** `/admin/clients`: list, one client, block, allow, remove, add by hand. Ids of documents are URLs, so they travel as fields. */
export function clientPages(router: Router, deps: AdminRoutesDeps): void {
  const { clientDesk: desk } = deps
  // G22: what follows shows a secret; who left the browser an hour ago signs in again, before anything is typed.
  const recent = requireRecentSignIn(10, { form: () => '/admin/clients/new', clock: deps.clock })

  router.get('/clients', (ctx) => showClients(ctx, deps))
  router.get('/clients/show', (ctx) => showClient(ctx, deps))
  router.get('/clients/new', recent, (ctx) => showForm(ctx, deps, fieldsFor(ctx.URL.searchParams.get('introspects'))))
  router.post('/clients', recent, (ctx) => add(ctx, deps))

  router.post('/clients/block', async (ctx) => {
    const id = (await readForm(ctx)).get('client_id') ?? ''
    await blockClient(desk, id, authorOf(ctx))
    seeOther(ctx, `${clientPath(id)}&done=blocked`)
  })

  router.post('/clients/unblock', async (ctx) => {
    const id = (await readForm(ctx)).get('client_id') ?? ''
    await unblockClient(desk, id, authorOf(ctx))
    seeOther(ctx, `${clientPath(id)}&done=unblocked`)
  })

  router.post('/clients/allow', async (ctx) => {
    const id = (await readForm(ctx)).get('client_id') ?? ''
    await allowForEveryone(desk, id, authorOf(ctx))
    seeOther(ctx, `${clientPath(id)}&done=allowed`)
  })

  router.post('/clients/introspects', async (ctx) => {
    const form = await readForm(ctx)
    const client = await changeable(desk, form.get('client_id') ?? '')
    const choices = introspectChoices(client, await deps.resources.store.list())
    const chosen = identifiersOf(form.getAll('introspects'), choices)
    await setIntrospects(desk, client.id, chosen, authorOf(ctx))
    seeOther(ctx, `${clientPath(client.id)}&done=introspects`)
  })

  router.post('/clients/remove', async (ctx) => {
    const form = await readForm(ctx)
    const client = await changeable(desk, form.get('client_id') ?? '')
    requireTyped(client, form.get('confirm') ?? '')
    await removeClient(desk, client.id, authorOf(ctx))
    seeOther(ctx, '/admin/clients?done=removed')
  })
}

/** A new client; of a server's page, one that shall ask about the server's tokens. */
function fieldsFor(server: string | null): ClientFields {
  return server === null ? blankClient : { ...blankClient, kind: 'machine', introspects: [server] }
}

async function add(ctx: Context, deps: AdminRoutesDeps): Promise<void> {
  const fields = readClientFields(await readForm(ctx))
  const checked = validate(clientFieldsSchema, fields)
  if (!checked.ok) return showForm(ctx, deps, fields, Object.values(checked.faults))
  const draft = clientDraft(checked.value, await deps.resources.store.list())
  if (typeof draft === 'string') return showForm(ctx, deps, fields, [draft])
  try {
    const { client, madeSecret } = await addClient(deps.clientDesk, draft, authorOf(ctx))
    showSecret(ctx, client, madeSecret)
  } catch (error) {
    if (error instanceof AppError && error.code === 'client_exists') return showForm(ctx, deps, fields, ['taken'])
    // What a client may be is said by its room, in words for the operator.
    if (error instanceof AppError && error.code === 'invalid_client')
      return showForm(ctx, deps, fields, [error.message])
    throw error
  }
}

// The answer to the post itself, not a redirect: the secret is shown once and stored nowhere it could be fetched again.
function showSecret(ctx: Context, client: Client, secret: string | undefined): void {
  const { title } = ctx.state.messages.adminClients.added
  const page: SecretPage = { title, page: 'client', area: 'admin', here: '/admin/clients', client, secret }
  ctx.state.render(ctx, 'admin/client-added', page)
}

async function showForm(
  ctx: Context,
  deps: AdminRoutesDeps,
  fields: ClientFields,
  faults: readonly string[] = [],
): Promise<void> {
  const { form } = ctx.state.messages.adminClients
  const page: NewClientPage = {
    title: form.title,
    page: 'client',
    area: 'admin',
    here: '/admin/clients/new',
    fields,
    choices: clientChoices,
    resources: await deps.resources.store.list(),
    faults: faults.map((fault) => (isFault(fault, form.faults) ? form.faults[fault] : fault)),
  }
  ctx.state.render(ctx, 'admin/client-new', page, faults.length === 0 ? 200 : 400)
}

function isFault(text: string, words: Readonly<Record<ClientFault, string>>): text is ClientFault {
  return Object.hasOwn(words, text)
}
